"""A network of labels, from recordings to weights by `train`, and to figures by `evaluate`."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

for needed in ("lightning", "onnx"):
    pytest.importorskip(needed)
torch = pytest.importorskip("torch")

from ecg_monitor.cli import main  # noqa: E402
from models.diagnosis.training.metrics import best_threshold  # noqa: E402
from models.zoo import registry, weights  # noqa: E402
from models.zoo.data.examples import DataOptions  # noqa: E402
from tests.support.twelve_leads import millivolts, write_wfdb  # noqa: E402

NAME = "resnet34-12lead"
FS = 125.0


@pytest.fixture
def narrow(monkeypatch):
    """The network of 34 layers with a sixteenth of its channels, found by its name."""
    known = registry.network
    row = known(NAME)
    row = dataclasses.replace(row, recipe=dataclasses.replace(row.recipe, constants={"width": 4}))
    monkeypatch.setattr(registry, "network", lambda name: row if name == NAME else known(name))
    return row


def test_it_is_trained_at_another_rate_and_scored_at_that_rate(narrow, tmp_path):
    folder, out = tmp_path / "cpsc2018", tmp_path / "out"
    folder.mkdir()
    for i in range(15):
        word = ("AF", "Normal")[i // 5 % 2]
        write_wfdb(folder, f"A{i:04d}", millivolts(9) * (1 + i // 5), comments=[f"Dx: {word}"])
    torch.set_num_threads(1)
    words = ("--fs", f"{FS:g}", "--epochs", "1", "--batch-size", "5", "--device", "cpu")
    assert main(["train", NAME, str(folder), "--out", str(out), *words]) == 0
    path, report = out / f"{NAME}.onnx", out / "report.json"
    asked = ("--network", NAME, "--weights", str(path), "--json", str(report))
    assert main(["evaluate", str(folder), *asked]) == 0
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["examples"] == 3
    assert set(found["intervals"]) >= {"macro_auc", "macro_f1", "auc AF", "precision AF", "f1 SNR"}
    made = weights.load(path, narrow)
    assert (made.metadata["fs"], made.metadata["samples"]) == ("125", "3750")
    from models.diagnosis.data import examples

    validation = examples.load(folder, narrow, DataOptions(fs=FS)).validation
    chances, holds = made.answers(validation.inputs), validation.targets
    for number, label in enumerate(made.labels):
        usual = best_threshold(chances[:, number], holds[:, number])
        assert found["labels"][label]["threshold"] == pytest.approx(usual, abs=1e-4), label
    assert np.isfinite(found["macro_auc"])
