"""The programs of docs/TRAINING.md run, and what it says of files is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

for needed in ("torch", "lightning", "onnx"):
    pytest.importorskip(needed)

from tests.support.places import ROOT  # noqa: E402

PROGRAMS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "TRAINING.md").read_text("utf-8"), re.DOTALL
)


def test_the_programs_run_one_after_the_other(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    said = []
    for program in PROGRAMS:
        exec(program, names)  # noqa: S102 - the page's own words
        said.append(capsys.readouterr().out)
    assert said[0] == "187 samples at 125.0 Hz: N, S, V, F, Q\n"
    assert said[1] == "('N', 'S', 'V', 'F') (3, 4)\n"
    assert said[2].splitlines()[-1].startswith("epochs: 2 best: ")
    assert len(said) == 3
