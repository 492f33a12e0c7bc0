"""The command line: help that teaches, errors that say what to do, honest exit codes."""

import subprocess
import sys

import pytest

from ecg_monitor.cli import COMMANDS, build_parser, main
from tests.support.waiting import PATIENCE_S, allowed_s


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert f"ecg-monitor {name}" in out
    assert len(out.splitlines()) > 8


def test_the_list_of_commands(capsys):
    with pytest.raises(SystemExit):
        build_parser(only="").parse_args(["--help"])
    out = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert name in out
        assert command.summary[:20] in out


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["explode"])
    assert stop.value.code == 2
    assert "explode" in capsys.readouterr().err


def test_errors_are_one_line_for_the_user(capsys, monkeypatch):
    assert main(["analyze", "no/such/record"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("ecg-monitor analyze: no/such/record")
    assert len(err.splitlines()) == 1
    monkeypatch.setenv("ECG_PARTITION", "4")
    assert main(["analyze", "100"]) == 2
    assert "did you mean ECG_PARTITIONS" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", ".", "/", "x" * 300, f"./{'x' * 300}.csv"])
@pytest.mark.parametrize(
    "words",
    [
        ["analyze"],
        ["diagnose"],
        ["export", "--format", "csv", "--output", "never.csv"],
        ["report", "--output", "never.pdf"],
        ["import", "--bed", "bed-1"],
    ],
    ids=lambda words: words[0],
)
def test_what_names_no_recording_is_told_in_a_line(words, name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([words[0], name, *words[1:]]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ecg-monitor {words[0]}: ")
    assert len(line) < 200
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["detect", "ingest", "hub", "dashboard"])
def test_processes_say_which_setting_they_lack(name):
    out = subprocess.run(
        [sys.executable, "-m", "ecg_monitor.cli", name],
        capture_output=True,
        text=True,
        timeout=allowed_s(PATIENCE_S),
        check=False,
    )
    assert out.returncode == 2
    assert "ECG_" in out.stderr
    assert "is missing" in out.stderr
