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
        ``macro_auc`` and ``macro_f1`` (means over the labels that have examples), ``labels`` with
        the figures of each (None without examples), ``patients`` and ``intervals`` of all of them
        (``macro_auc``, ``auc AF``, ``f1 AF`` ...), JSON-ready.
    """
    holds = targets > 0.5
    limits = list(thresholds) or [THRESHOLD] * len(labels)
    called = answers >= np.array(limits, np.float32)
    areas = roc_areas(holds, answers)
    decided = _by_threshold(holds, called)
    rows: dict[str, Mapping[str, Any]] = {
        label: {
            "auc": _rounded(areas[number]),
            **{name: _rounded(values[number]) for name, values in decided.items()},
            "threshold": round(float(limits[number]), 5),
            "support": int(holds[:, number].sum()),
        }
        for number, label in enumerate(labels)
    }
    names, patient = np.unique(groups, return_inverse=True)
    return {
        "macro_auc": round(_mean(areas), 5),
        "macro_f1": round(_mean(decided["f1"]), 5),
        "labels": rows,
        "patients": len(names),
        "intervals": _intervals(holds, answers, called, patient, labels, seed),
    }


def _by_threshold(
    holds: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]
) -> dict[str, Doubles]:
    """Return precision, recall and F1, each of shape (labels,).

    A label that no example has says nothing of itself: NaN. What is never called has precision 0.
    """
    hits, told, there = (x.sum(axis=0).astype(np.float64) for x in (holds & called, called, holds))
    there = np.where(there > 0, there, np.nan)
    return {
        "precision": np.where(np.isnan(there), np.nan, hits / np.maximum(told, 1.0)),
        "recall": hits / there,
        "f1": 2 * hits / (told + there),
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


def _intervals(
    holds: npt.NDArray[np.bool_],
    answers: npt.NDArray[np.float32],
    called: npt.NDArray[np.bool_],
    patient: npt.NDArray[np.intp],
    labels: Sequence[str],
    seed: int,
) -> dict[str, list[float]]:
    """Return the 95 % interval of each figure; a draw without a label says nothing of it."""
    random = np.random.default_rng(seed)
    order = np.argsort(patient, kind="stable")
    starts = np.searchsorted(patient[order], np.arange(patient.max() + 2))
    drawn: dict[str, list[Doubles]] = {"auc": [], "precision": [], "recall": [], "f1": []}
    for _ in range(DRAWS // 4):
        chosen = random.integers(0, len(starts) - 1, len(starts) - 1)
        rows = np.concatenate([order[starts[one] : starts[one + 1]] for one in chosen])
        drawn["auc"].append(roc_areas(holds[rows], answers[rows]))
        for name, values in _by_threshold(holds[rows], called[rows]).items():
            drawn[name].append(values)
    figures = {
        f"macro_{name}": np.array([_mean(one) for one in drawn[name]]) for name in ("auc", "f1")
    }
    for name, each in drawn.items():
        columns = zip(labels, np.array(each).T, strict=True)
        figures |= {f"{name} {label}": column for label, column in columns}
    return {
        name: [round(float(bound), 5) for bound in np.nanpercentile(values, INTERVAL)]
        for name, values in figures.items()
        if not np.isnan(values).all()
    }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 5)


def _mean(values: Doubles) -> float:
    """Return the mean of what is a number, NaN where nothing is."""
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if len(kept) else float("nan")
