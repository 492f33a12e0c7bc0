"""What is wrong is told before anything is written, and nothing is written over unasked."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ecg_monitor.cli import main
from ecg_monitor.core.errors import ExportError
from gateway.export.excerpt import bounds
from gateway.export.source import seconds_of
from gateway.export.writing import progress_bar

FS = 250


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Path:
    """A flat line of 20 s and two leads, its name in Arabic with a comma."""
    path = tmp_path_factory.mktemp("in") / "نبض, one.csv"
    rows = "".join(f"{n / FS:.3f},{0.001 * (n % 3)},0\n" for n in range(20 * FS))
    path.write_text("time,II,V1\n" + rows, encoding="utf-8")
    return path


def export(record: Path, output: Path, *words: str) -> int:
    return main(["export", str(record), "--marks", "none", "--output", str(output), *words])


def refused(capsys, *args) -> str:
    assert export(*args) == 2
    return capsys.readouterr().err


def test_an_interval_is_written_and_not_over_others(record, tmp_path, capsys):
    path = tmp_path / "new" / "a.csv"
    assert export(record, path, "--start", "0:05", "--end", "0:15") == 0
    rows = path.read_text("utf-8").splitlines()
    assert rows[0] == "# ecg-monitor export of نبض, one, from 5.000000 s"
    assert rows[2] == "time_s,II (mV),V1 (mV)"
    assert len(rows) == 3 + 10 * FS
    assert "is there already; --force" in refused(capsys, record, path)
    assert export(record, path, "--force") == 0
    assert list(path.parent.iterdir()) == [path]


def test_what_lies_past_the_end_is_cut_and_told(record, tmp_path, capsys):
    assert export(record, tmp_path / "a.hea", "--start", "15", "--end", "99") == 0
    assert "the recording ends at 20.000 s" in " ".join(capsys.readouterr().err.split())
    assert os.path.getsize(tmp_path / "a.dat") == 5 * FS * 2 * 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--start", "20"), "--start: 20 s lies after the end of the recording"),
        (("--start", "5", "--end", "5"), "--end: 5 s does not lie after --start 5 s"),
        (("--start", "5", "--end", "3"), "--end: 3 s does not lie after --start 5 s"),
        (("--end", "0"), "--end: the interval holds no sample"),
        (("--start", "5", "--end", "5.0001"), "--end: the interval holds no sample"),
        (("--start", "nan"), "--start: must be seconds from 0 on, or h:mm:ss, got 'nan'"),
        (("--end", "-3"), "--end: must be seconds from 0 on"),
        (("--end", "soon"), "--end: must be seconds from 0 on"),
        (("--format", "gif"), "there is no 'gif'; choose one of wfdb, edf, csv, dicom, fhir"),
        (("--leads", "III"), "III"),
    ],
)
def test_what_is_wrong_is_named(record, tmp_path, capsys, words, told):
    assert told in refused(capsys, record, tmp_path / "a.csv", *words)
    assert not (tmp_path / "a.csv").exists()


def test_where_nothing_can_be_written(record, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "is no folder" in refused(capsys, record, tmp_path / "file" / "a.csv")
    assert "is a folder" in refused(capsys, record, tmp_path, "--format", "csv")
    assert "does not say which" in refused(capsys, record, tmp_path / "a.xyz")
    assert "is no name of a WFDB record" in refused(capsys, record, tmp_path / "نبض.hea")
    assert "no such recording" in refused(capsys, tmp_path / "gone.csv", tmp_path / "a.csv")
    assert "nothing has been recorded" in refused(capsys, "bed:1", tmp_path / "a.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_leaves_nothing(record, tmp_path):
    """A file larger than this process may write: the limit stands for the disk's end."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from ecg_monitor.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["export", str(record), "--marks", "none", "--output", str(tmp_path / "a.csv")]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "cannot be written: File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_flat_line_without_beats_is_drawn(record, tmp_path, form):
    assert export(record, tmp_path / f"a.{form}", "--end", "12") == 0
    assert (tmp_path / f"a.{form}").stat().st_size > 5000
    first = {"pdf": b"%PDF", "svg": b"<svg", "png": b"\x89PNG"}
    assert export(record, tmp_path / "other", "--end", "2", "--format", form) == 0
    assert (tmp_path / "other").read_bytes().startswith(first[form])


def test_too_long_for_a_picture(record, tmp_path, capsys):
    long = tmp_path / "long.csv"
    rows = "".join(f"{n / 100:.2f},0.1\n" for n in range(200 * 100))
    long.write_text("time,II\n" + rows, encoding="utf-8")
    assert "png takes up to 120 s, this interval has 200.0 s" in refused(
        capsys, long, tmp_path / "a.png"
    )


def test_bounds_of_rates_that_are_no_whole_numbers():
    assert bounds(999.41, 9994, 1.0, 2.0) == (999, 1999, ())
    assert bounds(360.0, 100, None, None) == (0, 100, ())
    for value in (float("inf"), -1.0, float("nan")):
        with pytest.raises(ExportError, match="--start"):
            bounds(360.0, 100, value, None)
    assert seconds_of("--start", "1:02:03.5") == 3723.5
    with pytest.raises(ExportError):
        seconds_of("--start", "1:2:3:4")
    assert np.isclose(seconds_of("--start", "2:00"), 120)


def test_a_bracket_in_the_name_of_what_is_done_is_no_markup():
    told = io.StringIO()
    with progress_bar(Console(file=told, force_terminal=True)) as steps:
        steps("analysing [b]one[/i]")(1.0)
    assert "analysing [b]one[/i]" in told.getvalue()
