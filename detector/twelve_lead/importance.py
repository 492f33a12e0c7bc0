"""What findings hang on: leads left out, and half seconds of all leads bridged.

Occlusion (Zeiler and Fergus 2014, doi:10.1007/978-3-319-10590-1_53) on the released network: what
the log odds of a label lose without a part is what that part had contributed. A lead is left out as
if it had not been measured, which the network was trained for; a half second is replaced by a
straight line, since a grey patch means nothing in an ECG.

Limitations:
    What several leads or beats show counts little in each of them: leaving out one of them changes
    nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.inputs import FS, SAMPLES
from models.diagnosis.leads import STANDARD

PART_S = 0.5
"""Length of signal that is bridged at a time: half a beat to a beat."""
PARTS = round(SAMPLES / FS / PART_S)
CERTAIN = 1e-4
"""Probabilities nearer to 0 or 1 than this are not told apart."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """What each label of one window hangs on.

    Attributes:
        probabilities: of the whole window, shape (labels,).
        leads: log odds lost without each lead, 0 for those not there, shape (labels, 12).
        parts: log odds lost without each half second, shape (labels, PARTS).
        low: least probability with one lead fewer, or as it is, shape (labels,).
        high: largest such probability, shape (labels,).
    """

    probabilities: Floats
    leads: Floats
    parts: Floats
    low: Floats
    high: Floats


def importance(
    network: DiagnosisNetwork,
    ecg: npt.NDArray[np.float32],
    mask: npt.NDArray[np.float32],
    about: npt.NDArray[np.float32],
) -> Importance:
    """Leave out one part after the other, and see what becomes of each label.

    Args:
        network: what judges.
        ecg: one window as the network sees it, shape (12, SAMPLES).
        mask: 1 where a lead shows something, shape (12,).
        about: as of `models.diagnosis.inputs.about`, shape (5,).
    """
    there = np.flatnonzero(mask) if mask.sum() > 1 else np.array([], np.intp)
    count = 1 + len(there) + PARTS
    windows = np.repeat(ecg[None], count, axis=0)
    masks = np.repeat(mask[None], count, axis=0)
    for row, lead in enumerate(there, start=1):
        windows[row, lead] = 0
        masks[row, lead] = 0
    for part in range(PARTS):
        _bridge(windows[1 + len(there) + part], part)
    found = network.answers(windows, masks, np.repeat(about[None], count, axis=0))
    odds = _log_odds(found)
    lost = odds[0] - odds
    leads = np.zeros((found.shape[1], len(STANDARD)))
    leads[:, there] = lost[1 : 1 + len(there)].T
    near = found[: 1 + len(there)]
    return Importance(found[0], leads, lost[1 + len(there) :].T, near.min(axis=0), near.max(axis=0))


def _bridge(window: npt.NDArray[np.float32], part: int) -> None:
    """Replace a half second of all leads by a straight line between its neighbours, in place."""
    length = round(PART_S * FS)
    first, last = part * length, (part + 1) * length
    left, right = window[:, max(first - 1, 0)], window[:, min(last, SAMPLES - 1)]
    share = np.linspace(0, 1, length + 2, dtype=np.float32)[1:-1]
    window[:, first:last] = left[:, None] + (right - left)[:, None] * share


def _log_odds(probability: Floats) -> Floats:
    kept = np.clip(probability, CERTAIN, 1 - CERTAIN)
    return np.asarray(np.log(kept / (1 - kept)))
