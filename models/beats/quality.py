"""Probability that a beat cannot be classified: noise hides it, or the lead has no signal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.beats.columns import FEATURES

_NOISE = FEATURES.index("noise")
_PEAK = FEATURES.index("peak_mv")
NOISE_MIDDLE = -0.9
"""Log of noise against the peak-to-peak QRS at which a beat is as likely unclassifiable as not.

Noise is the rms of the signal's second difference over 16 ms outside the QRS complex. 99.99 % of
the beats of the development records lie below -0.9 on the first lead; white noise alone lies
at -0.84."""
NOISE_SLOPE = 8.0
SMALLEST_MV = 0.05
"""Peak-to-peak QRS below which there is no QRS complex to classify."""


def unclassifiable(features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the probability that a beat on a lead cannot be classified.

    Args:
        features: `columns.FEATURES` in the last axis.

    Returns:
        float32, the shape of ``features`` without its last axis.
    """
    noise = features[..., _NOISE]
    probability = 1.0 / (1.0 + np.exp(-NOISE_SLOPE * (noise - NOISE_MIDDLE)))
    small = features[..., _PEAK] < np.log(SMALLEST_MV)
    result: npt.NDArray[np.float32] = np.where(small, 1.0, probability).astype(np.float32)
    return result
