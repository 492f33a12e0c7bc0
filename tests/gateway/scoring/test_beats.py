"""Beats that come alone: which network answers, and that it tells normal beats from others."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from ecg_monitor.core.errors import SignalError
from gateway.scoring import zoo
from gateway.scoring.beats import AUTOENCODER, names, score_beat
from gateway.scoring.catalogue import offers
from tests.support.places import shared

BEAT = np.exp(-((np.arange(187) - 50.0) ** 2) / 18)


@pytest.fixture(scope="module")
def ecg5000() -> np.ndarray:
    """The training beats: class (1 is normal), then 140 samples."""
    folder: Path = shared("data/ecg5000")
    (path,) = folder.rglob("ECG5000_TRAIN.txt")
    return np.loadtxt(path)


def test_normal_beats_of_ecg5000_are_told_from_others(ecg5000: np.ndarray) -> None:
    """Training beats: the network has seen the normal ones, and no label of the others."""
    some = [*np.flatnonzero(ecg5000[:, 0] == 1)[:40], *np.flatnonzero(ecg5000[:, 0] != 1)[:40]]
    answers = [score_beat(ecg5000[i, 1:]) for i in some]
    assert {one.model for one in answers} == {"hybrid-autoencoder"}
    found = [one.anomalous for one in answers]
    assert sum(found[:40]) <= 4
    assert sum(found[40:]) >= 36
    assert all(len(one.reconstruction) == 140 for one in answers)


def test_the_unit_does_not_matter() -> None:
    for n in (140, 187):
        one, other = score_beat(BEAT[:n]), score_beat(3000.0 * BEAT[:n] - 512.0)
        assert one.score == pytest.approx(other.score, abs=1e-3)
        assert one.label == other.label
        rebuilt = np.array(one.reconstruction)
        np.testing.assert_allclose(3000 * rebuilt - 512, other.reconstruction, atol=1.0)


def test_every_network_that_is_listed_answers() -> None:
    assert {row["name"] for row in offers() if row["takes"] == "beat"} == set(names())
    for row in offers():
        for n in row["samples"]:
            answer = score_beat(BEAT[:n], row["name"])
            assert answer.model == row["name"]
            assert len(answer.reconstruction) == n
            if answer.probabilities:
                assert sum(answer.probabilities.values()) == pytest.approx(1.0, abs=1e-3)
    assert sum(140 in row["default_for"] for row in offers()) == 1
    assert sum(187 in row["default_for"] for row in offers()) == 1


def test_a_network_is_asked_about_what_it_sees_alone() -> None:
    with pytest.raises(SignalError, match="must have 140 samples for hybrid-autoencoder, got 187"):
        score_beat(BEAT, "hybrid-autoencoder")
    with pytest.raises(SignalError, match="did you mean hybrid-autoencoder"):
        score_beat(BEAT, "hybrid-autoencodr")
    assert score_beat(BEAT, AUTOENCODER).model == AUTOENCODER


def test_a_score_costs_little() -> None:
    """Of the processor: the answer shall come within 50 ms, with the way there and back."""
    for beat in (BEAT[:140], BEAT):
        score_beat(beat)
        costs = []
        for _ in range(10):
            began = time.process_time()
            score_beat(beat)
            costs.append(time.process_time() - began)
        assert min(costs) < 0.03  # whatever else the machine does


def test_without_weights_the_live_autoencoder_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo, "offered", tuple)
    assert score_beat(BEAT).model == AUTOENCODER
