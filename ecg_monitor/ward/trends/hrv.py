"""Heart rate variability of normal beats. Pure; numpy alone.

After the 1996 Task Force of the ESC and NASPE, Circulation 93:1043-1065,
doi:10.1161/01.CIR.93.5.1043: only intervals between two normal beats that follow each other (NN)
count. Of these, what differs by more than a fifth from the median of its neighbours is taken for a
missed, early or false beat (after Malik et al. 1989, Eur Heart J 10:1060-1074).

The spectrum is a Lomb periodogram of the NN intervals at the times of their beats: nothing is
resampled and no beat is made up, both of which distort the high frequencies (Clifford and
Tarassenko 2005, doi:10.1109/TBME.2005.844028). A straight line is taken away first.

Limitations:
    R peaks lie on a 4 ms lattice, the coarsest that the Task Force allows: below an RMSSD of about
    5 ms, the lattice is what is measured. In atrial fibrillation nearly all intervals are left out:
    its variability says nothing of autonomic tone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WINDOW_S = 300.0
"""The Task Force's short-term recording: five minutes."""
LOW_BAND_HZ = (0.04, 0.15)
HIGH_BAND_HZ = (0.15, 0.40)
SHORTEST_S, LONGEST_S = 0.3, 2.0
DEVIATION = 0.2
NEIGHBOURS = 5
"""Intervals on either side whose median an interval is held against."""
LEAST_CLEAN = 0.8
"""Part of the intervals that must be clean, and part of the window that they must cover."""
LEAST_INTERVALS = 20
OVERSAMPLING = 4


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """RR intervals, and which of them are clean.

    Attributes:
        times: when each interval ends, s, shape (n,).
        rr: intervals in s, shape (n,).
        clean: NN intervals that no artefact is suspected of, shape (n,).
        pairs: index of each clean interval that follows a clean one directly, shape (m,).
    """

    times: Floats
    rr: Floats
    clean: npt.NDArray[np.bool_]
    pairs: npt.NDArray[np.intp]

    @property
    def nn(self) -> Floats:
        """The clean intervals, s."""
        return self.rr[self.clean]


@dataclass(frozen=True, slots=True)
class Variability:
    """Numbers of one window; see the module.

    Attributes:
        mean_nn_ms: mean NN interval.
        sdnn_ms: standard deviation of NN intervals.
        rmssd_ms: root mean square of differences of successive NN intervals.
        pnn50: share of these differences above 50 ms, 0 .. 1.
        sd1_ms: spread of the Poincaré plot across its diagonal (Brennan et al. 2001,
            doi:10.1109/10.959330).
        sd2_ms: spread along it.
        lf_ms2: power at 0.04 .. 0.15 Hz, ms^2.
        hf_ms2: power at 0.15 .. 0.40 Hz, ms^2.
        lf_hf: their ratio, None without power at high frequencies.
    """

    mean_nn_ms: float
    sdnn_ms: float
    rmssd_ms: float
    pnn50: float
    sd1_ms: float
    sd2_ms: float
    lf_ms2: float
    hf_ms2: float
    lf_hf: float | None


def intervals(
    times: Sequence[float], rr: Sequence[float | None], labels: Sequence[str]
) -> Intervals:
    """Find the clean intervals between beats.

    Args:
        times: R peaks in order, s.
        rr: interval before each beat, s; None where the beat before is not known.
        labels: AAMI class of each beat.

    Returns:
        all intervals that are known, with their judgement.
    """
    at = np.asarray(times, np.float64)
    lengths = np.array([np.nan if one is None else one for one in rr], np.float64)
    normal = np.array([label == "N" for label in labels], bool)
    known = np.isfinite(lengths)
    both = normal & np.concatenate([[False], normal[:-1]])[: len(normal)]
    likely = known & both & (lengths >= SHORTEST_S) & (lengths <= LONGEST_S)
    clean = likely.copy()
    if likely.any():
        index = np.flatnonzero(likely)
        clean[index] = _agree(lengths[index])
    follows = clean & np.concatenate([[False], clean[:-1]])[: len(clean)]
    place = np.cumsum(known) - 1
    return Intervals(at[known], lengths[known], clean[known], place[follows])


def variability(found: Intervals, window_s: float = WINDOW_S) -> Variability | None:
    """Return the numbers of a window, None if it has not enough clean beats.

    Args:
        found: intervals of the window.
        window_s: its length, s; clean intervals must cover four fifths of it.
    """
    nn = found.nn
    if len(nn) < LEAST_INTERVALS or len(found.pairs) < LEAST_INTERVALS:
        return None
    if len(nn) < LEAST_CLEAN * len(found.rr) or nn.sum() < LEAST_CLEAN * window_s:
        return None
    later, earlier = 1000 * found.rr[found.pairs], 1000 * found.rr[found.pairs - 1]
    change = later - earlier
    low, high = band_powers(found.times[found.clean], 1000 * nn)
    return Variability(
        mean_nn_ms=float(1000 * nn.mean()),
        sdnn_ms=float(1000 * nn.std(ddof=1)),
        rmssd_ms=float(np.sqrt((change**2).mean())),
        pnn50=float((np.abs(change) > 50).mean()),
        sd1_ms=float(((later - earlier) / np.sqrt(2)).std(ddof=1)),
        sd2_ms=float(((later + earlier) / np.sqrt(2)).std(ddof=1)),
        lf_ms2=low,
        hf_ms2=high,
        lf_hf=low / high if high > 0 else None,
    )


def band_powers(times: Floats, values: Floats) -> tuple[float, float]:
    """Power of an unevenly sampled series in the low and the high band.

    Args:
        times: s, shape (n,).
        values: shape (n,).

    Returns:
        powers in the square of the unit of ``values``: a sine of amplitude a has a^2 / 2.
    """
    rest = values - np.polyval(np.polyfit(times, values, 1), times)
    span = float(times[-1] - times[0]) * len(times) / (len(times) - 1)
    step = 1 / (OVERSAMPLING * span)
    frequencies = np.arange(LOW_BAND_HZ[0], HIGH_BAND_HZ[1], step)
    density = span * _amplitudes(times - times[0], rest, frequencies) ** 2 / 2
    first = frequencies < LOW_BAND_HZ[1]
    return float(density[first].sum() * step), float(density[~first].sum() * step)


def _amplitudes(times: Floats, values: Floats, frequencies: Floats) -> Floats:
    """Amplitude of the best sine at each frequency (Lomb 1976, doi:10.1007/BF00648343)."""
    angles = 2 * np.pi * frequencies[:, None] * times
    # The shift makes sine and cosine orthogonal at these times.
    shift = 0.5 * np.arctan2(np.sin(2 * angles).sum(1), np.cos(2 * angles).sum(1))
    cosine, sine = np.cos(angles - shift[:, None]), np.sin(angles - shift[:, None])
    a = (cosine @ values) / np.maximum((cosine**2).sum(1), 1e-12)
    b = (sine @ values) / np.maximum((sine**2).sum(1), 1e-12)
    result: Floats = np.hypot(a, b)
    return result


def _agree(nn: Floats) -> npt.NDArray[np.bool_]:
    """Whether each interval is near the median of those around it."""
    padded = np.pad(nn, NEIGHBOURS, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)
    middle = np.nanmedian(around, axis=1)
    agrees: npt.NDArray[np.bool_] = np.abs(nn - middle) <= DEVIATION * middle
    return agrees
