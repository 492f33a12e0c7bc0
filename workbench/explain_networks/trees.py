"""What each feature adds to the answer of boosted trees and of a forest, by SHAP.

Lundberg SM et al., From local explanations to global understanding with explainable AI for trees,
Nature Machine Intelligence 2:56-67 (2020). A tree has no weights to draw anew; the check of Adebayo
et al. that suits it trains it on labels that were dealt anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from models.diagnosis.leads import FloatArray
from workbench.training.twelve_lead import baselines

MODELS = ("lgb", "rf")
FOREST_ROWS = 20
"""Recordings that the forest is explained on: its trees are deep, and time grows with depth."""
TOLD = 8
"""Features that are named as the most important."""


@dataclass(frozen=True, slots=True, eq=False)
class TreeExplanation:
    """What features add to the answers of a model for one label.

    Attributes:
        values: to the log odds (boosted trees) or the probability (forest), shape (n, features).
        base: what is answered on average.
        answers: of the model in the same unit, shape (n,).
        shuffled: rank correlation of the features' mean sizes with those of a model that was
            trained on dealt labels.
    """

    values: FloatArray
    base: float
    answers: FloatArray
    shuffled: float


def explain(
    name: str,
    features: FloatArray,
    holds: npt.NDArray[np.bool_],
    asked: FloatArray,
    *,
    seed: int = 0,
) -> TreeExplanation:
    """Train a model for a label and explain what it says of other recordings.

    Args:
        name: ``lgb`` or ``rf``.
        features: of the training part, shape (n, features), NaN where there is none.
        holds: whether the label holds, shape (n,).
        asked: what is explained, shape (m, features).
        seed: of how labels are dealt.
    """
    values, base, answers = _values(name, features, holds, asked)
    dealt = np.random.default_rng(seed).permutation(holds)
    other, _, _ = _values(name, features, dealt, asked)
    sizes = [np.abs(one).mean(axis=0) for one in (values, other)]
    return TreeExplanation(values, base, answers, float(spearmanr(*sizes).statistic))


def _values(
    name: str, features: FloatArray, holds: npt.NDArray[np.bool_], asked: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    model: Any = baselines.MODELS[name]()
    model.fit(features, holds)
    if name == "lgb":  # the library has the same algorithm, compiled
        whole = np.asarray(model.predict(asked, pred_contrib=True), np.float64)
        raw = np.asarray(model.predict(asked, raw_score=True), np.float64)
        return whole[:, :-1], float(whole[0, -1]), raw
    import shap  # noqa: PLC0415  # of the extra for training

    filled = model[:-1].transform(asked)
    found: Any = shap.TreeExplainer(model[-1])
    values = np.asarray(found.shap_values(filled), np.float64)[..., 1]
    base = float(np.ravel(found.expected_value)[-1])
    return values, base, np.asarray(model.predict_proba(asked)[:, 1], np.float64)


def most_important(values: FloatArray, names: Sequence[str], count: int = TOLD) -> list[str]:
    """Return the features that add most, for or against, on average."""
    order = np.argsort(-np.abs(values).mean(axis=0))[:count]
    return [names[number] for number in order]
