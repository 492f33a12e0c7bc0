"""What was lost or doubled, found from what is kept: every packet, every event, every alert.

The analysis is deterministic: what is stored, analysed anew, must give the events committed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

from detector.analyzer.analyzer import Analyzer
from ecg_monitor.core import keys, wire
from ecg_monitor.core.remote.streams import read_range
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet, alert_id, event_to_map


@dataclass(frozen=True, slots=True)
class Account:
    """What was lost or doubled in a partition.

    Attributes:
        samples: samples stored.
        samples_lost: samples between the first and the last of a device that are not stored.
        events: events committed.
        events_lost: events that the stored packets give and that were not committed.
        events_doubled: events committed more often than the packets give them.
        alerts: alerts raised.
        alerts_lost: alarms among the expected events that raised no alert.
        alerts_doubled: entries in the trail that raise what was raised before.
    """

    samples: int
    samples_lost: int
    events: int
    events_lost: int
    events_doubled: int
    alerts: int
    alerts_lost: int
    alerts_doubled: int


async def account(client: Store, partition: int = 0) -> Account:
    """Count what one partition keeps.

    Raises:
        StoreError: Redis does not answer.
    """
    packets: list[Packet] = []
    async for _, fields in read_range(client, keys.wave(partition)):
        packets.append(wire.read(fields[b"p"], fields[b"d"].decode()))
    stored, lost = _samples(packets)
    committed: Counter[bytes] = Counter()
    async for _, fields in read_range(client, keys.events(partition)):
        for event in orjson.loads(fields[b"j"]):
            committed[_name(fields[b"d"].decode(), fields[b"b"].decode(), event)] += 1
    expected: Counter[bytes] = Counter()
    for output in Analyzer().feed(packets):
        for one in output.events:
            expected[_name(output.device, output.signature.boot, event_to_map(one))] += 1
    raised: Counter[str] = Counter()
    async for _, fields in read_range(client, keys.alertlog(partition)):
        if orjson.loads(fields[b"e"])["what"] == "raised":
            raised[orjson.loads(fields[b"j"])["id"]] += 1
    alarms = {key for key in map(_alarm, expected) if key is not None}
    return Account(
        samples=stored,
        samples_lost=lost,
        events=committed.total(),
        events_lost=(expected - committed).total(),
        events_doubled=(committed - expected).total(),
        alerts=raised.total(),
        alerts_lost=len(alarms - raised.keys()),
        alerts_doubled=raised.total() - len(raised),
    )


def _samples(packets: list[Packet]) -> tuple[int, int]:
    """Return how many samples are there, and how many are missing between them."""
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for packet in packets:
        spans.setdefault((packet.device, packet.boot), []).append((packet.n0, packet.n1))
    stored = lost = 0
    for pieces in spans.values():
        reached = min(pieces)[0]
        for n0, n1 in sorted(pieces):
            lost += max(0, n0 - reached)
            stored += max(0, n1 - max(n0, reached))
            reached = max(reached, n1)
    return stored, lost


def _name(device: str, boot: str, event: dict[str, Any]) -> bytes:
    # A device that was started anew may play the same signal: that is no double.
    return orjson.dumps([device, boot, event], option=orjson.OPT_SORT_KEYS)


def _alarm(name: bytes) -> str | None:
    device, boot, event = orjson.loads(name)
    if event["type"] != "alarm" or not event["present"]:
        return None
    return alert_id(device, boot, event["kind"], event["n"])
