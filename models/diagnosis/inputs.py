"""What the networks of twelve leads see: windows of 10 s at 100 Hz, 0.5 .. 40 Hz.

Live code and training prepare signals by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from models.diagnosis.leads import FloatArray

FS = 100
"""Sampling rate inside, Hz: that of the PTB-XL benchmark (Strodthoff et al., IEEE J Biomed Health
Inform 25:1519-1528, 2021)."""
SAMPLES = 1000
"""Samples of a window: 10 s, a resting ECG."""
SHORTEST_S = 2.5
"""A signal must be so long: one column of a printed twelve-lead ECG."""
BAND_HZ = (0.5, 40.0)
"""Pass band: no baseline wander, no mains. A zero-phase filter keeps the ST segment in place."""
ORDER = 4
FLAT_MV = 0.005
"""A lead whose standard deviation is less than 5 µV shows nothing (IEC 60601-2-25 asks for 20 µV
deflections to be visible)."""
MOST_MISSING = 0.5
"""A lead that has no value for more than this share of a window counts as missing there."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of one recording.

    Attributes:
        ecg: in the unit of the source, 0 where a lead is missing or after the end, float32,
            shape (n, 12, SAMPLES).
        mask: 1 where a lead shows something, float32, shape (n, 12).
        start_s: begin of each window in the recording, seconds.
        covered_s: seconds of signal in each window; less than 10 for a short recording.
    """

    ecg: npt.NDArray[np.float32]
    mask: npt.NDArray[np.float32]
    start_s: tuple[float, ...]
    covered_s: tuple[float, ...]


def filled(rows: FloatArray) -> FloatArray:
    """Return rows with their gaps bridged by straight lines; rows without any value become 0."""
    bridged = np.zeros_like(rows)
    at = np.arange(rows.shape[1])
    for i, row in enumerate(rows):
        good = np.isfinite(row)
        if good.any():
            bridged[i] = row if good.all() else np.interp(at, at[good], row[good])
    return bridged


def filtered(rows: FloatArray, fs: float) -> FloatArray:
    """Return rows at `FS`, band-limited to `BAND_HZ` by a filter without delay.

    Args:
        rows: shape (n_leads, n), no gaps.
        fs: sampling rate of the rows, Hz, `FS` or more.
    """
    from scipy.signal import resample_poly, sosfiltfilt  # noqa: PLC0415  # slow to load

    ratio = Fraction(FS / fs).limit_denominator(1000)
    if ratio != 1:  # first: the filter is the dearer of the two
        rows = resample_poly(rows, ratio.numerator, ratio.denominator, axis=-1, padtype="line")
    passed = sosfiltfilt(_sections(), rows, axis=-1, padlen=min(rows.shape[1] - 1, 3 * FS))
    return np.asarray(passed, np.float64)


@cache
def _sections() -> FloatArray:
    from scipy.signal import butter  # noqa: PLC0415  # slow to load

    return np.asarray(butter(ORDER, BAND_HZ, "bandpass", fs=FS, output="sos"), np.float64)


def windows(rows: FloatArray, fs: float, *, flat: float = FLAT_MV) -> Windows:
    """Cut a recording into windows; the last one ends where the recording ends.

    Args:
        rows: leads in the order of `models.diagnosis.leads.STANDARD`, NaN where there is no value,
            shape (12, n), n at least `SHORTEST_S` long.
        fs: Hz.
        flat: standard deviation up to which a lead shows nothing, in the unit of the rows.
    """
    there = np.isfinite(rows)
    signal = filtered(filled(rows), fs)
    n = signal.shape[1]
    starts = list(range(0, max(n - SAMPLES, 0) + 1, SAMPLES))
    if n > SAMPLES and n - starts[-1] - SAMPLES >= FS:
        starts.append(n - SAMPLES)
    ecg = np.zeros((len(starts), rows.shape[0], SAMPLES), np.float32)
    mask = np.zeros((len(starts), rows.shape[0]), np.float32)
    covered = []
    for i, start in enumerate(starts):
        piece = signal[:, start : start + SAMPLES]
        first, last = (round(at * fs / FS) for at in (start, start + piece.shape[1]))
        seen = there[:, first:last].mean(axis=1) >= MOST_MISSING
        shown = seen & (piece.std(axis=1) > flat)
        mask[i] = shown
        ecg[i, :, : piece.shape[1]] = piece * shown[:, None]
        covered.append(piece.shape[1] / FS)
    return Windows(ecg, mask, tuple(start / FS for start in starts), tuple(covered))


def about(age: float | None, sex: str | None, *, voltage: bool) -> npt.NDArray[np.float32]:
    """Return what the network is told beside the signal, float32, shape (5,).

    Args:
        age: years; None if unknown.
        sex: ``"F"`` or ``"M"``; None if unknown.
        voltage: whether the signal is in mV; else only shapes are known.
    """
    known = age is not None and np.isfinite(age) and 0 < age <= 120
    years = (float(age) - 60.0) / 20.0 if known and age is not None else 0.0
    side = {"F": 1.0, "M": -1.0}.get(sex or "", 0.0)
    return np.array([float(voltage), years, float(known), side, abs(side)], np.float32)


ABOUT = ("voltage", "age", "age known", "sex", "sex known")
"""Order of what `about` gives."""
