"""Several models of twelve leads asked together, and how much more patients would teach one.

A vote is the plain mean of their probabilities. Weights of a mean are found by adding the model
that helps most, again and again, the same one more often if need be (Caruana R et al., Ensemble
selection from libraries of models, ICML 2004). Stacking is a logistic regression of what all of
them say (Wolpert DH, Neural Networks 5:241-259, 1992).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.diagnosis.data.collection import Collection
from models.diagnosis.labels import SUPERCLASSES
from models.diagnosis.leads import FloatArray
from models.diagnosis.training.metrics import aucs, macro_auc, paired
from workbench.evaluate.twelve_leads.compare import TITLES, table
from workbench.training.twelve_lead import baselines

CLASSES = len(SUPERCLASSES)
ROUNDS = 30
"""How often a model is added."""
SHARES = (0.1, 0.25, 0.5, 1.0)
"""Of the training recordings."""
DRAWS = 3
"""Different choices of recordings for each share below the whole."""
LEARNERS = ("lgb", "lr")
"""Keys of `baselines.MODELS` whose learning curves are drawn."""
SUREST = 1e-4
"""Probabilities are kept so far from 0 and 1 before their log odds are taken."""


def chosen_weights(
    said: Mapping[str, FloatArray], holds: npt.NDArray[np.floating], *, rounds: int = ROUNDS
) -> dict[str, float]:
    """Return the weight of each model, sum 1, with which their mean has the largest macro AUC.

    Args:
        said: probabilities by model, shape (n, labels), of recordings that none has trained on
            and that are not reported on.
        holds: which labels hold, shape (n, labels).
        rounds: how often a model is added.
    """
    known = np.ones_like(holds)
    names = list(said)
    counts = dict.fromkeys(names, 0)
    best, best_counts = -1.0, dict(counts)
    total = np.zeros_like(next(iter(said.values())))
    for number in range(1, rounds + 1):
        figures = [
            float(np.nanmean(aucs((total + said[name]) / number, holds, known))) for name in names
        ]
        at = int(np.argmax(figures))
        total = total + said[names[at]]
        counts[names[at]] += 1
        if figures[at] > best:
            best, best_counts = figures[at], dict(counts)
    whole = sum(best_counts.values())
    return {name: count / whole for name, count in best_counts.items()}


def mean_of(said: Mapping[str, FloatArray], weights: Mapping[str, float]) -> FloatArray:
    """Return the weighted mean of what models say, shape (n, labels)."""
    return np.asarray(sum(weights[name] * said[name] for name in said), np.float64)


def stacked(
    said: Mapping[str, FloatArray],
    holds: npt.NDArray[np.floating],
    asked: Mapping[str, FloatArray],
) -> FloatArray:
    """Return what a logistic regression of all models' log odds says, shape (m, labels).

    Args:
        said: probabilities by model, shape (n, labels), of recordings that none has trained on
            and that are not reported on.
        holds: which labels hold there, shape (n, labels).
        asked: probabilities by model of the recordings asked about, shape (m, labels).
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # slow to load

    columns = []
    for i in range(holds.shape[1]):
        learnt, told = (
            np.stack([_log_odds(one[name][:, i]) for name in said], axis=1) for one in (said, asked)
        )
        model = LogisticRegression(C=0.05, max_iter=2000)
        columns.append(model.fit(learnt, holds[:, i] > 0.5).predict_proba(told)[:, 1])
    return np.stack(columns, axis=1)


def _log_odds(chances: FloatArray) -> FloatArray:
    inside = np.clip(chances, SUREST, 1 - SUREST)
    odds: FloatArray = np.log(inside / (1 - inside))
    return odds


def held_against(
    ways: Mapping[str, FloatArray], ours: str, test: Collection, *, times: int = 1000
) -> dict[str, Any]:
    """Return the macro AUC of each way, and by how much it exceeds ours, on the same draws.

    Args:
        ways: scores by name, shape (n, 5), ours among them.
        ours: name of what the others are held against.
        test: the recordings.
        times: how often they are drawn anew.
    """
    holds, known = test.labels[:, :CLASSES], test.known[:, :CLASSES]
    found: dict[str, Any] = {}
    rows = []
    for name, scores in ways.items():
        one = macro_auc(scores, holds, known, times=times)
        row = [name, f"{one.value:.3f} ({one.low:.3f} .. {one.high:.3f})", ""]
        found[name] = {"auc": one.value, "low": one.low, "high": one.high}
        if name != ours:
            more = paired(scores, ways[ours], holds, known, times=times)
            found[name] |= {"more": more.value, "more_low": more.low, "more_high": more.high}
            row[2] = f"{more.value:+.3f} ({more.low:+.3f} .. {more.high:+.3f})"
        rows.append(row)
    columns = ["asked", "macro AUC (95 %)", "more than ours (95 %)"]
    return {"ways": found, "table": table(columns, rows)}


def learning_curve(
    features: FloatArray,
    train: Collection,
    asked: FloatArray,
    validation: Collection,
    *,
    models: Sequence[str] = LEARNERS,
    shares: Sequence[float] = SHARES,
    seeds: int = DRAWS,
) -> dict[str, Any]:
    """Return the macro AUC on the validation part by share of the training recordings.

    A recording that is there in two forms is drawn with both.

    Args:
        features: expert features of the training part, shape (n, features).
        train: the training part.
        asked: those of the validation part.
        validation: the validation part.
        models: keys of `baselines.MODELS`.
        shares: of the recordings, 0 to 1.
        seeds: choices of recordings for each share.
    """
    recording = np.array([name.removesuffix("z") for name in train.record.tolist()])
    names = np.unique(recording)
    holds, known = validation.labels[:, :CLASSES], validation.known[:, :CLASSES]
    points: dict[str, list[dict[str, float]]] = {model: [] for model in models}
    rows = []
    for share in shares:
        count = round(share * len(names))
        row = [f"{share:.0%}", str(count)]
        for model in models:
            values = []
            for seed in range(1 if share == 1 else seeds):
                order = np.random.default_rng(seed).permutation(names)
                seen = np.isin(recording, order[:count])
                told = train.labels[seen][:, :CLASSES]
                scores = baselines.scores(baselines.MODELS[model], features[seen], told, asked)
                values.append(float(np.nanmean(aucs(scores, holds, known))))
            mean = float(np.mean(values))
            point = {"share": share, "recordings": count, "auc": mean}
            points[model].append({**point, "least": min(values), "most": max(values)})
            spread = f" ({min(values):.3f} .. {max(values):.3f})" if len(values) > 1 else ""
            row.append(f"{mean:.3f}{spread}")
        rows.append(row)
    columns = ["share", "recordings", *models]
    return {"points": points, "table": table(columns, rows)}


def draw_curve(curve: Mapping[str, Any], path: Path) -> None:
    """Write a picture of a learning curve.

    Args:
        curve: what `learning_curve` returns.
        path: PNG to write.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # slow to load

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for model, points in curve["points"].items():
        counts, middle, least, most = (
            np.array([point[key] for point in points])
            for key in ("recordings", "auc", "least", "most")
        )
        axes.errorbar(
            counts, middle, np.stack([middle - least, most - middle]), marker="o", capsize=4,
            label=TITLES[model],
        )  # fmt: skip
    axes.set(
        xscale="log",
        xlabel="recordings of folds 1 to 8 that were trained on",
        ylabel="macro AUC, fold 9",
        title="Superclasses of PTB-XL, expert features",
    )
    axes.set_xticks(counts, [str(int(count)) for count in counts], minor=False)
    axes.minorticks_off()
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=100)
