from __future__ import annotations

import numpy as np
import pytest

from models.autoencoder import inputs as seen


def test_expand_undoes_condense_on_straight_lines():
    line = np.linspace(-1, 1, seen.WINDOW)[None]
    back = seen.expand(seen.condense(line))
    np.testing.assert_allclose(back[:, 1:-1], line[:, 1:-1], atol=1e-6)


def test_ratios_are_logs_over_the_long_mean():
    rr = [[0.4, 1.2, 0.6, 0.8]]
    np.testing.assert_allclose(np.exp(seen.ratios(np.array(rr)))[0], [0.5, 1.5, 0.75])


def test_unknown_next_interval_counts_as_the_limit():
    known = seen.ratios(np.array([[0.8, 1.25, 0.8, 0.8], [0.8, 2.0, 0.8, 0.8]]))
    unknown = seen.ratios(np.array([[0.8, np.nan, 0.8, 0.8]]))
    np.testing.assert_array_equal(known[0], unknown[0])
    np.testing.assert_array_equal(known[1], unknown[0])


@pytest.mark.parametrize(
    "row", [[np.nan] * 4, [0.0, 0.0, 0.0, 0.0], [50.0, 9.0, 1.0, 1e-9]], ids=str
)
def test_ratios_are_always_finite(row):
    assert np.isfinite(seen.ratios(np.array([row]))).all()
