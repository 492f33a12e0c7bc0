"""Detection within ten-second windows, which foretells false rate alarms better than half an hour.

A monitor decides on a rate from a few beats, so what counts is whether misses come together. Of
each window the sensitivity is taken, over all windows its empirical cumulative distribution
function, and of that the area ``AUecdf``: 0 if no window misses a beat, 1 if all are missed. Since
sensitivity lies between 0 and 1 the area is one less the mean over windows. Positive predictivity
is treated alike. Source: Daluwatte et al., A novel ECG detector performance metric and its
relationship with missing and false heart rate limit alarms, J Electrocardiol 51(1):68-73, 2018,
doi:10.1016/j.jelectrocard.2017.08.030, where false alarm rates of six detectors rose with the area
for sensitivity (rank correlation 0.9). Here windows follow one another without overlap, and one
without a beat to be found (for predictivity: without a found one) has no share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from models.scoring.matching import NONE, Match

WINDOW_S = 10.0
"""Length of a window (Daluwatte 2018), s."""
LEVELS = (0.5, 0.75, 0.9, 0.95, 1.0)
"""Places at which the distribution is told."""


@dataclass(frozen=True, slots=True, eq=False)
class ShortWindows:
    """Rates of detection in consecutive windows.

    Attributes:
        se: sensitivity of each window with reference beats, 0 to 1, shape (n_windows,).
        ppv: positive predictivity of each window with test beats, shape (m_windows,).
    """

    se: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    ppv: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, pairs: Match, start_s: float = 0.0) -> ShortWindows:
        """Count the pairs of a match by windows.

        Args:
            pairs: of a reference and a test annotator.
            start_s: what to leave out at the start, s; the first window begins there.
        """
        matched = (pairs.reference_at != NONE) & (pairs.test_at != NONE)
        reference, test = pairs.reference.samples, pairs.test.samples
        return cls(
            _shares(reference, pairs.reference_at, matched, pairs.fs, start_s),
            _shares(test, pairs.test_at, matched, pairs.fs, start_s),
        )

    def __add__(self, other: ShortWindows) -> ShortWindows:
        """Pool the windows of two recordings."""
        return ShortWindows(
            np.concatenate((self.se, other.se)), np.concatenate((self.ppv, other.ppv))
        )

    def as_map(self) -> dict[str, Any]:
        """Return areas and distributions, JSON-ready.

        ``se`` and ``ppv`` each hold ``windows``, ``auecdf`` (None without windows), ``worst`` and
        ``below``: by level the share of windows whose rate is lower.
        """
        return {"window_s": WINDOW_S, "se": _distribution(self.se), "ppv": _distribution(self.ppv)}


def area_under_ecdf(rates: npt.NDArray[np.float64]) -> float | None:
    """Return the area under the empirical distribution function from 0 to 1; None without rates.

    Args:
        rates: 0 to 1, shape (n,).
    """
    if not rates.size:
        return None
    steps = np.concatenate((np.sort(rates), [1.0]))
    heights = np.arange(1, rates.size + 1) / rates.size
    return float(np.sum(heights * np.diff(steps)))


def _shares(
    samples: npt.NDArray[np.int64],
    index: npt.NDArray[np.int64],
    matched: npt.NDArray[np.bool_],
    fs: float,
    start_s: float,
) -> npt.NDArray[np.float64]:
    """Return the share of one side's beats that are matched, of each window that has any."""
    own = index != NONE
    at = samples[index[own]]
    places = np.floor((at / fs - start_s) / WINDOW_S).astype(np.int64)
    hits, places = matched[own][places >= 0], places[places >= 0]
    if not places.size:
        return np.zeros(0)
    beats = np.bincount(places)
    found = np.bincount(places, weights=hits)
    shares: npt.NDArray[np.float64] = found[beats > 0] / beats[beats > 0]
    return shares


def _distribution(rates: npt.NDArray[np.float64]) -> dict[str, Any]:
    return {
        "windows": int(rates.size),
        "auecdf": area_under_ecdf(rates),
        "worst": float(rates.min()) if rates.size else None,
        "below": {f"{level:g}": float(np.mean(rates < level)) for level in LEVELS}
        if rates.size
        else {},
    }
