"""Which beats would have been called otherwise: stretches of signal replaced, timing made usual.

Saliency is by occlusion (Zeiler and Fergus 2014, doi:10.1007/978-3-319-10590-1_53): a stretch is
covered, and what the probability of the class then loses is what the stretch had contributed. A
grey patch means nothing in an ECG, so a stretch is replaced by the patient's own normal beat, bent
so that it joins the signal at both ends without a step.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STRETCH = 12
"""Samples replaced at a time (48 ms: half a QRS complex)."""
STEP = 4
"""Samples from one stretch to the next."""


def stretches(length: int) -> Iterator[slice]:
    """Yield the stretches of a window that are replaced, one after the other."""
    for start in range(0, length - STRETCH + 1, STEP):
        yield slice(start, start + STRETCH)


def occlude(window: Floats, template: Floats, where: slice) -> Floats:
    """Return the window with a stretch replaced by the template, without steps at its ends.

    Args:
        window: mV, shape (leads, n).
        template: mV, shape (leads, n).
        where: the stretch.
    """
    last = window.shape[1] - 1
    ends = [max(where.start - 1, 0), min(where.stop, last)]
    off = (window - template)[:, ends]
    share = (np.arange(where.start, where.stop) - ends[0]) / max(ends[1] - ends[0], 1)
    covered = window.copy()
    covered[:, where] = template[:, where] + off[:, :1] + (off[:, 1:] - off[:, :1]) * share
    return covered


def saliency(lost: Floats, length: int) -> Floats:
    """Spread what each stretch's replacement cost over its samples.

    Args:
        lost: probability lost by replacing each of `stretches`, shape (m,).
        length: samples of the window.

    Returns:
        mean loss of the stretches that cover a sample, shape (length,).
    """
    total, count = np.zeros(length), np.zeros(length)
    for where, one in zip(stretches(length), lost, strict=True):
        total[where] += one
        count[where] += 1
    return total / np.maximum(count, 1)
