"""One minute of a patient: its numbers, its beats, and their bytes in Redis. Pure.

Numbers are CBOR of about 50 bytes, and 10 per lead with an ST level. A beat is 8 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import cbor2
import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import TrendError

MINUTE_S = 60.0
LABELS = ("N", "S", "V", "F", "Q")
QUALITIES = ("good", "poor", "flat", "leadoff")
VERSION = 2
BEATS_VERSION = 1
_BARE = 2
"""Fields that version 1 had not: PR and QT, the last ones."""

BEAT = np.dtype([("offset", "<u4"), ("rr_ms", "<u2"), ("label", "u1"), ("anomaly", "u1")])
"""A beat: samples since the minute began, RR interval before it in ms (0: none in the same unbroken
stretch), index into `LABELS`, anomaly score in steps of 1/250 (255: none)."""
NO_ANOMALY = 255
ANOMALY_STEPS = 250


@dataclass(frozen=True, slots=True)
class Minute:
    """Numbers of one minute.

    Attributes:
        boot: power-up of the device.
        number: minutes since power-up, by sample index.
        fs: sampling rate of the device, Hz.
        heart_rate: median, least and greatest rate told in it, bpm, or None.
        counts: beats by class, in the order of `LABELS`.
        anomaly: mean and greatest anomaly score, 0 .. 1, or None.
        unusual: beats with an anomaly score of 0.5 or more.
        quality: seconds by signal quality, in the order of `QUALITIES`; their sum is how many
            seconds were monitored.
        af_s: seconds in which the alarm of atrial fibrillation was present.
        st_mv: median ST level by lead, mV.
        qrs_ms: median QRS width, or None.
        qtc_ms: median corrected QT interval, or None.
        pr_ms: median PR interval, or None.
        qt_ms: median QT interval, or None.
    """

    boot: str
    number: int
    fs: float
    heart_rate: tuple[float, float, float] | None
    counts: tuple[int, ...]
    anomaly: tuple[float, float] | None
    unusual: int
    quality: tuple[int, ...]
    af_s: int
    st_mv: dict[str, float]
    qrs_ms: float | None
    qtc_ms: float | None
    pr_ms: float | None = None
    qt_ms: float | None = None

    @property
    def first_n(self) -> int:
        """Sample index at which it begins."""
        return first_sample(self.number, self.fs)

    @property
    def monitored_s(self) -> int:
        """How many of its seconds were monitored."""
        return sum(self.quality)


def first_sample(number: int, fs: float) -> int:
    """Index of the first sample of a minute."""
    return round(number * MINUTE_S * fs)


def number_of(n: int, fs: float) -> int:
    """Minute in which a sample lies."""
    number = int(n / (MINUTE_S * fs))
    return number if first_sample(number, fs) <= n else number - 1


_READ = attrgetter(*(one.name for one in fields(Minute)))


def pack(minute: Minute) -> bytes:
    """Return a minute as it is kept in Redis."""
    values = list(_READ(minute))
    values[3] = _tenths(minute.heart_rate)
    values[5] = None if minute.anomaly is None else [round(1000 * one) for one in minute.anomaly]
    values[9] = {lead: round(1000 * level) for lead, level in minute.st_mv.items()}
    return cbor2.dumps([VERSION, *values])


def unpack(blob: bytes) -> Minute:
    """Inverse of `pack`; rates come back to 0.1 bpm, scores to 0.001, levels to 1 µV.

    A minute of version 1 is read as well: it knows nothing of PR and QT.

    Raises:
        TrendError: it was written by another version, or is damaged.
    """
    try:
        version, *values = cbor2.loads(blob)
        if version == 1:
            values += [None] * _BARE
        if version not in (1, VERSION) or len(values) != len(fields(Minute)):
            raise TrendError(f"trend: a minute of version {version}, not {VERSION}")
        rate, anomaly = values[3], values[5]
        values[3] = None if rate is None else tuple(one / 10 for one in rate)
        values[4], values[7] = tuple(values[4]), tuple(values[7])
        values[5] = None if anomaly is None else tuple(one / 1000 for one in anomaly)
        values[9] = {str(lead): level / 1000 for lead, level in values[9].items()}
        return Minute(*values)
    except (cbor2.CBORDecodeError, AttributeError, TypeError, ValueError) as error:
        raise TrendError(f"trend: a minute is damaged: {error}") from error


def _tenths(rate: tuple[float, float, float] | None) -> list[int] | None:
    return None if rate is None else [round(10 * one) for one in rate]


@dataclass(frozen=True, slots=True, eq=False)
class MinuteBeats:
    """The beats of one minute.

    Attributes:
        boot: power-up of the device.
        number: minutes since power-up, by sample index.
        fs: sampling rate of the device, Hz.
        beats: records of `BEAT`, in order of time.
    """

    boot: str
    number: int
    fs: float
    beats: npt.NDArray[np.void]


def pack_beats(minute: MinuteBeats) -> bytes:
    """Return a minute's beats as they are kept in Redis."""
    values = [BEATS_VERSION, minute.boot, minute.number, minute.fs, minute.beats.tobytes()]
    return cbor2.dumps(values)


def unpack_beats(blob: bytes) -> MinuteBeats:
    """Inverse of `pack_beats`.

    Raises:
        TrendError: they were written by another version, or are damaged.
    """
    try:
        values: list[Any] = cbor2.loads(blob)
        version, boot, number, fs, raw = values
        if version != BEATS_VERSION:
            raise TrendError(f"trend: beats of version {version}, not {BEATS_VERSION}")
        return MinuteBeats(boot, number, fs, np.frombuffer(raw, BEAT))
    except (cbor2.CBORDecodeError, TypeError, ValueError) as error:
        raise TrendError(f"trend: beats are damaged: {error}") from error
