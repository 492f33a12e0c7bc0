"""Figures of twelve-lead networks, from scores whose worth is known."""

import json

import numpy as np
import orjson
import pytest

from models.diagnosis.data.collection import Collection
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.labels import NAMES
from tests.support.twelve_leads import millivolts
from workbench.evaluate.twelve_leads import compare


@pytest.fixture(scope="module")
def part() -> Collection:
    rng = np.random.default_rng(1)
    labels = (rng.random((40, len(NAMES))) < 0.4).astype(np.float32)
    known = np.ones_like(labels)
    known[:10, 5:] = 0
    return Collection(
        np.array([f"r{i}" for i in range(40)]),
        np.tile(millivolts(10, 100).astype(np.float32), (40, 1, 1)),
        np.ones((40, 12), np.float32),
        np.tile(np.array([1, 0, 1, 1, 1], np.float32), (40, 1)),
        labels,
        known,
        np.array(["test"] * 40),
    )


def test_a_better_model_is_ahead(part):
    rng = np.random.default_rng(2)
    truth = part.labels[:, :5]
    said = {"good": truth + rng.normal(0, 0.3, truth.shape), "poor": rng.random(truth.shape)}
    found = compare.superclasses(said, {"good": "a", "poor": "b"}, part, "good", times=100)
    assert found["models"]["good"]["auc"]["value"] > 0.95
    assert found["models"]["good"]["ours_ahead"] is None
    assert found["models"]["poor"]["ours_ahead"]["low"] > 0
    assert len(found["table"]["rows"]) == 2
    assert {len(row) for row in found["table"]["rows"]} == {len(found["table"]["columns"])}


def test_the_nine_count_where_they_are_known(part):
    chances = np.where(part.labels > 0.5, 0.9, 0.1)
    chances[:10, 5:] = 1 - chances[:10, 5:]  # nobody knows
    found = compare.nine_labels(chances, [0.5] * len(NAMES), part)
    assert found["auc"] == found["f1"] == 1
    assert found["labels"]["AF"]["windows"] == 30


def test_sure_and_right_is_calibrated_and_sure_and_wrong_is_not(part):
    assert compare.calibration(part.labels.astype(float), part)["error"] == 0
    assert compare.calibration(1.0 - part.labels, part)["error"] == 1


def test_decisions_are_counted(part):
    found = compare.spread_of_decisions(part.labels[:, :5].astype(float), [0.5] * 5, part)
    assert json.loads(orjson.dumps(found)) == found
    assert all((one["se"], one["sp"], one["f1"]) == (1, 1, 1) for one in found["labels"].values())


def test_leads_and_what_is_told_are_taken_away(part):
    network = DiagnosisNetwork.load()
    few = part.where(np.arange(12))
    found = compare.lead_subsets(network, few, times=10)
    assert set(compare.SUBSETS) == set(found["subsets"])
    assert set(compare.without(network, few)) == {"voltage", "age and sex", "both"}


def test_a_recording_is_timed():
    found = compare.timing(DiagnosisNetwork.load(), millivolts(), 500)
    assert found["windows"] == 1
    assert 0 < found["fastest"] <= found["all"]
