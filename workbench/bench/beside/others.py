"""What others would do with a patient's signal: ways of following it that ours is compared with.

Each way takes one lead and says how it is served each second. They are used as their documents
show: with their defaults, and on one core.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import SettingsError

if TYPE_CHECKING:
    from ecg_monitor.records import Recording

WINDOW_S = 10.0
"""Signal that a monitor with a sliding window looks at, s."""
STEP_S = 1.0
"""From one look to the next, s."""

Signal = npt.NDArray[np.float64]
Follow = Callable[[Signal, float], int]
"""Follows one lead, mV, at a sampling rate, Hz; returns how many beats it has found."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of following a patient.

    Attributes:
        name: as a table shows it.
        does: what it finds, in a few words.
        window_s: signal before the first second that is followed, s.
        follow: follows a stretch.
    """

    name: str
    does: str
    window_s: float
    follow: Follow


def lead_of(recording: Recording, start_s: float, seconds: float) -> Signal:
    """Return a stretch of a recording's first lead, mV; it begins anew at its end."""
    first = round(start_s * recording.fs)
    places = np.arange(first, first + round(seconds * recording.fs)) % recording.n_samples
    lead: Signal = recording.samples[0, places].astype(np.float64)
    lead -= recording.baseline[0]
    lead /= recording.gain[0]
    return lead


def ways() -> list[Way]:
    """Return all ways.

    Raises:
        SettingsError: a package that one of them needs is missing; names the extra.
    """
    try:
        import neurokit2  # noqa: PLC0415
        from sleepecg.heartbeats import detect_heartbeats  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            f"{error.name} is not installed: pip install 'ecg-monitor[compare]'"
        ) from error
    from wfdb.processing import XQRS  # noqa: PLC0415

    def monitor(signal: Signal, fs: float) -> int:
        found = [
            neurokit2.ecg_process(one, sampling_rate=round(fs))[1] for one in windows(signal, fs)
        ]
        return sum(_newest(one["ECG_R_Peaks"], fs) for one in found)

    def peaks(signal: Signal, fs: float) -> int:
        rate = round(fs)
        found = [
            neurokit2.ecg_peaks(neurokit2.ecg_clean(one, sampling_rate=rate), sampling_rate=rate)[1]
            for one in windows(signal, fs)
        ]
        return sum(_newest(one["ECG_R_Peaks"], fs) for one in found)

    def xqrs(signal: Signal, fs: float) -> int:
        detector = XQRS(sig=signal, fs=fs)
        detector.detect(verbose=False)
        return len(detector.qrs_inds)

    def heartbeats(signal: Signal, fs: float) -> int:
        return len(detect_heartbeats(signal, fs))

    sliding = f"{WINDOW_S:g} s each second"
    return [
        Way("NeuroKit2 ecg_process", f"beats, rate, waves, quality; {sliding}", WINDOW_S, monitor),
        Way("NeuroKit2 ecg_clean, ecg_peaks", f"beats; {sliding}", WINDOW_S, peaks),
        Way("wfdb XQRS", "beats, of the whole stretch at once", 0.0, xqrs),
        Way("sleepecg", "beats, of the whole stretch at once", 0.0, heartbeats),
    ]


def windows(signal: Signal, fs: float) -> Iterator[Signal]:
    """Yield what a monitor looks at each second: the newest `WINDOW_S` of a signal."""
    length, step = round(WINDOW_S * fs), round(STEP_S * fs)
    for end in range(length + step, len(signal) + 1, step):
        yield signal[end - length : end]


def _newest(found: Any, fs: float) -> int:
    """Return how many of a window's beats lie in its newest second."""
    return int(np.sum(np.asarray(found) >= (WINDOW_S - STEP_S) * fs))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what packages complain about to themselves: short windows bring many warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
