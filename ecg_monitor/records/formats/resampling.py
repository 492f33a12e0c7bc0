"""Brings a slower lead to the rate of the fastest one, by a low-pass filter and not by repeating.

A repeated sample makes steps, which look like noise and shift the steepest point of a QRS complex.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ecg_monitor.core.types import Int16Array

_BLOCK = 1 << 16
"""Samples of the slower lead that are looked at together."""
_MARGIN = 64
"""Samples on each side of a block that its filter may reach: it spans 10 samples of the slower
rate to each side (`scipy.signal.resample_poly`)."""
_FINEST = 2000
"""Largest denominator of a ratio of rates: 250 to 128.5 Hz is 500 to 257."""


def resampled(samples: Int16Array, up: int, down: int) -> Int16Array:
    """Return ``up`` samples for every ``down`` of a lead, shape (n * up / down rounded,)."""
    from scipy.signal import resample_poly  # noqa: PLC0415  # few files need it

    ratio = Fraction(up, down).limit_denominator(_FINEST)
    n_out = round(samples.size * up / down)
    made = np.zeros(n_out, np.int16)
    level = float(np.median(samples))  # an offset would show the ripple of the filter
    # Blocks begin at samples that both rates have.
    step = max(1, _BLOCK // ratio.denominator) * ratio.denominator
    margin = -(-_MARGIN // ratio.denominator) * ratio.denominator
    for start in range(0, samples.size, step):
        first, last = start - margin, start + step + margin
        inside = samples[max(0, first) : last].astype(np.float64)
        missing = max(0, -first), last - max(0, first) - inside.size
        part = np.pad(inside, missing, "edge")  # the lead goes on level beyond its ends
        values = resample_poly(part - level, ratio.numerator, ratio.denominator) + level
        offset = margin // ratio.denominator * ratio.numerator
        at = start // ratio.denominator * ratio.numerator
        length = min(step // ratio.denominator * ratio.numerator, n_out - at)
        piece = values[offset : offset + length]
        made[at : at + piece.size] = np.clip(np.rint(piece), -32767, 32767)
    return made
