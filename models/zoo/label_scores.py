"""Scores of labels that may hold together: area under the ROC curve, precision, recall and F1 each.

Intervals come from a bootstrap over patients, as in `models.zoo.scores`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from models.zoo.scores import DRAWS, INTERVAL

Doubles = npt.NDArray[np.float64]
THRESHOLD = 0.5
"""Probability from which a label is held to be there, where no threshold per label is given."""


def score_labels(
    targets: npt.NDArray[np.float32],
    answers: npt.NDArray[np.float32],
    groups: npt.NDArray[np.str_],
    labels: Sequence[str],
    thresholds: Sequence[float] = (),
    seed: int = 0,
) -> dict[str, Any]:
    """Score probabilities against the labels that hold.

    Args:
        targets: 1 where a label holds, 0 where not, shape (n, labels).
        answers: probabilities, shape (n, labels).
        groups: patient of each example, shape (n,).
        labels: their names.
        thresholds: probability from which each is held to be there; empty: `THRESHOLD`.
        seed: of the bootstrap.

    Returns:
        ``macro_auc``, ``macro_f1``, ``labels`` with the figures of each, ``patients`` and
        ``intervals`` of ``macro_auc``, JSON-ready.
    """
    holds = targets > 0.5
    called = answers >= np.array(list(thresholds) or [THRESHOLD] * len(labels), np.float32)
    areas = roc_areas(holds, answers)
    rows: dict[str, Mapping[str, Any]] = {}
    for number, label in enumerate(labels):
        rows[label] = {
            "auc": None if np.isnan(areas[number]) else round(float(areas[number]), 5),
            **_by_threshold(holds[:, number], called[:, number]),
        }
    names, patient = np.unique(groups, return_inverse=True)
    return {
        "macro_auc": round(float(np.nanmean(areas)), 5),
        "macro_f1": round(float(np.mean([row["f1"] for row in rows.values()])), 5),
        "labels": rows,
        "patients": len(names),
        "intervals": {"macro_auc": _interval(holds, answers, patient, seed)},
    }


def _by_threshold(
    holds: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]
) -> dict[str, float | int]:
    hits, told, there = (float(x.sum()) for x in (holds & called, called, holds))
    return {
        "precision": round(hits / max(told, 1.0), 5),
        "recall": round(hits / max(there, 1.0), 5),
        "f1": round(2 * hits / max(told + there, 1.0), 5),
        "support": int(there),
    }


def roc_areas(holds: npt.NDArray[np.bool_], answers: npt.NDArray[np.float32]) -> Doubles:
    """Return the area under the ROC curve of each label, shape (labels,); NaN without both kinds.

    It is the chance that an example with the label gets more than one without (Mann-Whitney),
    equal answers counted half.
    """
    ranks = rankdata(answers, axis=0)
    there = holds.sum(axis=0).astype(np.float64)
    absent = len(holds) - there
    sums = np.where(holds, ranks, 0.0).sum(axis=0) - there * (there + 1) / 2
    both = (there > 0) & (absent > 0)
    return np.divide(sums, there * absent, out=np.full(len(there), np.nan), where=both)


def _interval(
    holds: npt.NDArray[np.bool_],
    answers: npt.NDArray[np.float32],
    patient: npt.NDArray[np.intp],
    seed: int,
) -> list[float]:
    random = np.random.default_rng(seed)
    order = np.argsort(patient, kind="stable")
    starts = np.searchsorted(patient[order], np.arange(patient.max() + 2))
    drawn = []
    for _ in range(DRAWS // 4):
        chosen = random.integers(0, len(starts) - 1, len(starts) - 1)
        rows = np.concatenate([order[starts[one] : starts[one + 1]] for one in chosen])
        drawn.append(np.nanmean(roc_areas(holds[rows], answers[rows])))
    return [round(float(bound), 5) for bound in np.percentile(drawn, INTERVAL)]
