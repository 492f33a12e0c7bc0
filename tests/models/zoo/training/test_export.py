"""Networks as ONNX: their answers, what they say of themselves, and what is refused of them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")
pytest.importorskip("onnx")

from models.zoo import registry, weights  # noqa: E402
from models.zoo.data.examples import Examples, SplitData  # noqa: E402
from models.zoo.training.export import export, parity  # noqa: E402
from models.zoo.training.options import Run, TrainingOptions  # noqa: E402
from models.zoo.training.scaled import Answer  # noqa: E402
from models.zoo.training.trainer import build  # noqa: E402
from models.zoo.weights import WeightsError  # noqa: E402
from tests.support import tiny_network as tiny  # noqa: E402


def untrained(network, data, out):
    module = build(network, data, 0).eval()
    run = Run(module, (), 3, 16, out / "last.ckpt")
    options = TrainingOptions.of(network, out, seed=7, about={"commit": "abc"})
    return module, export(network, run, data, options)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    module, made = untrained(tiny.row(), tiny.data(), folder)
    path = folder / "tiny.onnx"
    weights.write(path, made.model, made.metadata)
    return module, made, path


def test_answers_are_torchs_with_the_scaler_inside(exported) -> None:
    module, made, path = exported
    inputs = tiny.data().test.inputs
    assert made.difference < 1e-5
    assert parity(Answer(module, "classes"), made.model, inputs) < 1e-5
    found = weights.load(path, tiny.row()).answers(inputs)
    assert found.shape == (30, 2)
    assert found.sum(axis=1) == pytest.approx(np.ones(30), abs=1e-5)
    # The input is given as it was recorded, around 1000: the file scales it.
    assert np.ptp(found[:, 0]) > 0.01


def test_the_file_says_what_it_is(exported) -> None:
    _, made, path = exported
    found = weights.load(path, tiny.row())
    assert found.labels == tiny.LABELS
    assert found.split == "mixed"
    expected = {"network": "tiny", "fs": "100", "seed": "7", "commit": "abc", "epochs": "3"}
    assert expected.items() <= found.metadata.items()
    assert found.metadata["data"] == "0123456789abcdef"
    manifest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert manifest["sha256"] == found.sha256
    assert manifest["bytes"] == len(made.model)


def test_weights_of_another_network_are_refused(exported) -> None:
    path = exported[2]
    with pytest.raises(WeightsError, match="holds the network tiny, not other"):
        weights.load(path, replace(tiny.row(), name="other"))


def test_damaged_or_missing_weights_are_refused(exported, tmp_path) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(exported[2].read_bytes()[:-1])
    path.with_suffix(".json").write_bytes(exported[2].with_suffix(".json").read_bytes())
    with pytest.raises(WeightsError, match=r"does not match the SHA-256 in tiny.json"):
        weights.load(path, tiny.row())
    path.with_suffix(".json").unlink()
    path.write_bytes(b"no network")
    with pytest.raises(WeightsError, match="is no network in ONNX"):
        weights.load(path, tiny.row())
    with pytest.raises(WeightsError, match="No such file"):
        weights.load(tmp_path / "none.onnx", tiny.row())


def test_a_split_without_weights_is_named() -> None:
    with pytest.raises(WeightsError, match="no weights are shipped for the split mixed"):
        weights.released(registry.network("hybrid-autoencoder"), "mixed")


TRAINABLE = [
    network for network in registry.networks() if network.trainable and network.sees.leads == 1
]


@pytest.mark.parametrize("network", TRAINABLE, ids=lambda network: network.name)
def test_each_network_of_beats_can_be_built_and_exported(network, tmp_path) -> None:
    random = np.random.default_rng(0)
    count = 40
    shape = (count, network.sees.leads, network.sees.samples)
    inputs = random.random(shape, np.float32)
    targets = np.arange(count) % len(network.labels)
    if network.recipe.loss == "rebuild":
        targets = np.zeros((count, 1), np.float32)
    part = Examples(inputs, targets, np.full(count, "a"))
    data = SplitData("mixed", network.labels, part, part, part, "0")
    _, made = untrained(network, data, tmp_path)
    assert made.difference < 1e-4
    path = tmp_path / "made.onnx"
    weights.write(path, made.model, made.metadata)
    assert weights.load(path, network).answers(inputs[:3]).shape == (3, len(network.labels))
