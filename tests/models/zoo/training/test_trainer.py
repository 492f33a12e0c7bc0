"""The trainer: seeds, resume, memory, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from ecg_monitor.core.errors import SettingsError  # noqa: E402
from models.zoo.data.examples import ExamplesError  # noqa: E402
from models.zoo.training.options import TrainingOptions  # noqa: E402
from models.zoo.training.trainer import TrainingError, fit  # noqa: E402
from tests.support import tiny_network as tiny  # noqa: E402


def options(out, network=None, **changes) -> TrainingOptions:
    return TrainingOptions.of(network or tiny.row(), out, device="cpu", **changes)


def same(one, other) -> bool:
    pairs = zip(one.module.state_dict().values(), other.module.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def quiet(line: str) -> None:
    del line


def test_the_same_seed_gives_the_same_weights(tmp_path) -> None:
    runs = [
        fit(tiny.row(), tiny.data(), options(tmp_path / str(n), seed=seed), quiet)
        for n, seed in enumerate((4, 4, 5))
    ]
    assert same(runs[0], runs[1])
    assert runs[0].epochs == runs[1].epochs
    assert not same(runs[0], runs[2])


@pytest.mark.parametrize(
    "recipe", [{}, {"plateau": 1, "weight_decay": 0.01}, {"share_of_largest": 0.5}]
)
def test_a_resumed_training_is_the_uninterrupted_one(tmp_path, recipe) -> None:
    # Lightning draws random numbers of its own between epochs: nothing may depend on them.
    network = tiny.row(**recipe)
    whole = fit(network, tiny.data(), options(tmp_path / "whole", network, epochs=4), quiet)
    fit(network, tiny.data(), options(tmp_path / "half", network, epochs=2), quiet)
    torch.rand(17)
    resumed = fit(
        network,
        tiny.data(),
        options(tmp_path / "rest", network, epochs=4, resume=tmp_path / "half" / "last.ckpt"),
        quiet,
    )
    assert resumed.epochs == whole.epochs
    assert resumed.best == whole.best
    assert same(resumed, whole)
    ends = [torch.load(tmp_path / name / "last.ckpt") for name in ("whole", "rest")]
    for one, other in zip(*(end["state_dict"].values() for end in ends), strict=True):
        assert torch.equal(one, other)


def test_it_learns_and_keeps_the_best_epoch(tmp_path) -> None:
    run = fit(tiny.row(), tiny.data(), options(tmp_path, epochs=10), quiet)
    test = tiny.data().test
    found = run.module(torch.from_numpy(test.inputs)).argmax(1).numpy()
    assert (found == test.targets).mean() > 0.9
    losses = [epoch.validation_loss for epoch in run.epochs]
    assert run.best == 1 + int(np.argmin(losses))


def test_it_slows_down_and_ends_early_when_nothing_improves(tmp_path) -> None:
    network = tiny.row(patience=3, plateau=1)
    run = fit(
        network, tiny.data(), options(tmp_path, network, epochs=100, learning_rate=0.3), quiet
    )
    assert len(run.epochs) == run.best + 3
    rates = [epoch.learning_rate for epoch in run.epochs]
    assert rates[0] == 0.3
    assert rates[-1] <= 0.15


def test_a_batch_that_does_not_fit_is_halved_and_said(tmp_path) -> None:
    network = tiny.row(constants={"hungry": True})
    said: list[str] = []
    run = fit(network, tiny.data(64), options(tmp_path, network), said.append)
    assert run.batch_size == tiny.LARGEST_BATCH
    assert "memory ran out with 16 examples per step: again with 8" in said


def test_a_checkpoint_of_another_network_or_seed_is_refused(tmp_path) -> None:
    fit(tiny.row(), tiny.data(), options(tmp_path), quiet)
    kept = tmp_path / "last.ckpt"
    other = replace(tiny.row(), name="other")
    with pytest.raises(TrainingError, match="is of network tiny, this training has other"):
        fit(other, tiny.data(), options(tmp_path / "b", other, resume=kept), quiet)
    with pytest.raises(TrainingError, match="is of seed 0, this training has 9"):
        fit(tiny.row(), tiny.data(), options(tmp_path / "b", seed=9, resume=kept), quiet)


def test_what_is_no_checkpoint_is_refused(tmp_path) -> None:
    with pytest.raises(TrainingError, match="No such file"):
        fit(tiny.row(), tiny.data(), options(tmp_path, resume=tmp_path / "none"), quiet)
    (tmp_path / "text").write_text("no checkpoint", encoding="ascii")
    torch.save({"state_dict": {}}, tmp_path / "foreign")
    torch.save({"lesson": {"fingerprint": {}}}, tmp_path / "older")
    for name in ("text", "foreign", "older"):
        with pytest.raises(TrainingError, match="is no checkpoint of a training"):
            fit(tiny.row(), tiny.data(), options(tmp_path, resume=tmp_path / name), quiet)


def test_data_that_cannot_be_trained_on_are_refused(tmp_path) -> None:
    data = tiny.data()
    one_class = replace(data, train=data.train[data.train.targets == 0])
    with pytest.raises(ExamplesError, match="no example of high"):
        fit(tiny.row(), one_class, options(tmp_path), quiet)
    data.train.inputs[3, 0, 0] = np.nan
    with pytest.raises(ExamplesError, match="no numbers, the first is example 4"):
        fit(tiny.row(), data, options(tmp_path), quiet)


def test_options_out_of_range_are_refused(tmp_path) -> None:
    with pytest.raises(SettingsError, match="--batch-size: 0"):
        options(tmp_path, batch_size=0)
    with pytest.raises(SettingsError, match=r"--lr: 2.0"):
        options(tmp_path, learning_rate=2.0)
    if not torch.cuda.is_available():
        with pytest.raises(SettingsError, match="finds no CUDA device"):
            fit(tiny.row(), tiny.data(), replace(options(tmp_path), device="cuda"), quiet)


def test_the_split_decides_by_what_an_epoch_is_judged(tmp_path) -> None:
    network = tiny.row(patience=0)
    data = replace(tiny.data(), judged_by="f1")
    run = fit(network, data, options(tmp_path, network, epochs=6), quiet)
    f1 = [epoch.validation_f1 for epoch in run.epochs]
    assert max(f1) > 0.8
    assert run.best == 1 + int(np.argmax(f1))


def test_a_training_that_has_ended_is_not_gone_on_with(tmp_path) -> None:
    network = tiny.row(patience=2)
    fast = {"epochs": 100, "learning_rate": 0.3}
    whole = fit(network, tiny.data(), options(tmp_path, network, **fast), quiet)
    kept = tmp_path / "last.ckpt"
    said: list[str] = []
    again = options(tmp_path / "again", network, **fast, resume=kept)
    resumed = fit(network, tiny.data(), again, said.append)
    assert resumed.epochs == whole.epochs
    assert same(resumed, whole)
    assert said == [f"{kept} is of a training that has come to its end"]
    fewer = replace(again, epochs=1)
    with pytest.raises(TrainingError, match=r"--epochs: .* more than 1"):
        fit(network, tiny.data(), fewer, quiet)
