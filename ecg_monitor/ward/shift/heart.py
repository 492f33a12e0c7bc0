"""Rates, beats, rhythm and ST of a shift, and how much of it was monitored. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ecg_monitor.ward.shift.alarms import HOUR_S, hour_count, hour_of
from ecg_monitor.ward.shift.interval import Interval
from ecg_monitor.ward.trends.kept import TimedMinute
from ecg_monitor.ward.trends.minute import LABELS, QUALITIES

LEAST_S = 120
"""Less usable signal than this in an hour is too little to tell how many beats there are in it."""
_V, _GOOD, _POOR = LABELS.index("V"), QUALITIES.index("good"), QUALITIES.index("poor")


@dataclass(frozen=True, slots=True, order=True)
class Extreme:
    """A number and the minute in which it was found, Unix s."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Level:
    """ST level of one lead by the minute, mV."""

    lead: str
    median_mv: float
    low_mv: float
    high_mv: float


@dataclass(frozen=True, slots=True)
class PvcHour:
    """Ventricular beats of one hour of the shift.

    Attributes:
        at: when it began, Unix s.
        count: ventricular beats.
        usable_s: seconds with a usable signal.
        per_hour: beats per hour of usable signal; None: there was too little (`LEAST_S`).
    """

    at: float
    count: int
    usable_s: int
    per_hour: float | None


@dataclass(frozen=True, slots=True)
class HeartFigures:
    """What the minutes of a shift say.

    Attributes:
        length_s: how long the patient was at the beds, s.
        quality: seconds by signal quality, in the order of `QUALITIES`.
        monitored_s: seconds from which something came; the sum of ``quality``.
        no_data_s: the rest: nothing came.
        rate_mean_bpm: mean of the minutes' median rates, by their usable seconds.
        rate_low: the least rate, bpm.
        rate_high: the greatest rate, bpm.
        beats: by AAMI class.
        pvc_per_hour: ventricular beats per hour of usable signal.
        pvc_hours: the same by hour; their counts sum up to those of ``beats``.
        af_s: seconds in atrial fibrillation.
        af_percent: the same as a share of the monitored time.
        st: by lead, in order of their names.
    """

    length_s: float
    quality: Mapping[str, int]
    monitored_s: int
    no_data_s: float
    rate_mean_bpm: float | None
    rate_low: Extreme | None
    rate_high: Extreme | None
    beats: Mapping[str, int]
    pvc_per_hour: float | None
    pvc_hours: tuple[PvcHour, ...]
    af_s: int
    af_percent: float | None
    st: tuple[Level, ...]


def heart_figures(
    minutes: Sequence[TimedMinute], length_s: float, interval: Interval
) -> HeartFigures:
    """Return the figures of some minutes.

    Args:
        minutes: those that began in the shift, while the patient was there.
        length_s: how long that was, s.
        interval: the shift.
    """
    quality = {
        name: sum(row.minute.quality[place] for row in minutes)
        for place, name in enumerate(QUALITIES)
    }
    beats = {
        label: sum(row.minute.counts[place] for row in minutes)
        for place, label in enumerate(LABELS)
    }
    monitored = sum(quality.values())
    usable = sum(_usable_s(row) for row in minutes)
    af_s = sum(row.minute.af_s for row in minutes)
    rates = [(row, row.minute.heart_rate) for row in minutes]
    known = [(row, rate) for row, rate in rates if rate is not None]
    weights = [max(1, _usable_s(row)) for row, _ in known]
    total = sum(rate[0] * weight for (_, rate), weight in zip(known, weights, strict=True))
    return HeartFigures(
        round(length_s, 1),
        quality,
        monitored,
        round(max(0.0, length_s - monitored), 1),
        round(total / sum(weights), 1) if known else None,
        min((Extreme(rate[1], row.at) for row, rate in known), default=None),
        max((Extreme(rate[2], row.at) for row, rate in known), default=None),
        beats,
        _per_hour(beats["V"], usable),
        _pvc_hours(minutes, interval),
        af_s,
        round(100 * af_s / monitored, 1) if monitored else None,
        _levels(minutes),
    )


def _usable_s(row: TimedMinute) -> int:
    return row.minute.quality[_GOOD] + row.minute.quality[_POOR]


def _per_hour(count: int, usable_s: int) -> float | None:
    return round(count * HOUR_S / usable_s, 1) if usable_s >= LEAST_S else None


def _pvc_hours(minutes: Sequence[TimedMinute], interval: Interval) -> tuple[PvcHour, ...]:
    hours = hour_count(interval)
    counts, seconds = [0] * hours, [0] * hours
    for row in minutes:
        hour = hour_of(row.at, interval)
        counts[hour] += row.minute.counts[_V]
        seconds[hour] += _usable_s(row)
    return tuple(
        PvcHour(interval.since + hour * HOUR_S, count, usable, _per_hour(count, usable))
        for hour, (count, usable) in enumerate(zip(counts, seconds, strict=True))
    )


def _levels(minutes: Sequence[TimedMinute]) -> tuple[Level, ...]:
    levels: dict[str, list[float]] = {}
    for row in minutes:
        for lead, level in row.minute.st_mv.items():
            levels.setdefault(lead, []).append(level)
    return tuple(
        Level(lead, round(float(median(known)), 3), min(known), max(known))
        for lead, known in sorted(levels.items())
    )
