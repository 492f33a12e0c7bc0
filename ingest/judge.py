"""Decides what one MQTT message is. Pure: bytes in, one of three outcomes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.ward.devices.refusal import NOBODY

MAX_DEVICE_NEWS_BYTES = 8192
"""Largest ``status`` or ``meta`` payload: Redis keeps them and every page reads them."""
RETAINED = (
    "a packet that the broker had kept from before, of unknown age; publish packets without the "
    "retain flag"
)

_log = logging.getLogger(__name__)


class AcceptedPacket(NamedTuple):
    """A valid packet. A named tuple is made in a third of the time, and each packet makes one.

    Attributes:
        device: device id.
        packet: the packet in canonical CBOR.
        boot: power-up that its samples count from.
        n0: index of its first sample.
        n1: one past that of its last.
        leads: names of its leads.
        fs: sampling rate, Hz.
        t0: device time of its first sample, Unix s.
    """

    device: str
    packet: bytes
    boot: str = ""
    n0: int = 0
    n1: int = 0
    leads: tuple[str, ...] = ()
    fs: float = 1.0
    t0: float = 0.0


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """A change of what a device publishes about itself, retained.

    Attributes:
        device: device id.
        kind: which of its two retained topics it came on.
        content: JSON object; None: the device has taken it back (empty payload).
    """

    device: str
    kind: Literal["status", "meta"]
    content: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that breaks a rule.

    Attributes:
        device: device id, or `NOBODY`.
        reason: short, stable word; see `WireError`.
        problem: text for the person who mends the device.
        whom: the device that it came from, where ``device`` stands for many.
    """

    device: str
    reason: str
    problem: str
    whom: str = ""


Judgement = AcceptedPacket | DeviceNews | Refusal


def judge(topic: str, payload: bytes, *, retained: bool = False) -> Judgement:
    """Judge one message published on ``topic``.

    Args:
        topic: where it was published.
        payload: its content.
        retained: the broker had kept it from before: a packet that is so old is no news of a heart.
    """
    split = keys.device_of_topic(topic)
    if split is None:
        return Refusal(
            NOBODY,
            "topic",
            f"topic: {topic[:100]!r} is not {keys.TOPIC_ROOT}/DEVICE/wave, status or meta with a "
            f"DEVICE of {keys.DEVICE_NAMES}",
        )
    device, leaf = split
    try:
        if retained and leaf == "wave":
            raise WireError("payload", "retained", RETAINED)
        return _judge(device, leaf, payload)
    except WireError as error:
        return Refusal(device, error.reason, str(error))
    except Exception:
        # A defect of ours. Without this, the message would come back after every restart and
        # stop all beds for the sake of one.
        _log.exception("cannot judge a message on %s", topic)
        return Refusal(device, "internal", "payload: could not be decoded; this is a defect")


def _judge(device: str, leaf: str, payload: bytes) -> Judgement:
    if leaf == "wave":
        packet, canonical = wire.read_canonical(payload, device)
        return AcceptedPacket(
            *(device, canonical, packet.boot, packet.n0, packet.n1),
            *(packet.leads, packet.fs, packet.t0),
        )
    if leaf == "status":
        return DeviceNews(device, "status", _status(payload))
    if leaf == "meta":
        return DeviceNews(device, "meta", _object(payload))
    return Refusal(device, "topic", f"topic: {leaf!r} is not wave, status or meta")


def _status(payload: bytes) -> dict[str, Any] | None:
    status = _object(payload)
    if status is not None and status.get("state") not in ("online", "offline"):
        raise WireError("state", "range", "must be 'online' or 'offline'")
    return status


def _object(payload: bytes) -> dict[str, Any] | None:
    if not payload:
        return None
    if len(payload) > MAX_DEVICE_NEWS_BYTES:
        raise WireError("payload", "size", f"{len(payload)} bytes; at most {MAX_DEVICE_NEWS_BYTES}")
    try:
        content = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise WireError("payload", "encoding", f"is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise WireError("payload", "type", "must be a JSON object")
    return content
