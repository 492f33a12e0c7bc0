from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.core.errors import SettingsError
from models.autoencoder import calibration
from models.autoencoder import inputs as seen
from models.autoencoder.inference import BATCH, Autoencoder, Fusion


@pytest.fixture(scope="module")
def model():
    return Autoencoder.load()


@pytest.fixture(scope="module")
def batch(draw_beats):
    windows, rr = draw_beats(3 * BATCH + 5)
    return calibration.prepare(calibration.fresh(4), np.arange(len(rr)) % 4, windows, rr)


def rows_of(inputs: seen.Inputs, rows: np.ndarray) -> seen.Inputs:
    parts = (inputs.beats, inputs.templates, inputs.rhythm, inputs.scale)
    return seen.Inputs(*(part[rows] for part in parts))


def test_result_does_not_depend_on_the_rest_of_the_batch(model, batch):
    together = model.score(batch)
    rng = np.random.default_rng(0)
    for _ in range(5):
        rows = rng.permutation(len(batch.beats))[: rng.integers(1, len(batch.beats))]
        apart = model.score(rows_of(batch, rows))
        np.testing.assert_array_equal(apart.errors, together.errors[rows])
        np.testing.assert_array_equal(apart.surprise, together.surprise[rows])
        np.testing.assert_array_equal(apart.reconstruction, together.reconstruction[rows])


def test_reconstruction_is_in_millivolts(model, batch, draw_beats):
    windows, _ = draw_beats(len(batch.beats))
    scored = model.score(batch)
    assert scored.reconstruction.shape == windows.shape
    late = slice(20, None)
    residual = windows[late] - scored.reconstruction[late]
    assert np.sqrt((residual**2).mean()) < 0.3 * np.sqrt((windows[late] ** 2).mean())


def test_strange_beat_has_a_large_error(model, draw_beats):
    windows, rr = draw_beats(40)
    windows[30] = np.roll(windows[30], 40) * -2
    inputs = calibration.prepare(calibration.fresh(1), np.zeros(40, int), windows, rr)
    errors = model.score(inputs).errors
    assert errors[30] > 2 * errors[20:30].max()


def test_empty_batch(model, batch):
    scored = model.score(rows_of(batch, np.arange(0)))
    assert scored.errors.shape == (0,)
    assert scored.reconstruction.shape == (0, seen.WINDOW)


def test_fusion_names_what_is_wrong():
    with pytest.raises(SettingsError, match="threshold"):
        Fusion.from_map({"error": 1.0})


def test_released_weights_equal_the_network_in_torch(batch, tmp_path):
    pytest.importorskip("torch", reason="TORCH IS NOT INSTALLED: ONNX parity not tested")
    from models.autoencoder import weights
    from models.autoencoder.network import BeatModel, Shape
    from models.autoencoder.training import fitting
    from models.autoencoder.training.export import to_onnx
    from models.autoencoder.training.loop import SIZES

    model = BeatModel(Shape(**SIZES)).eval()
    rebuilt, surprise = fitting.run(model, batch)
    released = dict(weights.read("live").manifest)
    about = {key: released[key] for key in ("version", "fusion")}
    weights.write(tmp_path, "live", to_onnx(model), about)
    scored = Autoencoder.load(tmp_path).score(batch)
    np.testing.assert_allclose(scored.surprise, surprise, rtol=1e-4, atol=1e-5)
    expected = seen.expand(rebuilt * batch.scale[:, None])
    np.testing.assert_allclose(scored.reconstruction, expected, rtol=1e-4, atol=1e-5)
