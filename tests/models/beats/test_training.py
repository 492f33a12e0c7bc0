from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch", reason="TORCH IS NOT INSTALLED: training not tested")
pytest.importorskip("onnx", reason="ONNX IS NOT INSTALLED: export not tested")
torch.set_num_threads(1)

from models.beats import release, training, weights  # noqa: E402
from models.beats.calibration import NONE, Calibration  # noqa: E402
from models.beats.columns import FEATURES, N_FEATURES  # noqa: E402
from models.beats.dataset import BeatSet, folds  # noqa: E402
from models.beats.export import BATCH, to_onnx  # noqa: E402
from models.beats.network import BeatNet, Sizes  # noqa: E402


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
    return BeatSet(features, labels, records, np.zeros(count, np.int16))


@pytest.fixture(scope="module")
def trained(beats):
    settings = training.Settings(
        epochs=4, batch=32, rate=3e-3, averaging=0.9, fold_count=2, members=2
    )
    told = []
    outcome = training.train(beats, settings, lambda *what: told.append(what))
    assert len(told) == 2 * 4 + 2 * max(outcome.epochs)
    return settings, outcome


def random_net(seed):
    torch.manual_seed(seed)
    return BeatNet(torch.randn(N_FEATURES), torch.rand(N_FEATURES) + 0.5, Sizes()).eval()


def test_patients_are_on_one_side_only(beats):
    held_out = [held for held, _, _ in folds(beats, 3)]
    assert sorted(record for held in held_out for record in held) == ["200", "201", "202", "203"]
    for held, inside, outside in folds(beats, 3):
        assert not set(inside.records) & set(outside.records)
        assert set(outside.records) == held
        assert ("201" in held) == ("202" in held)  # the same patient


def test_learns_what_can_be_learnt(trained):
    _, outcome = trained
    found = np.argmax(outcome.fold_logs, axis=1)
    labels = outcome.fold_beats.labels
    assert (found == labels)[labels <= 2].mean() > 0.9
    assert np.allclose(np.exp(outcome.fold_logs).sum(1), 1.0)
    assert outcome.fold_losses.shape == (2, 4, 2)


def test_training_is_reproducible(beats):
    settings = training.Settings(epochs=1, batch=64, fold_count=2, members=1, seed=3)
    first, second = (training.train(beats, settings, lambda *_: None) for _ in range(2))
    assert to_onnx(first.members, first.calibration) == to_onnx(second.members, second.calibration)


def test_onnx_equals_torch():
    members = [random_net(seed) for seed in (1, 2, 3)]
    calibration = Calibration(1.3, np.array([0.0, -1.0, 0.5, 0.2]))
    session = ort.InferenceSession(
        to_onnx(members, calibration), providers=["CPUExecutionProvider"]
    )
    features = np.random.default_rng(0).normal(0, 2, (BATCH, N_FEATURES)).astype(np.float32)
    (found,) = session.run(None, {"features": features})
    with torch.no_grad():
        mean = torch.stack([net(torch.from_numpy(features)) for net in members]).mean(0)
    expected = calibration.apply(mean.numpy().astype(np.float64))
    assert np.allclose(found, expected, atol=2e-5)


def test_factored_probabilities_sum_to_one():
    with torch.no_grad():
        logs = random_net(5)(torch.randn(7, N_FEATURES))
    assert torch.allclose(logs.exp().sum(1), torch.ones(7), atol=1e-6)


def test_timing_sees_no_likeness():
    """Whether a beat is S or N must not hang on how like the recent beats it looks."""
    net = random_net(6)
    features = torch.randn(5, N_FEATURES)
    changed = features.clone()
    for name in ("qrs_corr", "own_share", "own_is_normal", "last_corr", "p_corr", "beat_corr"):
        changed[:, FEATURES.index(name)] += 1.0
    with torch.no_grad():
        assert torch.equal(net.parts(features)[1], net.parts(changed)[1])
        assert not torch.equal(net.parts(features)[0], net.parts(changed)[0])


def test_rich_records_weigh_less_per_beat(beats):
    settings = training.Settings(balance=1.0)
    many = BeatSet.join([beats] + [beats[beats.records == "200"]] * 5)
    weight = training.weights(many, settings)
    ventricular = many.labels == 2
    rich = weight[ventricular & (many.records == "200")].mean()
    assert rich < 0.5 * weight[ventricular & (many.records == "201")].mean()


def test_release_writes_weights_that_load(trained, tmp_path):
    settings, outcome = trained
    told = release.write(tmp_path, outcome, settings, ["200", "201"])
    whole = weights.load(tmp_path)
    assert whole.factors == outcome.factors
    assert whole.network == to_onnx(outcome.members, outcome.calibration)
    assert whole.manifest["folds"] == told["folds"]
    assert whole.manifest["seeds"] == [0, 1]
    assert weights.load(tmp_path / "member1").manifest["seeds"] == [1]
    for name in ("curves.png", "confusion.png", "calibration.png"):
        assert (tmp_path / name).stat().st_size > 5_000
    assert NONE.sharpness == 1.0
