"""Each baseline learns what there is to learn, with values missing."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("lightgbm")

from workbench.training.twelve_lead.baselines import MODELS, scores


@pytest.mark.parametrize("name", ["lr", "lgb", "mlp"])
def test_a_baseline_learns(name):
    rng = np.random.default_rng(1)
    features = rng.normal(size=(1300, 5))
    holds = (features[:, :2] + rng.normal(0, 0.3, (1300, 2)) > 0).astype(np.float32)
    features[rng.random(features.shape) < 0.05] = np.nan
    said = scores(MODELS[name], features[:1200], holds[:1200], features[1200:])
    assert said.shape == (100, 2)
    assert ((said > 0.5) == (holds[1200:] > 0.5)).mean() > 0.8
