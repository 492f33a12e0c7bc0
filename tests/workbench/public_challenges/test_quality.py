"""The Challenge of 2011: what is measured, the rule, and that no recording is judged by itself."""

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from tests.support.twelve_leads import millivolts
from workbench.public_challenges import quality


def test_a_good_recording_passes_and_a_lead_that_is_off_does_not():
    ecg = millivolts()
    assert quality.by_rule(ecg)
    off = ecg.copy()
    off[7] = 0.3
    assert not quality.by_rule(off)
    off[7] = 40 * np.sin(np.arange(5000) / 300)
    assert not quality.by_rule(off)


def test_stillness_wander_and_noise_are_measured_where_they_are():
    ecg = millivolts()
    spoilt = ecg.copy()
    rng = np.random.default_rng(0)
    spoilt[0, 1000:3000] = spoilt[0, 1000]
    spoilt[1] += 2 * np.sin(2 * np.pi * 0.3 * np.arange(5000) / 500)
    spoilt[2] += rng.normal(0, 0.3, 5000)
    plain, found = (
        quality.measures(one).reshape(len(quality.MEASURED), 3) for one in (ecg, spoilt)
    )
    most = dict(zip(quality.MEASURED, found[:, 2] - plain[:, 2], strict=True))
    assert found[quality.MEASURED.index("still"), 2] >= 0.4
    assert most["wander"] > 1
    assert most["noise"] > 0.2


def test_the_file_gives_the_recordings_back(tmp_path):
    rng = np.random.default_rng(1)
    samples = rng.integers(-400, 400, (3, 8, 5000)).astype(np.int16)
    diff = np.diff(samples, axis=2, prepend=np.int16(0)).astype(np.int16)
    np.savez(tmp_path / "set_a_train.npz", diff=diff, acceptable=np.array([1, 0, 1], np.int8))
    ecg, acceptable = quality.read(tmp_path)
    assert acceptable.tolist() == [True, False, True]
    assert ecg[:, 0] == pytest.approx(samples[:, 0] * 0.005, abs=1e-4)
    assert ecg[:, 2] == pytest.approx((samples[:, 1] - samples[:, 0]) * 0.005, abs=1e-3)
    (tmp_path / "set_a_train.npz").write_bytes(b"no archive")
    with pytest.raises(RecordError, match="is not set A"):
        quality.read(tmp_path)


def test_what_is_dealt_by_chance_is_not_learnt():
    """Recordings that were judged by a model which has seen them would be told by heart."""
    pytest.importorskip("lightgbm")
    rng = np.random.default_rng(2)
    features, told = rng.normal(size=(120, 6)), rng.random(120) < 0.5
    chances = quality.by_model(features, told, folds=3)
    assert quality.score(chances > 0.5, told)["accuracy"] < 0.7
    features[:, 2] += 4 * told
    chances = quality.by_model(features, told, folds=3)
    found = quality.score(chances > 0.5, told)
    assert found["accuracy"] > 0.9
    assert found["low"] <= found["accuracy"] <= found["high"]


def test_accuracy_is_told_with_both_kinds_as_they_were_published():
    told = np.array([True] * 4 + [False] * 4)
    said = np.array([True] * 4 + [False] * 2 + [True] * 2)
    found = quality.score(said, told)
    assert found["accuracy"] == 0.75
    assert found["acceptable_passed"] == 1
    assert found["unacceptable_found"] == 0.5
    assert found["accuracy_as_published"] == pytest.approx(1 - 0.5 * 225 / 998)
