"""Which columns of a table are ECG, which tell the time, and why the others are left out.

A name decides where it says something. Where none says ECG, what is left is judged by its values
in the beginning of the file: counters, constants and times of day are no ECG. If more than one
column remains whose name says nothing, the file is refused with their names to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.signals import names_ecg, names_other, per_mv, words_of
from ecg_monitor.records.formats.text.cells import QUOTES, is_day, is_stamp, number
from ecg_monitor.records.formats.text.layout import Column, Layout
from ecg_monitor.records.recording import lead_names

TIME_UNITS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3, "millis": 1e-3,
    "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "usec": 1e-6, "microseconds": 1e-6, "micros": 1e-6,
    "ns": 1e-9, "nsec": 1e-9, "nanoseconds": 1e-9, "nanos": 1e-9,
    "min": 60.0, "minutes": 60.0, "days": 86400.0,
}  # fmt: skip
"""Seconds in a unit of time, by its name in lower case."""
_TIMES = {
    "time", "t", "timestamp", "timestamps", "elapsed", "datetime", "date", "unix", "epoch", "clock",
    "zeit", "temps", "tiempo", "tempo", "hora", "uhrzeit",
}  # fmt: skip
_INDEX = {"", "index", "idx", "n", "no", "nr", "num", "unnamed", "frame", "row", "nseq", "seq"}
_ORDINARY = {
    "ch", "channel", "adc", "ads", "signal", "value", "values", "voltage", "data", "raw",
    "filtered", "amplitude", "mv", "uv", "sample", "samples", "col", "column", "input", "analog",
}  # fmt: skip
"""Words of names that say nothing: what is called so may well be the ECG."""
_FEW = 100
"""Rows under which values are not judged."""
_CLIMBS = 0.98
"""Share of steps that do not fall, from which a column is taken for a counter. In MIT-BIH's
flattest lead a third of the steps fall."""
_COUNTS = {"a.u.", "a.u", "au", "adu", "count", "counts", "lsb", "raw", "adc", "digital", "units"}
"""Units of converter values: their gain is not known (see `ecg_monitor.records.plausible`)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is made of the columns of a table.

    Attributes:
        signals: indices of the columns that are ECG.
        time: index of the column of times; None if there is none.
        time_unit: seconds per unit of the times if a name says so, else None.
        is_stamp: whether the times are times of day in words (``0:00.003``).
        counter: index of a column that counts samples; None if there is none.
        notes: what was left out and assumed.
    """

    signals: tuple[int, ...]
    time: int | None
    time_unit: float | None
    is_stamp: bool
    counter: int | None
    notes: tuple[str, ...]


def choose(
    path: object, layout: Layout, rows: Sequence[Sequence[str]], wanted: Sequence[str] = ()
) -> Choice:
    """Choose the columns.

    Args:
        path: the file, for errors.
        layout: how its table is laid out.
        rows: the first rows, each with a cell for every column.
        wanted: names of columns that the user asked for; empty: whatever is ECG.

    Raises:
        RecordError: no column is ECG, or several may be; names them.
    """
    columns = layout.columns
    probes = [_probe([row[i] for row in rows]) for i in range(len(columns))]
    times = [i for i, column in enumerate(columns) if _tells_time(column)]
    if not times and layout.has_names:
        times = [i for i, p in enumerate(probes) if p.is_stamp and not names_ecg(columns[i].name)]
    days = [i for i in times if probes[i].is_day]
    times = [i for i in times if i not in days]
    time = _evenest(times, probes)
    counters = [
        i
        for i, column in enumerate(columns)
        if i != time and probes[i].counts and not _is_unit(column)
    ]
    reasons = {
        i: reason
        for i, column in enumerate(columns)
        if i != time and (reason := _why_not(column, probes[i], i in times, i in counters))
    }
    reasons |= dict.fromkeys(days, "tells the day, and no time")
    rest = [i for i in range(len(columns)) if i != time and i not in reasons]
    if not any(names_ecg(columns[i].name) for i in rest):
        reasons |= {i: why for i in rest if (why := probes[i].why_no_trace)}
        rest = [i for i in rest if i not in reasons]
    signals, notes = _decide(path, columns, rest, reasons, wanted)
    return Choice(
        signals=tuple(signals),
        time=time,
        time_unit=None if time is None else _time_unit(columns[time]),
        is_stamp=time is not None and probes[time].is_stamp,
        counter=next((i for i in counters if _is_index(columns[i])), None),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Probe:
    """What the first cells of a column show.

    Attributes:
        values: their numbers, NaN where there are none.
        is_stamp: whether they are times of day in words.
        is_day: whether they are dates without a time.
        is_text: whether most of them are neither.
        counts: whether they go up by one with every row.
    """

    values: npt.NDArray[np.float64]
    is_stamp: bool
    is_day: bool
    is_text: bool
    counts: bool

    @property
    def why_no_trace(self) -> str:
        """Return why values that no name explains are no ECG's; empty if they may be."""
        good = self.values[np.isfinite(self.values)]
        if good.size < _FEW:
            return ""
        steps = np.diff(good)
        if not steps.any():
            return "has the same value all along"
        # Time, counters that begin anew, and sums: an ECG goes down as often as up.
        return "only goes up" if (steps >= 0).mean() > _CLIMBS else ""


def _probe(cells: Sequence[str]) -> _Probe:
    values = np.full(len(cells), np.nan)
    bad = stamps = days = 0
    for i, cell in enumerate(cells):
        try:
            values[i] = number(cell)
        except ValueError:
            bad += 1
            stamps += is_stamp(cell)
            days += is_day(cell)
    steps = np.diff(values)
    counts = steps.size > 8 and bool((steps == 1).mean() > 0.9)
    half = len(cells) / 2
    return _Probe(values, stamps > half, days > half, bad > half, counts)


def _tells_time(column: Column) -> bool:
    if column.unit.lower() in TIME_UNITS or column.name.lower() in TIME_UNITS:
        return True
    if column.unit.lower().startswith("hh:"):
        return True
    return bool(words_of(column.name) & _TIMES) and not names_ecg(column.name)


def _time_unit(column: Column) -> float | None:
    if unit := TIME_UNITS.get(column.unit.lower()):
        return unit
    last = re.split(r"[\s_(\[]+", column.name.lower().rstrip("]) "))[-1]
    return TIME_UNITS.get(last) if last != "t" else None


def _evenest(times: Sequence[int], probes: Sequence[_Probe]) -> int | None:
    """Return the column of times whose steps differ least from one another."""

    def unevenness(i: int) -> float:
        if probes[i].is_stamp:  # in words, and often rounded: only where there is nothing else
            return 1e6
        steps = np.diff(probes[i].values)
        steps = steps[np.isfinite(steps)]
        middle = float(np.median(steps)) if steps.size else 0.0
        if middle <= 0:
            return 1e5
        return float(np.median(np.abs(steps - middle))) / middle

    return min(times, key=unevenness, default=None)


def _is_index(column: Column) -> bool:
    name = re.sub(r"[^a-z]", "", column.name.lower())
    return name in _INDEX or name in {"sample", "samples", "samplenumber", "sampleno", "samplenr"}


def _is_unit(column: Column) -> bool:
    return bool(column.unit) and per_mv(column.unit) is not None


def _why_not(column: Column, probe: _Probe, is_time: bool, is_counter: bool) -> str:
    """Return why a column is no ECG; empty if it may be one."""
    unit = column.unit.lower()
    if is_time:
        return "tells the time, as another column does"
    if is_counter:
        return "counts the rows"
    if unit and per_mv(unit) is None and unit not in _COUNTS:
        return f"{column.unit} is no voltage"
    if names_other(column.name) or words_of(column.name) & {"off", "loff"}:
        return "by its name no ECG"
    if probe.is_text or probe.is_stamp:
        return "holds words"
    return ""


def _decide(
    path: object,
    columns: Sequence[Column],
    rest: Sequence[int],
    reasons: dict[int, str],
    wanted: Sequence[str],
) -> tuple[list[int], list[str]]:
    """Choose among the columns that may be ECG; returns them, and notes."""
    if wanted:
        return _asked_for(path, columns, wanted), []
    sure = [i for i in rest if names_ecg(columns[i].name)]
    notes: list[str] = []
    if sure:
        chosen = sure
        reasons |= {i: "others are called ECG" for i in rest if i not in sure}
    else:
        chosen = list(rest)
        telling = [i for i in rest if not _says_nothing(columns[i])]
        if len(rest) > 1 and telling:
            names = ", ".join(_shown(columns[i]) for i in rest)
            raise RecordError(
                f"{path}: several columns may be ECG, and none is called so: {names}. "
                "Name the leads in the header (II, V1, ECG), or choose columns: analyze --leads"
            )
        if chosen:
            names = ", ".join(_shown(columns[i]) for i in chosen)
            notes.append(f"{names}: taken for ECG, though no name says so")
    notes = [f"{_shown(columns[i])} left out: {reasons[i]}" for i in sorted(reasons)] + notes
    if not chosen:
        if not reasons:
            raise RecordError(f"{path}: has no column besides time; expected lead names in row 1")
        raise RecordError(f"{path}: holds no ECG: {'; '.join(notes)} (names and units say so)")
    return chosen, notes


def _asked_for(path: object, columns: Sequence[Column], wanted: Sequence[str]) -> list[int]:
    names = [column.name.lower() for column in columns]
    legal = [name.lower() for name in lead_names(column.name for column in columns)]
    chosen = []
    for name in wanted:
        plain = name.strip().lower()
        if plain not in names and plain not in legal:
            raise RecordError(
                f"{path}: has no column {name!r}; it has {', '.join(map(_shown, columns))}"
            )
        chosen.append((names if plain in names else legal).index(plain))
    return chosen


def _says_nothing(column: Column) -> bool:
    words = words_of(column.name)
    return not words or bool(words & _ORDINARY) or _is_unit(column)


def _shown(column: Column) -> str:
    name = column.name.strip(QUOTES)
    return name if name else "a column without a name"
