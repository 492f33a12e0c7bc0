"""The envelope in which figures are kept."""

import argparse
from pathlib import Path

import pytest

from workbench.results import figures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "ludb"
    (data / "deep").mkdir(parents=True)
    (data / "1.hea").write_text("1 12 500\n")
    (data / "deep" / "2.hea").write_text("2 12 500\n")
    return data


def test_what_was_written_is_read_with_where_it_comes_from(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["ecg-monitor", "evaluate", str(folder), "--figures", "x.json"])
    monkeypatch.setattr(figures, "running_module", lambda: "ecg_monitor.cli")
    path = tmp_path / "found.json"
    values = {"se": 0.999, "database": str(folder)}
    figures.write(path, values, [folder, tmp_path / "not there"])
    found = figures.read(path)
    assert found.values == {"se": 0.999, "database": "ludb"}
    assert found.command == "ecg-monitor evaluate ludb/"
    assert [(one.name, one.files) for one in found.data] == [("ludb", 2)]
    assert found.machine is not None
    assert found.machine.cores >= 1
    assert found.carried_over_from is None
    assert found.source().startswith(f"`ecg-monitor evaluate ludb/`, {found.date}, commit ")


def test_the_digest_of_a_data_set_follows_its_files(folder):
    before = figures.DataSet.of(folder)
    assert figures.DataSet.of(folder) == before
    (folder / "1.hea").write_text("1 12 1000\n")
    assert figures.DataSet.of(folder).digest != before.digest


@pytest.mark.parametrize(
    ("arguments", "module", "expected"),
    [
        (
            ["/bin/ecg-monitor", "evaluate", "/data/mitdb", "--json", "x.json", "--split", "ds1"],
            "",
            "ecg-monitor evaluate mitdb/ --split ds1",
        ),
        (
            ["/src/noise.py", "../mitdb", "../nstdb", "--figures=out/x.json", "--snr", "6,0"],
            "workbench.bench.noise",
            "python -m workbench.bench.noise mitdb/ nstdb/ --snr 6,0",
        ),
        (
            ["/src/cli.py", "bench", "--beds", "16"],
            "ecg_monitor.cli",
            "ecg-monitor bench --beds 16",
        ),
        (
            ["pytest", "-q", "tests/dashboard/browser/bench_browser.py"],
            "pytest",
            "python -m pytest -q tests/dashboard/browser/bench_browser.py",
        ),
    ],
)
def test_a_command_stands_as_one_types_it(arguments, module, expected):
    assert figures.command(arguments, module) == expected


def test_a_figure_that_was_carried_over_says_so():
    carried = figures.Figures(
        "", "2026-11-21", None, "ecg-monitor evaluate", (), {}, "README of 2026-11-27", "at abc"
    )
    assert carried.source() == (
        "measured at abc; carried over from README of 2026-11-27, not renewed"
    )


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"commit": "a"}'])
def test_another_file_is_refused_by_name(tmp_path, body):
    path = tmp_path / "broken.json"
    path.write_text(body)
    with pytest.raises(figures.FiguresError, match="broken"):
        figures.read(path)


def test_the_option_takes_a_path():
    parser = argparse.ArgumentParser()
    figures.add_argument(parser)
    assert parser.parse_args(["--figures", "a.json"]).figures == Path("a.json")
    assert parser.parse_args([]).figures is None
