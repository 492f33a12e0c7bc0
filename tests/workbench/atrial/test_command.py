"""The command that times fibrillation."""

import sys

import orjson
import pytest

from tests.workbench.atrial.test_intervals import irregular, write
from workbench.atrial import command
from workbench.atrial.confirmation import WAITS_S
from workbench.atrial.parts import ARTEFACTS, DEVELOPMENT, FIBRILLATING, HEALTHY, HELD_OUT


def test_parts_share_no_record():
    for database in (FIBRILLATING, HEALTHY):
        development, held_out = set(DEVELOPMENT[database]), set(HELD_OUT[database])
        assert development
        assert held_out
        assert not development & held_out
        assert not (development | held_out) & set(ARTEFACTS)


@pytest.fixture
def long_records(tmp_path, monkeypatch):
    for database, names in DEVELOPMENT.items():
        for name in names:
            folder = tmp_path / database
            folder.mkdir(exist_ok=True)
            written = write(folder, irregular(200), {0.5: "(AFIB"}).with_suffix(".atr")
            written.rename(folder / f"{name}.atr")
    return tmp_path


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    return command.main()


def test_table_and_figures(long_records, monkeypatch, capsys):
    file = long_records / "figures.json"
    assert run(monkeypatch, str(long_records), "--records", "--figures", str(file)) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in (*DEVELOPMENT[FIBRILLATING], *DEVELOPMENT[HEALTHY]))
    groups = orjson.loads(file.read_bytes())["values"]["groups"]
    assert set(groups) == {FIBRILLATING, HEALTHY}
    assert groups[FIBRILLATING]["episodes"] == groups[FIBRILLATING]["found"] == 2


def test_a_missing_record_is_told(long_records, monkeypatch, capsys):
    (long_records / FIBRILLATING / "00.atr").unlink()
    assert run(monkeypatch, str(long_records)) == 1
    assert "00" in capsys.readouterr().err


def test_confirmation_times_are_compared(long_records, monkeypatch, capsys):
    file = long_records / "figures.json"
    assert run(monkeypatch, str(long_records), "--confirmation", "--figures", str(file)) == 0
    table = orjson.loads(file.read_bytes())["values"]["table"]
    assert len(table["rows"]) == len(WAITS_S)
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert "2 of 2" in capsys.readouterr().out
