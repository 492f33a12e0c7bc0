"""What features add to a tree's answer: together all of it, and little where nothing is learnt."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("shap")
pytest.importorskip("lightgbm")
pytest.importorskip("sklearn")

from workbench.explain_networks import trees
from workbench.training.twelve_lead import baselines


@pytest.mark.parametrize("name", trees.MODELS)
def test_what_features_add_is_the_answer_and_names_what_decides(name, monkeypatch) -> None:
    from sklearn.ensemble import RandomForestClassifier

    few = {**baselines.MODELS, "rf": lambda: baselines.filled(RandomForestClassifier(20))}
    monkeypatch.setattr(baselines, "MODELS", few)
    rng = np.random.default_rng(0)
    measured = rng.normal(size=(300, 6))
    holds = measured[:, 4] + 0.1 * rng.normal(size=300) > 0.2
    measured[::17, 1] = np.nan
    found = trees.explain(name, measured, holds, measured[:40])
    assert found.values.shape == (40, 6)
    assert found.base + found.values.sum(axis=1) == pytest.approx(found.answers, abs=1e-3)
    named = trees.most_important(found.values, ["a", "b", "c", "d", "decides", "f"], 2)
    assert named[0] == "decides"
    assert found.shuffled < 0.9
