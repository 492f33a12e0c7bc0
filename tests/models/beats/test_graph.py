from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from ecg_monitor.core.errors import SettingsError
from models.beats import weights
from models.beats.classifier import BATCH, BeatClassifier
from models.beats.columns import N_FEATURES
from models.beats.forest import Forest
from models.beats.graph import split


@pytest.fixture(scope="module")
def released():
    return weights.load().network


@pytest.fixture(scope="module")
def parts(released):
    return split(released, BATCH)


def test_an_ensemble_of_each_member_is_taken_out(parts):
    assert len(parts.ensembles) == len(parts.inputs) == 5
    inputs = ort.InferenceSession(parts.network, providers=["CPUExecutionProvider"]).get_inputs()
    shapes = {one.name: one.shape for one in inputs}
    assert shapes.pop("features") == [BATCH, N_FEATURES]
    assert shapes == {name: [BATCH, 1] for name in parts.inputs}
    assert {len(set(one["nodes_treeids"])) for one in parts.ensembles} == {150}


def test_the_classifier_says_to_the_bit_what_the_whole_file_says(released, parts):
    whole = ort.InferenceSession(released, providers=["CPUExecutionProvider"])
    classifier = BeatClassifier()
    rng = np.random.default_rng(0)
    thresholds = Forest.of(parts.ensembles).threshold
    features = rng.normal(0, 1, (20 * BATCH, N_FEATURES)).astype(np.float32)
    tied = rng.random(features.shape) < 0.3
    features[tied] = rng.choice(thresholds, np.count_nonzero(tied))
    found = classifier.log_probabilities(features)
    for start in range(0, len(features), BATCH):
        rows = slice(start, start + BATCH)
        (said,) = whole.run(None, {"features": features[rows]})
        assert np.array_equal(found[rows], said)
    assert len(np.unique(found[:, 1])) > len(found) / 2


@pytest.mark.parametrize("cut", [1, 5, 1000, -1])
def test_a_file_that_is_cut_is_refused(released, cut):
    with pytest.raises(SettingsError, match="no ONNX model"):
        split(released[:cut], BATCH)
