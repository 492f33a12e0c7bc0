# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""The slope of a signal at a dyadic scale: what waves look like to the delineator.

A wavelet transform whose wavelet is the derivative of a smoothing spline, computed "à trous"
(Mallat and Zhong, IEEE Trans Pattern Anal Mach Intell 14:710-732, 1992): zero crossings are peaks
of the signal at that scale, extremes its steepest points. Martínez et al. (IEEE Trans Biomed Eng
51:570-581, 2004, doi:10.1109/TBME.2003.821031) found that at 250 Hz the scale 2^2 shows QRS
complexes best, and 2^4 P and T waves.

Deviation: each smoothing step is [1 2 1] / 4 in place of [1 3 3 1] / 8, and the difference is
central, so that nothing is shifted by half a sample.
"""

from __future__ import annotations

import numpy as np

from ecg_monitor.core.compiled import njit


@njit
def slopes(signal, scale, out):
    """Fill ``out`` with the slope at scale ``2 ** scale``, mV per ``2 ** (scale - 1)`` samples.

    Args:
        signal: mV, shape (n,); its ends last on.
        scale: 2 and up.
        out: shape (n,).
    """
    last = signal.size - 1
    smooth = signal.copy()
    spare = np.empty(signal.size)
    for level in range(scale - 1):
        step = 1 << level
        for i in range(last + 1):
            a = smooth[max(0, i - step)]
            b = smooth[min(last, i + step)]
            spare[i] = 0.25 * (a + b) + 0.5 * smooth[i]
        smooth, spare = spare, smooth
    half = 1 << (scale - 2)
    for i in range(last + 1):
        out[i] = smooth[min(last, i + half)] - smooth[max(0, i - half)]
