"""Where minutes lie in Redis, and how they are read back.

``ecg:{p}:trend:{device}`` and ``ecg:{p}:beats:{device}`` are sorted sets: a member is the bytes of
a minute (of its numbers, of its beats), its score the Unix time at which the minute began. The hash
``ecg:{p}:trendnow`` holds the minutes of each device that are not over yet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import cbor2
import numpy as np
import numpy.typing as npt

from ecg_monitor.core import keys
from ecg_monitor.core.errors import TrendError
from ecg_monitor.core.store import Store
from ecg_monitor.ward.trends.fold import KeptMinute
from ecg_monitor.ward.trends.minute import (
    ANOMALY_STEPS,
    LABELS,
    NO_ANOMALY,
    Minute,
    MinuteBeats,
    first_sample,
    pack,
    pack_beats,
    unpack,
    unpack_beats,
)


class TimedMinute(NamedTuple):
    """A minute and when it began, Unix s."""

    at: float
    minute: Minute


class KeptBeat(NamedTuple):
    """A beat as it is kept.

    Attributes:
        at: Unix time of the R peak, s.
        boot: power-up of the device.
        n: sample index of the R peak.
        label: AAMI class.
        rr_s: RR interval before it, s; None after a gap.
        anomaly: 0 .. 1, or None.
    """

    at: float
    boot: str
    n: int
    label: str
    rr_s: float | None
    anomaly: float | None


def pack_running(start: float, minutes: Iterable[KeptMinute]) -> bytes:
    """Return minutes that are not over, as they are kept in the hash.

    Args:
        start: Unix time of sample 0, s.
        minutes: the minutes.
    """
    return cbor2.dumps([[start + _begins_s(m.numbers), *parts(m)] for m in minutes])


def parts(minute: KeptMinute) -> tuple[bytes, bytes]:
    """Return the bytes of a minute's numbers and beats."""
    return pack(minute.numbers), pack_beats(minute.beats)


def _begins_s(minute: Minute) -> float:
    return minute.first_n / minute.fs


async def read_trend(
    store: Store, partition: int, device: str, since: float, until: float
) -> list[TimedMinute]:
    """Return the minutes of a device that began in a span of time, in order of time.

    Args:
        store: client of Redis.
        partition: of the device.
        device: device id.
        since: Unix time, s.
        until: Unix time, s.

    Raises:
        TrendError: a minute is damaged.
        StoreError: Redis does not answer.
    """
    rows: Any = await store.zrange(
        keys.trend(partition, device), since, until, byscore=True, withscores=True
    )
    found = {_identity(one): TimedMinute(at, one) for one, at in ((unpack(b), t) for b, t in rows)}
    for at, numbers, _ in await _running(store, partition, device):
        one = unpack(numbers)
        if since <= at <= until:
            found.setdefault(_identity(one), TimedMinute(at, one))
    return sorted(found.values(), key=lambda row: row.at)


async def read_beats(
    store: Store, partition: int, device: str, since: float, until: float = math.inf
) -> list[KeptBeat]:
    """Return the beats of a device in a span of time, in order of time; see `read_trend`."""
    rows: Any = await store.zrange(
        keys.beats(partition, device), since - 60, until, byscore=True, withscores=True
    )
    minutes = {}
    for blob, at in rows:
        minute = unpack_beats(blob)
        minutes[_identity(minute)] = (at, minute)
    for at, _, blob in await _running(store, partition, device):
        minute = unpack_beats(blob)
        minutes.setdefault(_identity(minute), (at, minute))
    found = [beat for at, minute in minutes.values() for beat in _beats(at, minute)]
    return sorted(beat for beat in found if since <= beat.at <= until)


async def read_longest_rr(
    store: Store, partition: int, device: str, since: float, until: float
) -> tuple[float, float] | None:
    """Return the longest RR interval among the minutes that began in a span of time, half open.

    Args:
        store: client of Redis.
        partition: of the device.
        device: device id.
        since: Unix time, s.
        until: Unix time, s: what begins then is somebody else's.

    Returns:
        its length in s, and when the minute that holds its end began (Unix s); None if none is
        known.

    Raises:
        TrendError: a minute is damaged.
        StoreError: Redis does not answer.
    """
    rows: Any = await store.zrange(
        keys.beats(partition, device), since, until, byscore=True, withscores=True
    )
    rows += [(blob, at) for at, _, blob in await _running(store, partition, device)]
    longest = (
        (int(table["rr_ms"].max()), at)
        for blob, at in rows
        if since <= at < until and len(table := unpack_beats(blob).beats)
    )
    rr_ms, at = max(longest, default=(0, 0.0))
    return (rr_ms / 1000, at) if rr_ms else None


async def _running(store: Store, partition: int, device: str) -> list[tuple[float, bytes, bytes]]:
    blob: Any = await store.hget(keys.trend_now(partition), device)
    if blob is None:
        return []
    try:
        return [(at, numbers, beats) for at, numbers, beats in cbor2.loads(blob)]
    except (cbor2.CBORDecodeError, TypeError, ValueError) as error:
        raise TrendError(f"trend: the running minute is damaged: {error}") from error


def _identity(minute: Minute | MinuteBeats) -> tuple[str, int]:
    return minute.boot, minute.number


def _beats(at: float, minute: MinuteBeats) -> list[KeptBeat]:
    first = first_sample(minute.number, minute.fs)
    table: npt.NDArray[np.void] = minute.beats
    return [
        KeptBeat(
            at + offset / minute.fs,
            minute.boot,
            first + offset,
            LABELS[label],
            rr_ms / 1000 if rr_ms else None,
            None if anomaly == NO_ANOMALY else anomaly / ANOMALY_STEPS,
        )
        for offset, rr_ms, label, anomaly in table.tolist()
    ]
