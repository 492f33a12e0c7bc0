"""The two functions that strangers call: everything about an array, or its R peaks alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.analyzer.offline import as_analysis, timed_events
from ecg_monitor.core.types import Beat
from ecg_monitor.ward.limits.file import load_limits
from heartbeats.arrays import recording_of
from heartbeats.result import Analysis


def analyze(
    signal: npt.ArrayLike,
    fs: float,
    *,
    leads: str | Sequence[str] | None = None,
    unit: str = "mV",
    gain: float | Sequence[float] | None = None,
    baseline: float | Sequence[float] = 0.0,
    limits: str | Path = "",
    progress: Callable[[float], None] = lambda _: None,
) -> Analysis:
    """Find the beats of an ECG with their classes, its rhythms, heart rate and alarms.

    All leads are looked at together. Whatever had to be assumed about the signal is in the
    ``notes`` of the result.

    Args:
        signal: voltages, shape (n_samples,) or (n_leads, n_samples), at most 16 leads, 2 s or
            more. NaN, and what a masked array hides, is a stretch without a value. Integers are
            kept as they are, floats in steps of 1 µV.
        fs: sampling rate in Hz, 50 .. 2000.
        leads: names of the rows (``"II"``, ``["II", "V1"]``); without, they are numbered.
        unit: of the values: mV, µV (``"uV"``), nV or V.
        gain: units of the converter per mV, one for all leads or one each; for values that are
            those of an analogue-to-digital converter, in place of ``unit``.
        baseline: value of the converter at 0 mV, one for all leads or one each.
        limits: TOML file of alarm limits, as ``ECG_CONFIG`` names it; empty: those for adults.
        progress: told the seconds of signal analysed, every 10 s of signal or more often.

    Raises:
        SignalError: the signal is no ECG, or what is said about it is wrong; names the argument.
        SettingsError: the file of limits cannot be read or holds a wrong value.
    """
    recording = recording_of(signal, fs, leads=leads, unit=unit, gain=gain, baseline=baseline)
    timed = timed_events(recording, limits=load_limits(limits), progress=progress)
    events = [event for _, event in timed]
    return Analysis.of(recording, events, as_analysis(recording, timed))


def r_peaks(
    signal: npt.ArrayLike,
    fs: float,
    *,
    leads: str | Sequence[str] | None = None,
    unit: str = "mV",
    gain: float | Sequence[float] | None = None,
    baseline: float | Sequence[float] = 0.0,
) -> npt.NDArray[np.int64]:
    """Return the sample indices of the R peaks: those of `analyze`, several times as fast.

    Nothing else is looked at, so what was assumed about the signal is not told. Arguments and
    errors as of `analyze`.

    Returns:
        sample indices, int64, ascending, shape (n_beats,).
    """
    recording = recording_of(signal, fs, leads=leads, unit=unit, gain=gain, baseline=baseline)
    events = timed_events(recording, networks=False)
    return np.array([event.n for _, event in events if isinstance(event, Beat)], np.int64)
