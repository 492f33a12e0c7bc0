"""From a folder of tables to weights by `train`, and from weights to figures by `evaluate`."""

from __future__ import annotations

import json

import numpy as np
import orjson
import pytest

for needed in ("lightning", "onnx"):
    pytest.importorskip(needed)
torch = pytest.importorskip("torch")

from ecg_monitor.cli import build_parser, main  # noqa: E402
from ecg_monitor.core.errors import SettingsError  # noqa: E402
from ecg_monitor.core.settings import Settings  # noqa: E402
from models.zoo import registry, weights  # noqa: E402
from models.zoo.weights import WeightsError  # noqa: E402
from workbench.evaluate import command as evaluate_command  # noqa: E402

EPOCHS = "3"


def write_tables(folder) -> None:
    """Beats with a hump whose place is the class: learnt in a few epochs."""
    random = np.random.default_rng(0)
    for name, rows in (("mitbih_train.csv", 250), ("mitbih_test.csv", 100)):
        targets = np.arange(rows) % 5
        places = 20 + 30 * targets[:, None]
        hump = np.exp(-(((np.arange(187) - places) / 6) ** 2))
        noise = random.normal(0, 0.05, hump.shape)
        np.savetxt(folder / name, np.column_stack([hump + noise, targets]), delimiter=",")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_tables(folder)
    torch.set_num_threads(1)  # a network this small is slower on several
    out = folder / "out"
    assert main(["train", "cnn-1d", str(folder), "--out", str(out), "--epochs", EPOCHS,
                 "--batch-size", "16", "--device", "cpu"]) == 0  # fmt: skip
    return folder, out


def evaluate(*words: str) -> int:
    args = build_parser(only="evaluate").parse_args(["evaluate", *words])
    return evaluate_command.main(args, Settings())


def test_a_network_is_trained_and_scored_by_commands(trained, capsys) -> None:
    folder, out = trained
    report = out / "report.json"
    figures, picture = out / "figures.json", out / "picture.png"
    path = out / "cnn-1d.onnx"
    written = ("--json", str(report), "--figures", str(figures), "--picture", str(picture))
    words = ("--network", "cnn-1d", "--weights", str(path))
    assert evaluate(str(folder), *words, *written) == 0
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["accuracy"] > 0.9
    assert found["split"] == "mixed"
    assert np.sum(found["confusion"]) == found["examples"] == 100
    assert set(found["classes"]) == set("NSVFQ")
    assert found["sha256"] == weights.load(path, registry.network("cnn-1d")).sha256
    assert picture.read_bytes().startswith(b"\x89PNG")
    kept = orjson.loads(figures.read_bytes())
    assert kept["values"]["accuracy"] == found["accuracy"]
    assert "true \\ found" in capsys.readouterr().out


def test_what_training_leaves(trained) -> None:
    _, out = trained
    rows = (out / "curves.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "epoch,train_loss,validation_loss,learning_rate,validation_f1"
    assert len(rows) == 1 + int(EPOCHS)
    assert (out / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "last.ckpt").is_file()
    manifest = json.loads((out / "cnn-1d.json").read_text(encoding="utf-8"))
    assert manifest["command"]
    assert manifest["split"] == "mixed"


def test_weights_are_not_scored_on_what_they_have_seen(trained, tmp_path) -> None:
    folder, out = trained
    network = registry.network("cnn-1d")
    made = weights.load(out / "cnn-1d.onnx", network)
    other = {**made.metadata, "split": "patients"}
    import onnx

    model = onnx.load_from_string((out / "cnn-1d.onnx").read_bytes())
    onnx.helper.set_model_props(model, other)
    path = tmp_path / "patients.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(WeightsError, match="was trained on the split patients"):
        evaluate(str(folder), "--network", "cnn-1d", "--weights", str(path), "--split", "mixed")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--weights", "x.onnx"], "--weights: is about a network"),
        (["--picture", "x.png"], "--picture: is about a network"),
        (["--split", "patients"], "--split patients: is about a network"),
        (["--network", "cnn-1d", "--records", "100"], "--records: is about the engine"),
        (["--network", "cnn-1d", "--leads", "all"], "--leads: is about the engine"),
        (["--network", "cnn-1d", "--split", "ds1"], "--split: ds1 is for the engine"),
        (["--network", "beats"], "beats runs in the live engine"),
    ],
)
def test_options_that_exclude_each_other_say_so(words, problem, tmp_path) -> None:
    with pytest.raises(SettingsError, match=problem):
        evaluate(str(tmp_path), *words)


def test_faults_are_told_in_a_line(tmp_path, capsys) -> None:
    assert main(["train", "cnn-1d", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert main(["models", "cnn1d"]) == 2
    assert "did you mean cnn-1d" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--network", "cnn1d"]) == 2
    assert "did you mean cnn-1d" in capsys.readouterr().err
