"""The network: its shape, and its sums."""

import numpy as np

from detector.engine.qrs.features import FEATURES, N_FEATURES
from detector.engine.qrs.score import B1, W1, W2, verdict


def test_weights_fit_the_features():
    assert len(set(FEATURES)) == N_FEATURES
    assert W1.shape == (len(B1), N_FEATURES)
    assert W2.shape == (len(B1) + 1,)
    assert all(np.isfinite(weights).all() for weights in (W1, B1, W2))


def test_the_verdict_is_that_of_a_one_layer_network():
    x = np.random.default_rng(0).normal(size=N_FEATURES)
    expected = np.tanh(W1 @ x + B1) @ W2[:-1] + W2[-1]
    np.testing.assert_allclose(verdict(x, W1, B1, W2), expected, rtol=1e-9)
