"""Figures of networks and baselines on the test parts, with intervals over recordings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from models.diagnosis.data.collection import Collection
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.labels import NINE, SUPERCLASSES
from models.diagnosis.leads import STANDARD, FloatArray
from models.diagnosis.training.metrics import aucs, draws, f1, macro_auc, paired

CLASSES = len(SUPERCLASSES)
TITLES: Mapping[str, str] = {
    "ecg-diagnosis": "ours",
    "ptbxl-cnn": "convolutions",
    "ptbxl-lstm": "bidirectional LSTM",
    "ptbxl-hybrid": "convolutions and LSTM",
    "lr": "expert features, logistic regression",
    "rf": "expert features, random forest",
    "lgb": "expert features, boosted trees",
    "mlp": "expert features, perceptron",
    "random-encoder": "untrained network, logistic regression",
}
"""Names of models, and what they are."""
SUBSETS: Mapping[str, Sequence[str]] = {
    "all twelve": STANDARD,
    "limb leads": STANDARD[:6],
    "chest leads": STANDARD[6:],
    "I, II, V2": ("I", "II", "III", "aVR", "aVL", "aVF", "V2"),
    "I and II": STANDARD[:6],
    **{lead: (lead,) for lead in STANDARD},
}
"""Which leads ours is asked with; two limb leads bring the other four with them."""
BINS = 10
"""Groups of probabilities that calibration is judged by."""
TIMED = 40
"""Recordings of the median time."""


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return a table in the form that documents quote."""
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


def superclasses(
    said: Mapping[str, FloatArray],
    titles: Mapping[str, str],
    test: Collection,
    ours: str,
    *,
    times: int = 1000,
) -> dict[str, Any]:
    """Return the AUC of every model on PTB-XL's test fold, and by how much ours exceeds each.

    Args:
        said: scores by model, shape (n, 5).
        titles: what each is, for a table.
        test: the recordings.
        ours: name of the model that the others are held against.
        times: how often they are drawn anew.
    """
    holds, known = test.labels[:, :CLASSES], test.known[:, :CLASSES]
    models: dict[str, Any] = {}
    rows = []
    for name, scores in said.items():
        whole = macro_auc(scores, holds, known, times=times)
        each = aucs(scores, holds, known)
        ahead = paired(said[ours], scores, holds, known, times=times) if name != ours else None
        models[name] = {
            "auc": asdict(whole),
            "labels": {one.name: float(v) for one, v in zip(SUPERCLASSES, each, strict=True)},
            "ours_ahead": asdict(ahead) if ahead else None,
        }
        rows.append(
            [
                f"`{name}`",
                titles[name],
                f"{whole.value:.3f} ({whole.low:.3f} .. {whole.high:.3f})",
                *(f"{value:.3f}" for value in each),
                f"{ahead.value:+.3f} ({ahead.low:+.3f} .. {ahead.high:+.3f})" if ahead else "",
            ]
        )
    names = [one.name for one in SUPERCLASSES]
    columns = ["model", "what it is", "macro AUC (95 %)", *names, "ours ahead by (95 %)"]
    return {
        "recordings": len(test),
        "with_voltage": int(test.about[:, 0].sum()),
        "positives": {n: int(holds[:, i].sum()) for i, n in enumerate(names)},
        "models": models,
        "table": table(columns, rows),
    }


def nine_labels(
    chances: FloatArray, thresholds: Sequence[float], test: Collection
) -> dict[str, Any]:
    """Return AUC and F1 of each of the nine labels over all test recordings that decide it."""
    rows, values = [], {}
    for i, label in enumerate(NINE, start=CLASSES):
        seen = test.known[:, i] > 0.5
        holds = test.labels[seen, i] > 0.5
        area = float(aucs(chances[seen, i : i + 1], holds[:, None], np.ones((len(holds), 1)))[0])
        at_limit = f1(chances[seen, i] >= thresholds[i], holds)
        values[label.name] = {
            "auc": area,
            "f1": at_limit,
            "positives": int(holds.sum()),
            "windows": len(holds),
        }
        rows.append(
            [
                label.name,
                label.title,
                f"{area:.3f}",
                f"{at_limit:.2f}",
                f"{holds.sum()}/{len(holds)}",
            ]
        )
    return {
        "labels": values,
        "auc": float(np.mean([one["auc"] for one in values.values()])),
        "f1": float(np.mean([one["f1"] for one in values.values()])),
        "table": table(["label", "what it means", "AUC", "F1", "positive / windows"], rows),
    }


def lead_subsets(
    network: DiagnosisNetwork, test: Collection, *, times: int = 1000
) -> dict[str, Any]:
    """Return the macro AUC of the superclasses with some leads alone.

    Args:
        network: what is asked.
        test: the recordings.
        times: how often they are drawn anew.
    """
    holds, known = test.labels[:, :CLASSES], test.known[:, :CLASSES]
    rows, values = [], {}
    for name, leads in SUBSETS.items():
        kept = np.array([lead in leads for lead in STANDARD], np.float32)
        mask = test.mask * kept
        scores = network.answers(test.ecg * mask[:, :, None], mask, test.about)[:, :CLASSES]
        found = macro_auc(scores, holds, known, times=times)
        values[name] = asdict(found)
        rows.append([name, f"{found.value:.3f} ({found.low:.3f} .. {found.high:.3f})"])
    return {"subsets": values, "table": table(["leads", "macro AUC (95 %)"], rows)}


def without(network: DiagnosisNetwork, test: Collection) -> dict[str, float]:
    """Return the macro AUC of the superclasses with what stands beside the signal taken away."""
    holds, known = test.labels[:, :CLASSES], test.known[:, :CLASSES]
    found = {}
    for name, columns in {"voltage": [0], "age and sex": [1, 2, 3, 4], "both": range(5)}.items():
        told = test.about.copy()
        told[:, list(columns)] = 0
        scores = network.answers(test.ecg, test.mask, told)[:, :CLASSES]
        found[name] = float(np.nanmean(aucs(scores, holds, known)))
    return found


def calibration(chances: FloatArray, test: Collection) -> dict[str, Any]:
    """Return how far probabilities are from shares, over all labels that are decided.

    ``error`` is the mean distance between probability and share over groups of equal width,
    weighed by their size (Guo et al. 2017); ``bins`` has mean, share and size of each.
    """
    seen = test.known > 0.5
    said, holds = chances[seen], test.labels[seen]
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    bins = [
        [float(said[at].mean()), float(holds[at].mean()), int(at.sum())]
        for i in range(BINS)
        for at in [places == i]
        if at.any()
    ]
    error = sum(size * abs(mean - share) for mean, share, size in bins) / len(said)
    return {"error": error, "bins": bins}


def spread_of_decisions(
    chances: FloatArray, thresholds: Sequence[float], test: Collection
) -> dict[str, Any]:
    """Return sensitivity, specificity and F1 of the superclasses at the thresholds, by label."""
    rows, values = [], {}
    order = draws(len(test), 1000, 2)
    for i, label in enumerate(SUPERCLASSES):
        holds = test.labels[:, i] > 0.5
        decided = chances[:, i] >= thresholds[i]
        value = f1(decided, holds)
        drawn = [f1(decided[d], holds[d]) for d in order]
        low, high = (float(bound) for bound in np.percentile(drawn, [2.5, 97.5]))
        se, sp = (float(decided[holds].mean()), float((~decided[~holds]).mean()))
        values[label.name] = {"se": se, "sp": sp, "f1": value, "low": low, "high": high}
        rows.append(
            [label.name, f"{se:.2f}", f"{sp:.2f}", f"{value:.2f} ({low:.2f} .. {high:.2f})"]
        )
    return {"labels": values, "table": table(["label", "Se", "Sp", "F1 (95 %)"], rows)}


def timing(network: DiagnosisNetwork, signal: npt.NDArray[np.float64], fs: float) -> dict[str, Any]:
    """Return the median CPU time of one recording in ms: preparing it, asking the network, all.

    Args:
        network: what is asked.
        signal: twelve leads, mV, shape (12, n).
        fs: Hz.
    """
    from models.diagnosis import inputs  # noqa: PLC0415

    told = inputs.about(60.0, "F", voltage=True)
    steps: dict[str, list[float]] = {"prepare": [], "network": []}
    for _ in range(TIMED):
        began = time.process_time()
        windows = inputs.windows(signal, fs)
        between = time.process_time()
        network.probabilities(windows, told)
        ended = time.process_time()
        steps["prepare"].append(between - began)
        steps["network"].append(ended - between)
    medians = {name: float(np.median(values) * 1000) for name, values in steps.items()}
    fastest = sum(min(values) for values in steps.values()) * 1000
    return {
        **medians,
        "all": sum(medians.values()),
        "fastest": fastest,
        "windows": len(windows.ecg),
    }
