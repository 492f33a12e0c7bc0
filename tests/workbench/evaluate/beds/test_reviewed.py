"""The engine is scored against what reviewers made of a bed's record."""

import argparse

import orjson
import pytest

from ecg_monitor.archive.annotations.reviewer import Reviewer
from ecg_monitor.archive.kept.marks import Mark, encode
from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.core.settings import Settings
from tests.support.archive import DEVICE, FS, RR_N, T0, reviewed_record
from workbench.evaluate import command
from workbench.evaluate.beds.reviewed import reference_folder


def evaluate(*words: str, settings: Settings) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.main(parser.parse_args(words), settings)


def test_a_bed_is_scored_against_its_reviewers(tmp_path, capsys):
    settings = Settings(archive=str(tmp_path / "archive"))
    made = reviewed_record(tmp_path / "archive", minutes=6)
    bed = f"bed:{DEVICE}"
    with pytest.raises(RecordError, match="nobody has reviewed"):
        evaluate(bed, "--reference", "reviewer", settings=settings)
    with pytest.raises(SettingsError, match="leave out"):
        evaluate(bed, "--reference", "reviewer", "--split", "ds1", settings=settings)
    one = Reviewer(settings.archive_dir, DEVICE, 0.0, 1e11, "A. Doctor")
    one.insert(T0 + 6 * RR_N / FS, "N")  # the one that was missed
    one.delete([T0 + 400 * RR_N / FS])  # one that was none
    found = tmp_path / "found"
    found.mkdir()
    marks = [Mark(at, symbol) for at, symbol in made.beats]
    (found / f"{DEVICE}.ecm").write_bytes(encode(marks))
    out = tmp_path / "figures.json"
    words = (bed, "--reference", "reviewer", "--found", str(found), "--json", str(out))
    assert evaluate(*words, settings=settings) == 0
    told = capsys.readouterr().err
    assert f"{len(made.beats)} beats, 2 corrected (A. Doctor 2), 0 confirmed" in told
    figures = orjson.loads(out.read_bytes())
    whole = figures["records"][DEVICE]["full"]["qrs"]
    assert (whole["tp"], whole["fn"], whole["fp"]) == (len(made.beats) - 1, 1, 1)


def test_a_folder_of_exports_is_taken_as_it_is(tmp_path):
    with reference_folder(tmp_path, Settings()) as (folder, note):
        assert folder == tmp_path
        assert "rev" in note
