"""Groups of commands that renew figures."""

import subprocess
from pathlib import Path

import pytest

from ecg_monitor.cli import build_parser
from workbench.results import groups
from workbench.results.groups import GROUPS, Group, Run, arguments

RUNS = [run for group in GROUPS.values() for run in group.runs]


def test_no_two_commands_write_the_same_file():
    assert len({run.file for run in RUNS}) == len(RUNS) > 10


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.file)
def test_a_command_is_understood_and_names_its_file(run: Run):
    words = arguments(run, Path("/data"), Path("/out/x.json"))
    assert "{" not in " ".join(words)
    assert run.by_variable == ("--figures" not in words)
    if words[:2] == ["-m", "ecg_monitor.cli"]:
        parsed = build_parser(only=words[2]).parse_args(words[2:])
        assert parsed.figures == Path("/out/x.json")


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.file)
def test_looks_at_ds2_are_declared(run: Run):
    """MIT-BIH without ds1 or a list of records is all of it, DS2 included."""
    tunes = "ds1" in run.command or "--records" in run.command
    reads = "{mitdb}" in run.command and "evaluate" in run.command
    assert run.looks_at_ds2 == (reads and not tunes)


def test_a_group_runs_its_commands_in_order(monkeypatch, tmp_path):
    started = []

    def run(words, cwd, env, check):
        started.append((words[1:], env and env.get("FIGURES")))
        assert check

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(groups, "FOLDER", tmp_path / "figures")
    by_option, by_variable = (
        Run("a", "ecg-monitor evaluate {ludb}"),
        Run("b", "python -m pytest x.py", by_variable=True),
    )
    groups.renew(Group(1, (by_option, by_variable)), tmp_path)
    a, b = str(tmp_path / "figures/a.json"), str(tmp_path / "figures/b.json")
    assert started == [
        (["-m", "ecg_monitor.cli", "evaluate", str(tmp_path / "ludb"), "--figures", a], None),
        (["-m", "pytest", "x.py"], b),
    ]


def test_an_unknown_group_is_named(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["groups", "beets"])
    with pytest.raises(SystemExit):
        groups.main()
    assert "no such group: beets" in capsys.readouterr().err


def test_without_a_group_all_are_listed(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["groups"])
    assert groups.main() == 0
    listed = capsys.readouterr().out
    assert [name for name in GROUPS if name not in listed] == []
