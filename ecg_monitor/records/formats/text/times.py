"""From the times of rows to a sampling rate, and to the samples that are missing between them.

Stamps may be rounded, shaken by some milliseconds, or the same for a whole packet of samples. The
rate is therefore taken from long spans, and a gap is a step of the stamps away from an even row
that lasts. What is missing in a gap gets samples without a value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"), (86400.0, "days"))
_LIKELY_HZ = 40.0, 4000.0
"""Sampling rates of ECGs: of the units of time, one alone gives such a rate."""
_LONGEST_FILL = 10
"""Most samples without a value for each row of the file: memory follows the size of the file."""
_DAY_S = 86400.0
_AROUND = 25
"""Stamps on each side of a gap from whose mean its length is measured."""
_STRAY, _SHAKE_S = 0.02, 2.0
"""How far stamps may stray from even steps: a share of the whole time, for a clock that was set
right or a rate that drifts, and seconds, for packets that were late."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When the rows of a table were sampled.

    Attributes:
        fs: sampling rate, Hz.
        gaps: (row, samples missing before it), in order.
        notes: what was assumed.
    """

    fs: float
    gaps: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()


def timing(
    path: object, name: str, stamps: npt.NDArray[np.float64], unit: float | None, is_clock: bool
) -> Timing:
    """Tell rate and gaps from the times of all rows.

    Args:
        path: the file, for errors.
        name: the column's name, for errors.
        stamps: its values, shape (n,); NaN where a row has none.
        unit: seconds per unit; None: what gives the rate of an ECG.
        is_clock: whether they are times of day, which may pass midnight.

    Raises:
        RecordError: the times go back, or are too uneven or too far apart.
    """
    notes: list[str] = []
    known = np.isfinite(stamps)
    if known.sum() < 2:
        raise RecordError(f"{path}: column {name} must be times that go up")
    if not known.all():
        rows = np.arange(stamps.size)
        stamps = np.interp(rows, rows[known], stamps[known])
        notes.append(f"{name}: {(~known).sum()} rows without a time, taken as evenly spaced")
    if is_clock:
        stamps = stamps + _DAY_S * np.cumsum(np.diff(stamps, prepend=stamps[0]) < -_DAY_S / 2)
    stamps = stamps - stamps[0]
    if stamps[-1] <= 0:
        raise RecordError(f"{path}: column {name} must be times that go up")
    interval = _interval(stamps)
    if unit is None:
        unit, word = _unit(interval)
        if word != "s":
            notes.append(f"{name} taken for {word}: its steps are {interval:.4g}")
    stamps, interval = stamps * unit, interval * unit
    gaps = _gaps(path, name, stamps, interval)
    filled = sum(count for _, count in gaps)
    if gaps:
        notes.append(
            f"{filled * interval:.3g} s missing in {len(gaps)} gap{'s' * (len(gaps) > 1)} of "
            f"{name}: left without a value"
        )
    rate = _rate(stamps, gaps, interval)
    _check_even(path, name, stamps, gaps, rate)
    # Printed times are rounded: 360 Hz written in ms comes back as 360.0004.
    nearest = round(rate)
    tolerance = max(1e-3, 2.0 / stamps.size) if stamps.size > 100 else 1e-3
    if nearest and abs(rate - nearest) < min(tolerance, 2e-3) * nearest:
        rate = float(nearest)
    return Timing(float(rate), tuple(gaps), tuple(notes))


def counted(path: object, numbers: npt.NDArray[np.float64], fs: float) -> Timing:
    """Tell gaps from a column that numbers the samples, at a rate that is known.

    Raises:
        RecordError: more samples are missing than may be filled.
    """
    if not np.isfinite(numbers).all():
        return Timing(fs)
    steps = np.diff(numbers)
    jumps = np.flatnonzero(steps > 1.5)
    gaps = [(int(row) + 1, round(float(steps[row])) - 1) for row in jumps]
    if (steps < 0).any() or not gaps:
        return Timing(fs)  # it begins anew, as counters of packets do
    _check_fill(path, "of the sample numbers", gaps, numbers.size)
    missing = sum(count for _, count in gaps)
    note = f"{missing} sample numbers missing in {len(gaps)} gaps: left without a value"
    return Timing(fs, tuple(gaps), (note,))


def _interval(stamps: npt.NDArray[np.float64]) -> float:
    """Return the usual step between two stamps, from spans long enough to even out their steps."""
    span = 1
    best = 0.0
    while span <= max(1, stamps.size // 4):  # most spans lie beside a gap, not across it
        steps = stamps[span:] - stamps[:-span]
        middle = float(np.median(steps))
        best = middle / span if middle > 0 else best
        rising = np.diff(stamps[: 64 * span])
        grain = float(np.median(rising[rising > 0])) if (rising > 0).any() else np.inf
        if middle > 50 * grain:
            break
        span *= 4
    return best if best > 0 else float(stamps[-1]) / (stamps.size - 1)


def _unit(interval: float) -> tuple[float, str]:
    low, high = _LIKELY_HZ
    for unit, word in _UNITS:
        if low <= 1 / (interval * unit) <= high:
            return unit, word
    return _UNITS[0]


def _gaps(
    path: object, name: str, stamps: npt.NDArray[np.float64], interval: float
) -> list[tuple[int, int]]:
    steps = np.diff(stamps)
    rising = steps[steps > 0]
    if not rising.size:
        raise RecordError(f"{path}: column {name} must be times that go up")
    # Stamps of whole packets stand still within them: a packet's length is no gap.
    usual = float(np.median(rising)) if rising.size < 0.5 * steps.size else interval
    jitter = 1.4826 * float(np.median(np.abs(steps - np.median(steps))))
    limit = max(usual + 0.5 * interval, usual * 1.5, usual + 6 * jitter)
    gaps = []
    for row in np.flatnonzero((steps > limit) | (steps < -limit)):
        step = _step(stamps, int(row), interval)
        missing = round(step / interval)
        if missing < 0 and step < -max(limit, 3 * interval):
            raise RecordError(
                f"{path}: column {name} goes back by {-step:.3g} s at sample {row + 1}; "
                "split the file there"
            )
        if missing > 0:
            gaps.append((int(row) + 1, missing))
    _check_fill(path, f"in column {name}", gaps, stamps.size)
    return gaps


def _rate(stamps: npt.NDArray[np.float64], gaps: list[tuple[int, int]], interval: float) -> float:
    """Return samples per second from the first to the last stamp that differs from the one before.

    Stamps of whole packets name the packet's first sample, or its last: between two changes there
    are whole packets either way.
    """
    changes = np.flatnonzero(np.diff(stamps) > 0) + 1
    if changes.size > 0.5 * stamps.size:
        first, last = 0, stamps.size - 1
    else:
        first, last = int(changes[0]), int(changes[-1])
    span = stamps[last] - stamps[first]
    filled = sum(count for row, count in gaps if first < row <= last)
    return float((last - first + filled) / span) if span > 0 else 1.0 / interval


def _check_even(
    path: object,
    name: str,
    stamps: npt.NDArray[np.float64],
    gaps: list[tuple[int, int]],
    rate: float,
) -> None:
    """Refuse stamps that stray far from even steps between the gaps."""
    missing = np.zeros(stamps.size)
    missing[[row for row, _ in gaps]] = [count for _, count in gaps]
    strays = np.abs(stamps - (np.arange(stamps.size) + np.cumsum(missing)) / rate)
    if strays.max() > _STRAY * stamps[-1] + _SHAKE_S + 1.5 / rate:
        row = int(np.argmax(strays))
        raise RecordError(
            f"{path}: column {name} is not evenly spaced (sample {row} is at {stamps[row]:g} s); "
            "an ECG needs one sampling rate"
        )


def _step(stamps: npt.NDArray[np.float64], row: int, interval: float) -> float:
    """Return by how much the stamps after a row lie behind what those before it foretell, s."""
    before = slice(max(0, row + 1 - _AROUND), row + 1)
    after = slice(row + 1, row + 1 + _AROUND)
    rows = np.arange(stamps.size)[before.start : after.stop] * interval
    rest = stamps[before.start : after.stop] - rows
    cut = row + 1 - before.start
    return float(np.median(rest[cut:]) - np.median(rest[:cut]))


def _check_fill(path: object, where: str, gaps: list[tuple[int, int]], n_rows: int) -> None:
    missing = sum(count for _, count in gaps)
    if missing > _LONGEST_FILL * n_rows + 1000:
        row, count = max(gaps, key=lambda gap: gap[1])
        raise RecordError(
            f"{path}: {missing} samples are missing {where}, {count} of them at sample {row}; "
            "split the file there"
        )
