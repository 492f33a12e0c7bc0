from __future__ import annotations

import numpy as np
import pytest

from workbench.evaluate.networks.anomaly import score_anomalies


def test_figures_of_scores_by_their_threshold() -> None:
    # 600 normal beats, 30 of them called abnormal; 400 abnormal ones, 40 missed.
    scores = np.array([0.5] * 570 + [1.5] * 30 + [2.0] * 360 + [0.9] * 40, np.float32)
    abnormal = np.arange(1000) >= 600
    found = score_anomalies(scores, abnormal)
    assert found["accuracy"] == 0.93
    assert found["sensitivity"] == 0.9
    assert found["specificity"] == 0.95
    assert found["f1"] == pytest.approx(2 * 360 / (390 + 400), abs=1e-5)
    balanced = found["balanced"]
    assert balanced["beats"] == 438
    assert balanced["accuracy"]["mean"] == pytest.approx(0.925, abs=0.003)
    assert balanced["accuracy"]["low"] < 0.925 < balanced["accuracy"]["high"]
    assert found == score_anomalies(scores, abnormal), "the draws are the same each time"


def test_few_beats_are_drawn_from_as_they_are() -> None:
    found = score_anomalies(np.array([0.1, 0.2, 3.0], np.float32), np.array([False, False, True]))
    assert found["accuracy"] == 1.0
    assert found["balanced"]["beats"] == 2
