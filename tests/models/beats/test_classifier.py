from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ecg_monitor.core.errors import CheckpointError, SettingsError
from models.beats import classifier, weights
from models.beats.classifier import BATCH, LEADS_USED, BeatClassifier, BeatLabeller, looks_of
from models.beats.columns import FEATURES
from models.beats.features.state import WINDOW
from models.beats.quality import unclassifiable


@pytest.fixture(scope="module")
def shared_classifier():
    return BeatClassifier()


@pytest.fixture
def labeller(shared_classifier):
    return BeatLabeller(shared_classifier)


@pytest.fixture
def beats(interleaved):
    """The made-up beats as arguments of `BeatLabeller.label`, second lead upside down."""
    windows = np.stack([interleaved["windows"], -0.7 * interleaved["windows"]], axis=1)
    return {
        "windows": windows.astype(np.float32),
        "usable": np.ones((120, LEADS_USED), np.bool_),
        "peaks": interleaved["peaks"],
        "before": interleaved["before"],
        "after": interleaved["after"],
    }


def label_in_parts(labeller, slots, beats, edges):
    verdicts = [
        labeller.label(slots[a:b], **{name: value[a:b] for name, value in beats.items()})
        for a, b in pairwise(edges)
    ]
    return (
        np.concatenate([v.probabilities for v in verdicts]),
        [label for v in verdicts for label in v.labels()],
    )


def test_result_does_not_depend_on_the_batch(labeller, shared_classifier, interleaved, beats):
    slots = np.array([labeller.add(2) for _ in range(3)])[interleaved["track"]]
    whole = label_in_parts(labeller, slots, beats, [0, 120])
    for edges in ([0, 1, 2, 3, 120], list(range(121)), [0, 7, 50, 50, 83, 120]):
        other = BeatLabeller(shared_classifier)
        slots = np.array([other.add(2) for _ in range(3)])[interleaved["track"]]
        parts = label_in_parts(other, slots, beats, edges)
        assert np.array_equal(parts[0], whole[0])
        assert parts[1] == whole[1]


def test_result_does_not_depend_on_the_place_in_the_batch(shared_classifier):
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (3 * BATCH + 5, len(FEATURES))).astype(np.float32)
    straight = shared_classifier.log_probabilities(features)
    order = rng.permutation(len(features))
    assert np.array_equal(shared_classifier.log_probabilities(features[order]), straight[order])


def test_wide_early_beats_are_ventricular(labeller, stretches):
    one = stretches[0]
    windows = np.zeros((40, LEADS_USED, WINDOW), np.float32)
    windows[:, 0] = one.windows
    usable = np.ones((40, LEADS_USED), np.bool_)
    slots = np.full(40, labeller.add(1))
    verdicts = labeller.label(slots, windows, usable, one.peaks, one.before, one.after)
    labels = verdicts.labels()
    assert labels[13:35:7] == ["V"] * 4
    assert {label for place, label in enumerate(labels) if place % 7 != 6} == {"N"}
    assert np.allclose(verdicts.probabilities.sum(1), 1.0, atol=1e-6)
    assert verdicts.probabilities.shape == (40, 5)


def test_no_usable_lead_gives_q(labeller, stretches):
    one = stretches[0]
    windows = np.zeros((40, LEADS_USED, WINDOW), np.float32)
    usable = np.zeros((40, LEADS_USED), np.bool_)
    slots = np.full(40, labeller.add(2))
    verdicts = labeller.label(slots, windows, usable, one.peaks, one.before, one.after)
    assert verdicts.labels() == ["Q"] * 40
    assert np.isfinite(verdicts.probabilities).all()


def test_noise_that_hides_the_beats_gives_q(labeller, stretches):
    one = stretches[0]
    rng = np.random.default_rng(5)
    windows = np.zeros((40, LEADS_USED, WINDOW), np.float32)
    windows[:, 0] = one.windows + rng.standard_normal(one.windows.shape)
    usable = np.ones((40, LEADS_USED), np.bool_)
    slots = np.full(40, labeller.add(1))
    verdicts = labeller.label(slots, windows, usable, one.peaks, one.before, one.after)
    assert verdicts.labels().count("Q") > 24


def test_a_bad_lead_leaves_the_verdict_to_the_good_one(shared_classifier):
    logs = np.log(np.array([[[0.1, 0.1, 0.7, 0.1], [0.7, 0.1, 0.1, 0.1]]], np.float32))
    verdict = shared_classifier.decide(logs, np.array([[0.0, 1.0]], np.float32))
    assert verdict.labels() == ["V"]
    assert np.allclose(verdict.probabilities, [[0.1, 0.1, 0.7, 0.1, 0.0]], atol=1e-4)


def test_quality_falls_with_noise():
    features = np.zeros((3, len(FEATURES)), np.float32)
    features[:, FEATURES.index("noise")] = (-3.0, -0.9, 1.0)
    assert np.allclose(unclassifiable(features), [0.0, 0.5, 1.0], atol=1e-4)
    features[:, FEATURES.index("peak_mv")] = np.log(0.01)
    assert (unclassifiable(features) == 1.0).all()


def test_checkpoint_continues_with_the_same_bits(shared_classifier, interleaved, beats):
    first = BeatLabeller(shared_classifier)
    slots = np.array([first.add(2) for _ in range(3)])[interleaved["track"]]
    label_in_parts(first, slots, beats, [0, 60])
    saved = [first.save(slot) for slot in range(3)]
    rest = {name: value[60:] for name, value in beats.items()}
    expected = first.label(slots[60:], **rest)
    second = BeatLabeller(shared_classifier)
    for text in saved:
        second.load(second.add(2), text)
    assert np.array_equal(second.label(slots[60:], **rest).probabilities, expected.probabilities)


def test_checkpoint_of_other_leads_is_refused(labeller):
    one, two = labeller.add(1), labeller.add(2)
    with pytest.raises(CheckpointError, match="number of leads"):
        labeller.load(two, labeller.save(one))
    with pytest.raises(CheckpointError):
        labeller.load(two, labeller.save(two)[:-3])


def test_slots_are_used_again(labeller):
    slots = [labeller.add(2) for _ in range(40)]
    assert len(set(slots)) == 40
    labeller.remove(slots[3])
    assert labeller.add(1) == slots[3]


def test_wrong_shapes_are_refused(labeller):
    slots = np.array([labeller.add(1)])
    with pytest.raises(ValueError, match="windows"):
        labeller.label(
            slots, np.zeros((1, 1, 5), np.float32), np.ones((1, 2), np.bool_), slots, slots, slots
        )


def test_released_weights_are_small_and_whole():
    released = weights.load()
    assert len(released.network) < 3_000_000
    assert len(released.factors) == 4
    assert released.manifest["training"]["records"]


def test_released_weights_were_not_trained_on_ds2():
    from models.scoring.databases import DS2

    assert not set(weights.load().manifest["training"]["records"]) & set(DS2)


@pytest.fixture
def copy_of_weights(tmp_path):
    for name in (weights.NETWORK, weights.MANIFEST):
        (tmp_path / name).write_bytes((weights.FOLDER / name).read_bytes())
    return tmp_path


def test_damaged_network_is_refused(copy_of_weights):
    path = copy_of_weights / weights.NETWORK
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    with pytest.raises(SettingsError, match="SHA-256"):
        weights.load(copy_of_weights)


def test_weights_of_other_features_are_refused(copy_of_weights):
    path = copy_of_weights / weights.MANIFEST
    text = path.read_text().replace(weights.features_digest(), "0" * 16)
    path.write_text(text)
    with pytest.raises(SettingsError, match="other features"):
        weights.load(copy_of_weights)


def test_manifest_must_be_json_of_this_format(copy_of_weights):
    path = copy_of_weights / weights.MANIFEST
    path.write_text('{"format": 99}')
    with pytest.raises(SettingsError, match="format 99"):
        weights.load(copy_of_weights)
    path.write_text("no")
    with pytest.raises(SettingsError, match="no JSON"):
        weights.load(copy_of_weights)
    path.unlink()
    with pytest.raises(SettingsError, match="missing"):
        weights.load(copy_of_weights)


def test_kernel_can_be_compiled_ahead():
    classifier.warm()


def test_looks_are_those_of_the_lead_that_says_most_and_of_none_that_is_noise():
    logs = np.log(np.array([[[0.8, 0.1, 0.05, 0.05], [0.1, 0.1, 0.75, 0.05]]] * 3, np.float32))
    likeness = np.array([[0.9, -0.2]] * 3, np.float32)
    repeats = np.array([[0.4, 0.7]] * 3, np.float32)
    bad = np.array([[0.0, 0.0], [0.0, 0.9], [0.9, 0.9]], np.float32)
    found = looks_of(logs, likeness, repeats, bad)
    np.testing.assert_allclose(found[0], [0.75, -0.2, 0.7], rtol=1e-5)
    np.testing.assert_allclose(found[1], [0.05, 0.9, 0.4], rtol=1e-5)
    assert np.isnan(found[2]).all()
