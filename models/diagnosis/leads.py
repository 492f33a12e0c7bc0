"""The twelve leads as the networks see them: those of the records, and their scales."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecg_monitor.records.leads import (
    FROM_I_AND_II,
    INDEPENDENT,
    LIMB,
    STANDARD,
    FloatArray,
    TwelveLeads,
    arrange,
    derive,
    standard_lead,
)

__all__ = [
    "FROM_I_AND_II",
    "INDEPENDENT",
    "LIMB",
    "STANDARD",
    "FloatArray",
    "TwelveLeads",
    "arrange",
    "derive",
    "limb_scales",
    "standard_lead",
]


def limb_scales(scaled: npt.NDArray[np.floating]) -> FloatArray | None:
    """Return by how much limb leads that were scaled one by one have to be multiplied.

    Leads I, II and III each divided by its own standard deviation still obey III = II - I for one
    triple of factors, up to a common one: the null vector of what they make together.

    Args:
        scaled: I, II and III, shape (3, n), each about its own mean.

    Returns:
        Factors of I, II and III, all positive, with mean 1, shape (3,); None if the leads do not
        determine them (flat, or not of one recording).
    """
    one, two, three = (np.asarray(row, np.float64) - row.mean() for row in scaled)
    matrix = np.stack([one, -two, three])
    if not np.isfinite(matrix).all():
        return None
    left, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    factors = left[:, 2] * np.sign(left[:, 2].sum() or 1.0)
    if sizes[1] <= 0 or sizes[2] > 0.1 * sizes[1] or factors.min() <= 0:
        return None
    return np.asarray(factors / factors.mean(), np.float64)
