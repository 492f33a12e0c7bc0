"""Brings an array of voltages into the form of a recording, and says what it had to assume. Pure.

What cannot be an ECG is refused with a `SignalError` that names the argument and what to do; what
is only doubtful is taken, and told in the ``notes`` of the recording. Long arrays are gone through
in blocks: beside the array there are the samples as int16 and one byte a sample for what has a
value, whatever the type of the array.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import SignalError
from ecg_monitor.core.wire import FS_MAX_HZ, FS_MIN_HZ, MAX_LEADS
from ecg_monitor.records.formats.signals import per_mv
from ecg_monitor.records.plausible import SMALLEST_MV, made_plausible, span_mv
from ecg_monitor.records.recording import (
    INVALID_SAMPLE,
    InvalidStretch,
    Recording,
    fit_int16,
    lead_names,
    stretches,
)

SHORTEST_S = 2.0
"""A shorter signal need not hold two beats at 30 beats per minute, the slowest rate that a monitor
has to show (AAMI EC13, 4.2.7)."""
STEPS_PER_MV = 1000.0
"""Floats are kept in steps of 1 µV: IEC 60601-2-25 allows an electrocardiograph steps of 5 µV."""
LARGEST = 2.0**32
"""No converter has more than 32 bits, and no float of an ECG is larger in any unit."""
BLOCK = 1 << 20
"""Samples of a lead that are looked at together: 8 MB as float64."""
_MISTAKES = {
    "b": "holds True and False; give the voltages",
    "c": "holds complex numbers; give the voltages, such as signal.real",
    "O": "holds objects, not numbers; put NaN where there is no value, and convert it: "
    "np.asarray(signal, float)",
}
"""What to say of an array's kind of type (`numpy.dtype.kind`)."""


def recording_of(
    signal: npt.ArrayLike,
    fs: float,
    *,
    leads: str | Sequence[str] | None,
    unit: str,
    gain: float | Sequence[float] | None,
    baseline: float | Sequence[float],
) -> Recording:
    """Return the array as a recording; arguments as of `heartbeats.analyze`.

    Raises:
        SignalError: the signal is no ECG, or what is said about it is wrong; names the argument.
    """
    fs = _rate(fs)
    rows, hidden, notes = _rows(signal)
    n_leads, n_samples = rows.shape
    if n_samples < SHORTEST_S * fs:
        raise SignalError(
            "signal",
            f"lasts {n_samples / fs:.3g} s ({n_leads} x {n_samples} samples); "
            f"give {SHORTEST_S:g} s or more",
        )
    names = _names(leads, n_leads, notes)
    scales = _scales(rows.dtype, n_leads, unit, gain, baseline)
    samples = np.full((n_leads, n_samples), INVALID_SAMPLE, np.int16)
    valid = np.ones((n_leads, n_samples), np.bool_)
    gains, baselines, coarse = [], [], []
    for i, (name, scale) in enumerate(zip(names, scales, strict=True)):
        low, high = _look_over(rows[i], None if hidden is None else hidden[i], valid[i], name)
        offset, step = fit_int16(*scale.apply(np.array([low, high])).tolist())
        for cut in _blocks(n_samples):
            good = valid[i, cut]
            values = scale.apply(rows[i, cut][good].astype(np.float64))
            samples[i, cut][good] = np.rint((values - offset) / step).astype(np.int16)
        gains.append(scale.gain / step)
        baselines.append((scale.baseline - offset) / step)
        coarse.append(step > 1)
        if low == high and valid[i].any():
            notes.append(f"{name} has the same value all along")
    if not valid.any():
        raise SignalError("signal", "has no value (NaN all along)")
    invalid = stretches(valid)
    notes += _missing(names, invalid, fs)
    recording = made_plausible(
        Recording(
            name="array",
            fs=fs,
            leads=names,
            gain=tuple(gains),
            baseline=tuple(baselines),
            samples=samples,
            invalid=invalid,
            notes=tuple(notes),
        )
    )
    return replace(recording, notes=(*recording.notes, *_about_steps(recording, coarse, unit)))


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a lead's values to what is rounded: ``(value - zero) * factor``.

    ``gain`` and ``baseline`` are those of the outcome: units per mV, and the value at 0 mV.
    """

    zero: float
    factor: float
    gain: float
    baseline: float

    def apply(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return (values - self.zero) * self.factor


def _rate(fs: Any) -> float:
    if isinstance(fs, bool | str | bytes) or np.ndim(fs) or np.iscomplexobj(fs):
        raise SignalError("fs", f"must be the sampling rate in Hz, a number; got {_short(fs)}")
    try:
        rate = float(fs)
    except (TypeError, ValueError):
        problem = f"must be the sampling rate in Hz, a number; got {_short(fs)}"
        raise SignalError("fs", problem) from None
    if not FS_MIN_HZ <= rate <= FS_MAX_HZ:  # nor is NaN
        raise SignalError(
            "fs",
            f"must be {FS_MIN_HZ:g} .. {FS_MAX_HZ:g} Hz, got {rate:g}; "
            "is it the rate in Hz, not the interval? A signal of another rate has to be resampled",
        )
    return rate


def _rows(
    signal: npt.ArrayLike,
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None, list[str]]:
    """Return the signal as (n_leads, n_samples), what a masked array hides of it, and notes."""
    hidden = np.ma.getmaskarray(signal) if isinstance(signal, np.ma.MaskedArray) else None
    try:
        array: npt.NDArray[Any] = np.asarray(signal)
    except (TypeError, ValueError):
        raise SignalError("signal", "has rows of different length; pad them with NaN") from None
    if array.dtype.kind not in "iuf":
        problem = _MISTAKES.get(array.dtype.kind, f"holds {array.dtype}, not numbers")
        raise SignalError("signal", problem)
    if array.size == 0:
        raise SignalError("signal", f"is empty: its shape is {array.shape}")
    if array.ndim not in {1, 2}:
        raise SignalError(
            "signal",
            f"must have the shape (n_samples,) or (n_leads, n_samples), got {array.shape}",
        )
    notes: list[str] = []
    array = np.atleast_2d(array)
    hidden = None if hidden is None else np.atleast_2d(hidden)
    if array.shape[0] > MAX_LEADS >= array.shape[1]:
        notes.append(
            f"shape {array.shape} was taken for (n_samples, n_leads): {array.shape[1]} leads"
        )
        array, hidden = array.T, None if hidden is None else hidden.T
    if array.shape[0] > MAX_LEADS:
        raise SignalError(
            "signal",
            f"has {array.shape[0]} rows, which are leads, and at most {MAX_LEADS} are taken; "
            "choose some, as in signal[:12]",
        )
    return array, hidden, notes


def _names(leads: str | Sequence[str] | None, n_leads: int, notes: list[str]) -> tuple[str, ...]:
    if leads is None:
        return ("ECG",) if n_leads == 1 else tuple(f"ECG{i + 1}" for i in range(n_leads))
    given = [leads] if isinstance(leads, str) else list(leads)
    if not all(isinstance(name, str) for name in given):
        raise SignalError("leads", f"must be names, got {_short(given)}")
    if len(given) != n_leads:
        raise SignalError(
            "leads", f"must name each of the {n_leads} rows of the signal, got {len(given)} names"
        )
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise SignalError("leads", f"must differ, got {', '.join(twice)} more than once")
    names = lead_names(given)
    for name, legal in zip(given, names, strict=True):
        if name != legal:
            notes.append(f"lead {name!r} is called {legal}")
    return names


def _scales(
    dtype: np.dtype[Any],
    n_leads: int,
    unit: str,
    gain: float | Sequence[float] | None,
    baseline: float | Sequence[float],
) -> list[_Scale]:
    """Return how each lead is scaled: integers not at all, floats to `STEPS_PER_MV`."""
    known = per_mv(unit) if isinstance(unit, str) and unit.strip() else None
    if known is None:
        raise SignalError("unit", f"must be mV, uV, nV or V, got {_short(unit)}")
    if gain is None:
        gains = [known] * n_leads
    elif unit != "mV":
        raise SignalError(
            "gain", f"is for values of a converter, but their unit is said to be {unit}; give one"
        )
    else:
        gains = _numbers("gain", gain, n_leads)
    if not all(value > 0 for value in gains):
        raise SignalError("gain", f"must be greater than 0 units per mV, got {_short(gain)}")
    zeros = _numbers("baseline", baseline, n_leads)
    if dtype.kind in "iu":
        return [_Scale(0.0, 1.0, g, zero) for g, zero in zip(gains, zeros, strict=True)]
    return [
        _Scale(zero, STEPS_PER_MV / g, STEPS_PER_MV, 0.0)
        for g, zero in zip(gains, zeros, strict=True)
    ]


def _numbers(argument: str, value: float | Sequence[float], n_leads: int) -> list[float]:
    try:
        numbers = [float(one) for one in np.broadcast_to(np.asarray(value), (n_leads,))]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or not all(map(math.isfinite, numbers)):
        raise SignalError(
            argument, f"must be a number, or one for each of {n_leads} leads; got {_short(value)}"
        )
    return numbers


def _look_over(
    row: npt.NDArray[Any],
    hidden: npt.NDArray[np.bool_] | None,
    valid: npt.NDArray[np.bool_],
    name: str,
) -> tuple[float, float]:
    """Return the least and the largest value of a lead, 0 and 0 if it has none; fill ``valid``."""
    low, high = math.inf, -math.inf
    for cut in _blocks(row.size):
        block = row[cut]
        good = valid[cut]
        if block.dtype.kind == "f":
            good &= ~np.isnan(block)
        if hidden is not None:
            good &= ~hidden[cut]
        if good.any():
            values = block[good]
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if low > high:
        return 0.0, 0.0
    if math.isinf(low) or math.isinf(high):
        raise SignalError("signal", f"is infinite in {name}; put NaN where there is no value")
    if max(-low, high) > LARGEST:
        raise SignalError("signal", f"reaches {max(-low, high):.3g} in {name}, as no ECG does")
    return low, high


def _missing(names: tuple[str, ...], invalid: tuple[InvalidStretch, ...], fs: float) -> list[str]:
    """Tell where leads have no value."""
    notes = []
    for i, name in enumerate(names):
        lengths = [span.end - span.start for span in invalid if span.lead == i]
        if lengths:
            notes.append(
                f"{name} has no value for {sum(lengths) / fs:.3g} s in {len(lengths)} "
                f"stretch{'es' if len(lengths) > 1 else ''}: taken for a detached electrode"
            )
    return notes


def _about_steps(recording: Recording, coarse: Sequence[bool], unit: str) -> list[str]:
    """Tell of leads that int16 holds in wider steps only, and of a unit that may be wrong."""
    steps = [1000 / gain for gain in recording.gain]
    notes = [
        f"{name} has so wide a range that it is kept in steps of {step:.2g} µV"
        for name, step, is_coarse in zip(recording.leads, steps, coarse, strict=True)
        if is_coarse and step > 1000 / STEPS_PER_MV
    ]
    largest = float(span_mv(recording).max())
    if 0 < largest < SMALLEST_MV and unit == "mV":
        notes.append('values in volts, as some libraries give them, need unit="V"')
    return notes


def _blocks(n_samples: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, n_samples, BLOCK))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
