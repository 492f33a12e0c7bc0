"""Networks run without telling anybody: onnxruntime's reports to its makers are off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

LOADS = (
    "import models.beats.classifier",
    "import models.diagnosis.inference, onnxruntime",
    "import models.autoencoder.inference, onnxruntime",
    "import models.zoo.weights, onnxruntime",
    "import heartbeats, onnxruntime",
)


def _files_after(program: str, home: Path) -> list[str]:
    environ = {name: text for name, text in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environ
        | {"HOME": str(home), "ECG_CACHE": str(home / "cache"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [path.name for path in home.rglob("*") if "onnxruntime" in path.as_posix()]


@pytest.mark.parametrize("program", LOADS)
def test_whatever_loads_networks_keeps_no_device_id_to_report(program: str, tmp_path: Path) -> None:
    assert _files_after(program, tmp_path) == []
