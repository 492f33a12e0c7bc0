"""Several models asked together: weights go to those that help, figures are held against ours."""

import numpy as np
import pytest

from models.diagnosis.data.collection import Collection
from models.diagnosis.labels import NAMES
from workbench.evaluate.twelve_leads import together


@pytest.fixture(scope="module")
def recordings() -> Collection:
    rng = np.random.default_rng(1)
    labels = (rng.random((120, len(NAMES))) < 0.4).astype(np.float32)
    return Collection(
        np.array([f"{i // 2:03}{'z' if i % 2 else ''}" for i in range(120)]),
        np.zeros((120, 12, 10), np.float32),
        np.ones((120, 12), np.float32),
        np.zeros((120, 5), np.float32),
        labels,
        np.ones_like(labels),
        np.array(["validation"] * 120),
    )


def test_weights_go_to_models_that_help(recordings):
    rng = np.random.default_rng(2)
    truth = recordings.labels[:, :5].astype(np.float64)
    said = {
        "one": truth + rng.normal(0, 0.8, truth.shape),
        "other": truth + rng.normal(0, 0.8, truth.shape),
        "noise": rng.normal(0, 0.8, truth.shape),
    }
    weights = together.chosen_weights(said, truth)
    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights["one"], weights["other"]) > weights["noise"]
    ways = {"ours alone": said["one"], "weighted": together.mean_of(said, weights)}
    found = together.held_against(ways, "ours alone", recordings, times=100)["ways"]
    assert found["weighted"]["more_low"] > 0
    assert found["weighted"]["auc"] == pytest.approx(
        found["ours alone"]["auc"] + found["weighted"]["more"]
    )


def test_stacking_trusts_models_that_are_right_and_turns_one_that_is_the_wrong_way_round(
    recordings,
):
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(4)
    truth = recordings.labels[:, :5].astype(np.float64)

    def said(rows):
        chance = 0.25 + 0.5 * truth[rows] + rng.uniform(-0.2, 0.2, (len(rows), 5))
        return {"right": chance, "wrong": 1 - chance, "noise": rng.uniform(size=chance.shape)}

    first, last = np.arange(60), np.arange(60, 120)
    found = together.stacked(said(first), truth[first], said(last))
    assert ((found > 0.5) == (truth[last] > 0.5)).mean() > 0.95


def test_more_recordings_teach_more_and_both_forms_of_one_stay_together(recordings, tmp_path):
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(3)
    truth = recordings.labels[:, :5]
    features = np.concatenate(
        [truth + rng.normal(0, 0.6, truth.shape), rng.normal(size=(120, 20))], 1
    )
    found = together.learning_curve(
        features, recordings, features, recordings, models=("lr",), shares=(0.25, 1.0), seeds=2
    )
    few, all_of_them = found["points"]["lr"]
    assert (few["recordings"], all_of_them["recordings"]) == (15, 60)
    assert few["least"] <= few["auc"] <= few["most"] < all_of_them["auc"]
    assert found["table"]["columns"] == ["share", "recordings", "lr"]
    assert ".." in found["table"]["rows"][0][2]
    assert ".." not in found["table"]["rows"][1][2]
    together.draw_curve(found, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
