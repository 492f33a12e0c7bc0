from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import load
from models.autoencoder import calibration, weights
from models.autoencoder import inputs as seen
from models.autoencoder.inference import Autoencoder
from models.autoencoder.training import command
from models.autoencoder.training import loop as training
from models.autoencoder.training.recordings import CalibratedBeats

torch = pytest.importorskip("torch", reason="TORCH IS NOT INSTALLED: training not tested")
torch.set_num_threads(1)  # as `training.main` does: two threads on a busy machine crawl


@pytest.fixture(scope="module")
def beats(draw_beats) -> CalibratedBeats:
    """Four recordings of 80 beats, every twentieth strange and early."""
    windows, rr = draw_beats(320)
    strange = np.arange(320) % 20 == 19
    windows[strange] *= -1
    rr[strange, 0] = 0.5
    record = np.repeat(np.arange(4), 80)
    inputs = calibration.prepare(calibration.fresh(4), record, windows, rr)
    return CalibratedBeats(inputs, record, tuple("abcd"), np.where(strange, "V", "N"))


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    command.add_arguments(parser)
    return parser.parse_args(words)


def test_training_yields_weights_that_find_strange_beats(beats, tmp_path):
    said: list[str] = []
    training.train_live(beats, 100, 0, tmp_path, said.append)
    model = Autoencoder.load(tmp_path)
    states = calibration.fresh(4)
    scores = calibration.judge(states, beats.record, model.score(beats.inputs), model.fusion)
    settled = np.arange(320) % 80 >= 20
    abnormal = beats.labels == "V"
    assert scores[abnormal & settled].min() > scores[~abnormal & settled].max()
    assert weights.read("live", tmp_path).manifest["training"]["records"] == list("abcd")
    for name in ("curves.svg", "reconstructions.svg", "scores.svg", "report.json"):
        assert (tmp_path / name).stat().st_size > 0
    assert any("recordings held out" in line for line in said)


def test_training_is_seeded(beats):
    from models.autoencoder.network import Shape
    from models.autoencoder.training import fitting

    plan = fitting.Plan(steps=3, batch=16, trim=0.1, seed=5)
    rows = np.arange(320)
    first, again = (
        fitting.fit_live(beats, rows, Shape(**training.SIZES), plan).state_dict() for _ in range(2)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_labels_do_not_reach_the_weights_or_the_threshold(beats):
    from models.autoencoder.inference import scores_from
    from models.autoencoder.network import Shape
    from models.autoencoder.training import fitting

    other = CalibratedBeats(beats.inputs, beats.record, beats.names, np.roll(beats.labels, 7))
    plan = fitting.Plan(steps=3, batch=16, trim=0.1, seed=5)
    fusions = []
    for prepared in (beats, other):
        model = fitting.fit_live(prepared, np.arange(320), Shape(**training.SIZES), plan)
        scored = scores_from(prepared.inputs, *fitting.run(model, prepared.inputs))
        fusions.append(training.label_free(prepared, scored))
    assert fusions[0] == fusions[1]


def test_folds_hold_out_each_recording_once(beats):
    held = np.sum(list(training.folds(beats, 0)), axis=0)
    assert (held == 1).all()


def test_bad_options_are_refused(tmp_path):
    args = arguments(str(tmp_path), "--out", str(tmp_path), "--steps", "1")
    with pytest.raises(SettingsError, match="--steps"):
        command.main(args, load())


def test_benchmark_in_one_command(tmp_path, draw_beats, capsys):
    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 140)
    for part, count in (("TRAIN", 100), ("TEST", 40)):
        labels = np.where(np.arange(count) % 4 == 3, 3, 1)
        shape = np.where(labels[:, None] == 1, np.sin(6 * t), np.sin(17 * t))
        rows = np.c_[labels, shape + 0.05 * rng.normal(size=(count, 140))]
        np.savetxt(tmp_path / f"ECG5000_{part}.txt", rows)
    args = arguments(str(tmp_path), "--ecg5000", "--seeds", "1", "--out", str(tmp_path / "out"))
    assert command.main(args, load()) == 0
    assert (tmp_path / "out" / "ecg5000.json").is_file()
    assert "ECG5000 auc: 1.0000" in capsys.readouterr().out


def test_window_of_the_network_is_that_of_the_inputs():
    assert training.SIZES["points"] == seen.POINTS
