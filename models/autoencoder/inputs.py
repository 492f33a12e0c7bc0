"""Inputs of the autoencoder: a window around its R peak and the intervals around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

FS = 250.0
"""Rate of the windows in Hz: the engine's."""
BEFORE, AFTER = 70, 130
"""Samples of the window before the R peak, and from it on: R - 0.28 s to R + 0.52 s, which holds
the P wave and most of the T wave; longer windows took in the neighbours of fast rhythms."""
WINDOW = BEFORE + AFTER
DECIMATION = 2
"""Samples that are averaged to one: 125 Hz carries the band of 0.5 .. 40 Hz of monitoring."""
POINTS = WINDOW // DECIMATION
RR_FIELDS = ("last", "next", "mean10", "mean300")
"""Columns of the RR context, s: interval to the previous beat, to the next one (NaN when it has not
come by R + 1.25 s), means of the last 10 intervals and of those of the last 300 s."""
NEXT_LIMIT_S = 1.25
"""A longer interval to the next beat counts as this long, so that it is known in time."""
RHYTHM_FIELDS = ("early", "late", "trend", "irregularity", "before")
"""Columns of the rhythm that the network gets, see `Inputs`."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """A batch of beats as the network takes it.

    Attributes:
        beats: beats at 125 Hz, divided by ``scale``, float32, shape (B, POINTS).
        templates: the patients' templates before these beats, divided by ``scale`` too.
        rhythm: float32, shape (B, 5), see `RHYTHM_FIELDS`.
        scale: root mean square of each template in mV, shape (B,).
    """

    beats: FloatArray
    templates: FloatArray
    rhythm: FloatArray
    scale: FloatArray


def condense(windows: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Bring windows to 125 Hz: shape (B, WINDOW) to (B, POINTS), the unit stays."""
    pairs = np.asarray(windows, dtype=np.float64)
    return 0.5 * (pairs[:, 0::2] + pairs[:, 1::2])


def expand(beats: npt.NDArray[np.floating]) -> FloatArray:
    """Bring beats back to 250 Hz by linear interpolation: (B, POINTS) to (B, WINDOW)."""
    padded = np.concatenate((beats[:, :1], beats, beats[:, -1:]), axis=1)
    out = np.empty((len(beats), WINDOW), dtype=np.float32)
    out[:, 0::2] = 0.25 * padded[:, :-2] + 0.75 * padded[:, 1:-1]
    out[:, 1::2] = 0.75 * padded[:, 1:-1] + 0.25 * padded[:, 2:]
    return out


def ratios(rr: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Logarithms of intervals over their mean of 300 s.

    Args:
        rr: shape (B, 4), s, see `RR_FIELDS`. A value that is not known is NaN: an unknown mean
            counts as the shorter mean or the last interval, an unknown interval as the mean.

    Returns:
        Shape (B, 3): last, next (at most `NEXT_LIMIT_S`), mean of 10; clipped to -1.5 .. 1.5.
    """
    last, following, mean10, mean300 = np.asarray(rr, dtype=np.float64).T
    mean10 = np.where(np.isnan(mean10), last, mean10)
    mean300 = np.where(np.isnan(mean300), mean10, mean300)
    mean300 = np.maximum(np.where(np.isnan(mean300), 0.8, mean300), 0.1)
    following = np.minimum(np.where(np.isnan(following), NEXT_LIMIT_S, following), NEXT_LIMIT_S)
    columns = [np.where(np.isnan(c), mean300, c) for c in (last, following, mean10)]
    table = np.maximum(np.stack(columns, axis=1), 0.05) / mean300[:, None]
    clipped: npt.NDArray[np.float64] = np.clip(np.log(table), -1.5, 1.5)
    return clipped
