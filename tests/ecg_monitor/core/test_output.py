"""A file that cannot be written is told of before the work, by the option that named it."""

import pytest

from ecg_monitor.cli import main
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.output import check_output


def test_the_folder_is_made(tmp_path):
    check_output("--json", tmp_path / "new" / "report.json")
    assert (tmp_path / "new").is_dir()
    assert not (tmp_path / "new" / "report.json").exists()
    check_output("--json", None)


def test_a_folder_or_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SettingsError, match=r"--html: .* is a folder; name a file in it"):
        check_output("--html", tmp_path)
    with pytest.raises(SettingsError, match=r"--html: .*file is no folder"):
        check_output("--html", tmp_path / "file" / "page.html")
    check_output("--html", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("name", ["", ".", "/", "..", "x" * 300])
@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["analyze", "100"], "--json"),
        (["diagnose", "100"], "--json"),
        (["export", "100", "--format", "csv"], "--output"),
        (["report", "100"], "--output"),
    ],
    ids=["analyze", "diagnose", "export", "report"],
)
def test_what_names_no_file_is_told(words, option, name, capsys):
    assert main([*words, option, name]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ecg-monitor {words[0]}: {option}: ")
    assert len(line) < 200


@pytest.mark.parametrize(
    "words", [["analyze", "100"], ["evaluate", "."], ["bench", "--engine-only"]]
)
def test_commands_look_before_they_work(words, tmp_path, capsys):
    assert main([*words, "--json", str(tmp_path)]) == 2
    assert f"--json: {tmp_path} is a folder" in capsys.readouterr().err
