"""What is told to others about alerts: the retained MQTT state and the body of a webhook. Pure.

MQTT, topic ``ecg/v1/{device}/alert``, retained, QoS 1, JSON: the device's state *now*::

    {"v": 1, "device": "bed-01", "unit": {"id": "5c0ffee1", "name": "ICU 1"} or null,
     "at": 1700000000.0, "strongest": "high", "sounds": true, "paused_until": null, "standby": null,
     "alerts": [{facts and signals, see signals.Signal.to_map}],      those with a signal
     "event": {"entry": "1700000000000-0", "what": "raised", "who": "detector", ...}}

``standby`` is null or ``{"by", "at", "until", "reason", "phase"}``
(`ecg_monitor.ward.alerts.standby`): the patient is away, and nobody is monitored; technical alerts
are not among ``alerts`` then.

``event`` is the change that led to this message, or null where only time has passed (a delay or
a pause is over), the bed has been given to another care unit, or the state is told anew. Every
change is published, so a subscriber who stays sees each; one who comes later sees what holds.

Webhook, JSON::

    {"v": 1, "id": "3/1700000000000-0", "event": {"what": ..., "who": ..., "at": ...},
     "alert": {facts} or null, "unit": as above}

A message may come twice: ``id`` tells. Headers: ``X-ECG-Delivery`` (the same id),
``X-ECG-Timestamp`` (Unix s of the post) and, where a secret is set, ``X-ECG-Signature``:
``sha256=`` and the hex HMAC-SHA256 of timestamp, a full stop, and the body.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.signals import Activation, Signal, signals
from ecg_monitor.ward.alerts.standby import Phase
from ecg_monitor.ward.alerts.trail import Entry

VERSION = 1
State = dict[str, Any]
Fingerprint = tuple[bool, str, tuple[tuple[str, str, str], ...]]


def device_state(board: Board, device: str, policy: Policy, now: float) -> State:
    """Return the MQTT state of a device, without ``at`` and ``event``.

    Args:
        board: state of its partition.
        device: device id.
        policy: rules of handling.
        now: Unix time, s.
    """
    pause = board.pauses.get(device)
    standby = board.standbys.get(device)
    shown = active_signals(board, device, policy, now)
    loudest = max(shown, key=lambda one: one.record.alert.rank, default=None)
    return {
        "v": VERSION,
        "device": device,
        "strongest": None if loudest is None else loudest.record.alert.priority,
        "sounds": any(one.audio is Activation.ON for one in shown),
        "paused_until": pause.until if pause is not None and now < pause.until else None,
        "standby": None if standby is None else standby.to_map(now),
        "alerts": [one.to_map() for one in shown],
    }


def fingerprint(board: Board, device: str, policy: Policy, now: float) -> Fingerprint:
    """Return what tells, at little cost, whether a device's state has changed with time."""
    pause = board.pauses.get(device)
    paused = pause is not None and now < pause.until
    standby = board.standbys.get(device)
    phase = Phase.OFF if standby is None else standby.phase(now)
    shown = active_signals(board, device, policy, now)
    return paused, phase, tuple((one.record.alert.id, one.presence, one.why) for one in shown)


def active_signals(board: Board, device: str, policy: Policy, now: float) -> list[Signal]:
    """Return the signals of a device's alerts that are not off, oldest first."""
    pause, standby = board.pauses.get(device), board.standbys.get(device)
    found = signals(board.of_device(device), pause, policy, now, standby)
    return [one for one in found if one.presence is not Presence.OFF]


def webhook_body(identity: str, entry: Entry) -> dict[str, Any]:
    """Return the body of a webhook post for one change."""
    return {
        "v": VERSION,
        "id": identity,
        "event": entry.to_map(),
        "alert": None if entry.alert is None else entry.alert.to_map(),
    }


def webhook_headers(identity: str, body: bytes, secret: str, now: float) -> dict[str, str]:
    """Return the headers of a webhook post.

    Args:
        identity: id of the delivery.
        body: bytes of the body.
        secret: key of the signature; empty: no signature.
        now: Unix time, s.
    """
    timestamp = str(int(now))
    headers = {
        "Content-Type": "application/json",
        "X-ECG-Delivery": identity,
        "X-ECG-Timestamp": timestamp,
    }
    if secret:
        headers["X-ECG-Signature"] = signature(secret, timestamp, body)
    return headers


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body; compare with `hmac.compare_digest`."""
    text = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
