"""Weights of beats in training and in judging, by which records count alike, not beats.

In DS1 one record holds 40 % of all S beats and another 90 % of all F beats. Counted by the beat,
they would decide alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.beats.dataset import BeatSet

Doubles = npt.NDArray[np.float64]

BALANCE = 0.25
"""Degree to which records are made equal where beats arise: 0 not at all, 1 wholly (per class)."""
COPIES = 12
"""Copies of a record in the training data: its number of beats is multiplied by this."""
ENOUGH_N, ENOUGH = 300, 20
"""Beats of a class from which a record counts in full for it; N, others."""
MOST = 60.0
"""In judging, the ectopic beats of a class in one record count as at most this many."""
NORMAL_PER_EARLY = 5.0
"""In judging, the weight that N beats of made rhythms count for against their S beats."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Weight of a record in training.

    Attributes:
        totals: weight of a record's beats of N, S, V, F together; 0 leaves a class out.
        spliced: the same of its made rhythms, in parts of that.
        others: weight of all recordings of other databases, in parts of all N beats.
        power: how fast a record with few beats of a class counts for less.
    """

    totals: tuple[float, float, float, float]
    spliced: tuple[float, float, float, float]
    others: float
    power: float


TIMING = Shares((1500.0, 800.0, 0.0, 0.0), (0.2, 1.0, 0.0, 0.0), 0.15, 1.0)


def origin(beats: BeatSet) -> Doubles:
    """Weight of each beat in training where beats arise, shape (n,).

    Records with many beats of a class count less, up to the power `BALANCE`. Made rhythms and
    recordings of other databases do not count: trained on them, V came out worse on the folds.
    """
    result = np.zeros(len(beats))
    _, record = np.unique(beats.records, return_inverse=True)
    for label in range(4):
        mine = np.flatnonzero(beats.real & (beats.labels == label))
        usual, least = (4000, 500) if label == 0 else (300, 30)
        count = np.maximum(np.bincount(record[mine]), least)
        result[mine] = (usual / count[record[mine]]) ** BALANCE
    normal = result[beats.real & (beats.labels == 0)]
    return result / normal.mean() if len(normal) else result


def timing(beats: BeatSet, shares: Shares) -> Doubles:
    """Weight of each beat in training what was early, shape (n,)."""
    result = np.zeros(len(beats))
    _, record = np.unique(beats.records, return_inverse=True)
    for made, part in ((False, (1.0,) * 4), (True, shares.spliced)):
        chosen = beats.spliced if made else beats.real
        for label, total in enumerate(shares.totals):
            mine = np.flatnonzero(chosen & (beats.labels == label))
            count = np.bincount(record[mine])
            enough = COPIES * (ENOUGH if label else ENOUGH_N)
            full = np.minimum(1.0, count / enough) ** shares.power
            each = total * part[label] * full / np.maximum(count, 1)
            result[mine] = each[record[mine]]
    mine = np.flatnonzero(beats.others)
    if len(mine):
        result[mine] = shares.others * result[beats.labels == 0].sum() / len(mine)
    return result


def judging(beats: BeatSet) -> Doubles:
    """Weight of each held-out beat when something is decided, shape (n,).

    A record's S, V and F beats count as at most `MOST` of a class. S and V of made rhythms count
    together as much as the real ones, evenly over the records; their N beats evenly over the
    rhythms.
    """
    result = np.ones(len(beats))
    for label in (1, 2, 3):
        real = beats.real & (beats.labels == label)
        for record in np.unique(beats.records[real]):
            mine = real & (beats.records == record)
            result[mine] = min(1.0, MOST / mine.sum())
        made = beats.spliced & (beats.labels == label)
        records = np.unique(beats.records[made])
        for record in records:
            mine = made & (beats.records == record)
            result[mine] = result[real].sum() / len(records) / mine.sum()
    normal = beats.spliced & (beats.labels == 0)
    kinds = np.unique(beats.variants[normal])
    whole = NORMAL_PER_EARLY * result[beats.spliced & (beats.labels == 1)].sum()
    for kind in kinds:
        mine = normal & (beats.variants == kind)
        result[mine] = whole / len(kinds) / mine.sum()
    return result
