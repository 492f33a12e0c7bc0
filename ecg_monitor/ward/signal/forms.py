"""Divides beats into forms by how alike they are. Pure.

The forms are those of the beats at hand alone: nothing is kept of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ALIKE = 0.9
"""Least correlation of a beat with the form that it joins. A choice for the eye: no class and no
alarm hangs on it."""


def forms(
    beats: npt.NDArray[np.float64], own: npt.NDArray[np.int64], most: int
) -> list[npt.NDArray[np.int64]]:
    """Divide beats: the one most like the median of those left begins a form with its likes.

    Args:
        beats: signal about each beat with its middle at 0, mV, shape (n, n_samples).
        own: rows of those that are to be divided.
        most: forms at most; what resembles none joins the last.

    Returns:
        rows of each form.
    """
    norms = np.sqrt((beats**2).sum(axis=1))
    alike = beats / np.maximum(norms, 1e-9)[:, None]
    groups: list[npt.NDArray[np.int64]] = []
    left = own
    while len(left) and len(groups) < most - 1:
        middle = np.median(alike[left], axis=0)
        middle = alike[left[int(np.argmax(alike[left] @ middle))]]
        same = alike[left] @ middle >= ALIKE
        groups.append(left[same])
        left = left[~same]
    if len(left):
        groups.append(left)
    return groups
