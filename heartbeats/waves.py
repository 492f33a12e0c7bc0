"""The boundaries of the P wave, the QRS complex and the T wave of every beat of an array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.delineation.recording import waves_of
from detector.delineation.waves import MARKS
from detector.engine.resample import FS
from heartbeats.arrays import recording_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WaveBoundaries:
    """Onsets, peaks and ends of the waves of each beat on each lead.

    Each is a sample index of the array, not always a whole number, NaN where the lead shows no such
    wave, float64, shape (n_beats, n_leads).

    Attributes:
        fs: sampling rate, Hz.
        leads: names of the rows.
        r_peaks: sample indices of the R peaks that all leads share, int64, shape (n_beats,).
        p_on: onset of the P wave.
        p_peak: its peak.
        p_off: its end.
        qrs_on: onset of the QRS complex.
        r_peak: its largest deflection on this lead.
        qrs_off: its end.
        t_peak: peak of the T wave.
        t_off: its end.
        notes: what had to be assumed about the signal, in words.
    """

    fs: float
    leads: tuple[str, ...]
    r_peaks: npt.NDArray[np.int64]
    p_on: Floats
    p_peak: Floats
    p_off: Floats
    qrs_on: Floats
    r_peak: Floats
    qrs_off: Floats
    t_peak: Floats
    t_off: Floats
    notes: tuple[str, ...] = ()


def waves(
    signal: npt.ArrayLike,
    fs: float,
    *,
    leads: str | Sequence[str] | None = None,
    unit: str = "mV",
    gain: float | Sequence[float] | None = None,
    baseline: float | Sequence[float] = 0.0,
) -> WaveBoundaries:
    """Find the P wave, the QRS complex and the T wave of every beat, on every lead.

    A beat's waves are judged by those of the beats around it, earlier and later: in fibrillation
    there are no P waves, and a wave that noise hides in one beat is where its neighbours have it.
    Arguments and errors as of `heartbeats.analyze`.
    """
    recording = recording_of(signal, fs, leads=leads, unit=unit, gain=gain, baseline=baseline)
    peaks, marks = waves_of(recording)
    scale = recording.fs / FS
    places = {name.lower(): marks[:, :, i] * scale for i, name in enumerate(MARKS)}
    r_peaks = np.round(peaks * scale).astype(np.int64)
    return WaveBoundaries(recording.fs, recording.leads, r_peaks, **places, notes=recording.notes)
