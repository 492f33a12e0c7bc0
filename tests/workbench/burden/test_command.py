"""The count of alarms per bed and day, from recordings to figures."""

from __future__ import annotations

import sys

import pytest

from workbench.burden import command


def test_a_folder_without_a_list_of_alarms_is_told_plainly(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["burden", str(tmp_path), str(tmp_path)])
    assert command.main() == 1
    assert "ALARMS" in capsys.readouterr().err


def test_recordings_are_counted_together():
    alarm = {"kind": "vt", "priority": "high", "onset_s": 5.0, "raised_s": 8.0, "cleared_s": None}
    load = command.load_of([([alarm], 1800.0), ([], 1800.0)]).as_map()
    assert load["all"]["audible_per_bed_day"] == pytest.approx(24)
