from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch", reason="TORCH IS NOT INSTALLED: training not tested")
pytest.importorskip("onnx", reason="ONNX IS NOT INSTALLED: export not tested")
pytest.importorskip("lightgbm", reason="LIGHTGBM IS NOT INSTALLED: training not tested")
torch.set_num_threads(1)

from models.beats import weights  # noqa: E402
from models.beats.columns import FEATURES, N_FEATURES  # noqa: E402
from models.beats.dataset import OTHERS, SPLICED, BeatSet, folds  # noqa: E402
from models.beats.features.state import WINDOW  # noqa: E402
from models.beats.network import OriginNet, Sizes  # noqa: E402
from models.beats.training import course, release  # noqa: E402
from models.beats.training import loop as training  # noqa: E402
from models.beats.training.calibration import NONE, Calibration  # noqa: E402
from models.beats.training.export import BATCH, to_onnx  # noqa: E402
from models.beats.training.members import Member  # noqa: E402
from models.beats.training.trees import TreeSettings, grow  # noqa: E402

TREES = TreeSettings(rounds=20, step=10, least=20, ridge=1.0)


@pytest.fixture(scope="module")
def beats():
    """Four records in which two columns tell the classes apart."""
    rng = np.random.default_rng(0)
    count = 2400
    labels = rng.choice(4, count, p=[0.7, 0.12, 0.15, 0.03]).astype(np.int8)
    features = rng.normal(0, 1, (count, N_FEATURES)).astype(np.float32)
    features[:, FEATURES.index("log_rr")] -= 4.0 * (labels == 1)
    features[:, FEATURES.index("spread_qrs")] += 4.0 * (labels >= 2)
    records = np.array(["200", "201", "202", "203"])[np.arange(count) % 4]
    variants = np.where(np.arange(count) % 5 == 0, SPLICED, 0)
    variants[-40:] = OTHERS
    records[-40:] = "A01"
    labels[-40:] = 0
    return BeatSet(features, labels, records, variants.astype(np.int16))


def quick(**changed):
    course_settings = course.CourseSettings(batch=32, rate=3e-3, averaging=0.9, normal_part=0.5)
    chosen = {"epochs": 4, "fold_count": 2, "members": 2, "course": course_settings}
    return training.Settings(**{**chosen, "trees": TREES, **changed})


@pytest.fixture(scope="module")
def trained(beats):
    settings = quick()
    told = []
    outcome = training.train(beats, settings, told.append)
    assert len(told) == 2 * 2 + 2
    return settings, outcome


def random_member(seed):
    torch.manual_seed(seed)
    net = OriginNet(torch.randn(N_FEATURES), torch.rand(N_FEATURES) + 0.5, Sizes()).eval()
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 1, (1500, N_FEATURES)).astype(np.float32)
    early = features[:, FEATURES.index("log_rr")] + rng.normal(0, 0.5, 1500) < -1.0
    return Member(net, grow(features, early, np.ones(1500), TREES, seed))


def test_patients_are_on_one_side_only(beats):
    own = ~beats.others
    held_out = []
    for inside, outside in folds(beats, 3):
        assert (inside ^ outside).all()
        assert inside[beats.others].all()
        held = set(beats.records[outside])
        held_out += sorted(held)
        assert not set(beats.records[inside & own]) & held
        assert ("201" in held) == ("202" in held)  # the same patient
    assert sorted(held_out) == ["200", "201", "202", "203"]


def test_learns_what_can_be_learnt(trained):
    _, outcome = trained
    found = np.argmax(outcome.fold_logs, axis=1)
    labels = outcome.fold_beats.labels
    assert (found == labels)[labels <= 2].mean() > 0.9
    assert np.allclose(np.exp(outcome.fold_logs).sum(1), 1.0)
    assert [table.shape for table in outcome.losses] == [(2, 4), (2, 2)]
    assert outcome.tree_count in (10, 20)
    assert (outcome.fold_beats.variants < OTHERS).all()


def test_training_is_reproducible(beats):
    settings = quick(epochs=1, members=1, seed=3)
    first, second = (training.train(beats, settings, lambda _: None) for _ in range(2))
    assert to_onnx(first.members, first.calibration) == to_onnx(second.members, second.calibration)


def test_onnx_equals_its_members():
    members = [random_member(seed) for seed in (1, 2, 3)]
    calibration = Calibration(1.3, np.array([0.0, -1.0, 0.5, 0.2]))
    session = ort.InferenceSession(
        to_onnx(members, calibration), providers=["CPUExecutionProvider"]
    )
    features = np.random.default_rng(0).normal(0, 2, (BATCH, N_FEATURES)).astype(np.float32)
    (found,) = session.run(None, {"features": features})
    mean = np.mean([member.log_probabilities(features) for member in members], axis=0)
    assert np.allclose(found, calibration.apply(mean), atol=2e-5)


def test_joined_probabilities_sum_to_one():
    features = np.random.default_rng(1).normal(0, 1, (7, N_FEATURES)).astype(np.float32)
    logs = random_member(5).log_probabilities(features)
    assert np.allclose(np.exp(logs).sum(1), 1.0, atol=1e-6)


def test_calibration_is_fitted_to_the_mean_of_the_members(trained):
    """The fold probabilities are those of as many members as are released."""
    settings, outcome = trained
    assert len(outcome.members) == settings.members
    natural = outcome.fold_beats.real
    given = np.exp(outcome.fold_logs[natural]).mean(axis=0)
    true = np.bincount(outcome.fold_beats.labels[natural], minlength=4) / natural.sum()
    assert np.abs(given - true).max() < 0.02


def test_release_writes_weights_that_load(trained, tmp_path):
    settings, outcome = trained
    means = np.tile(np.sin(np.arange(WINDOW) / 20.0), (2, 4, 1))
    means[0, 3] = np.nan
    told = release.write(tmp_path, outcome, settings, ["200", "201"], means)
    whole = weights.load(tmp_path)
    assert whole.factors == outcome.factors
    assert whole.network == to_onnx(outcome.members, outcome.calibration)
    assert whole.manifest["folds"] == told["folds"]
    assert set(told["folds_by_record"]) == {"200", "201", "202", "203"}
    assert told["made_rhythms"]["atrial"]["S_se"] > 0.5
    assert whole.manifest["seeds"] == [0, 1]
    assert weights.load(tmp_path / "member1").manifest["seeds"] == [1]
    for name in ("curves.png", "confusion.png", "calibration.png", "beats.png"):
        assert (tmp_path / name).stat().st_size > 5_000
    assert NONE.sharpness == 1.0
