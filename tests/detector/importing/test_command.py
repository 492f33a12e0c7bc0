"""A recording of the past is in the archive as one that was recorded."""

import numpy as np
import pytest

from ecg_monitor import cli
from ecg_monitor.archive.reading import read_interval
from ecg_monitor.records import read_record
from tests.support.recordings import write_beginning

START = "2026-03-01T10:00:00Z"
AT = 1_772_359_200.0


@pytest.fixture(scope="module")
def beginning(mitdb, tmp_path_factory):
    """The first eleven minutes of a record: two segments."""
    folder = tmp_path_factory.mktemp("record")
    write_beginning(mitdb, "208", 660, folder)
    return folder / "208"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.setenv("ECG_ARCHIVE", str(tmp_path))
    return tmp_path


def put(path, *words: str) -> int:
    return cli.main(["import", str(path), "--bed", "bed-07", "--start", START, *words])


def test_with_its_own_annotations(beginning, archive, capsys):
    assert put(beginning, "--reference", "--patient", "4711") == 0
    assert "0.18 h, 2 leads" in capsys.readouterr().err
    played, kept = read_record(beginning), read_interval(archive, "bed-07")
    assert np.array_equal(kept.recording.samples, played.samples)
    assert kept.recording.beats == played.beats
    assert kept.recording.rhythms == played.rhythms
    assert kept.start == AT
    assert "# patient: 4711" in next(archive.rglob("*.hea")).read_text()
    minute = read_interval(archive, "bed-07", AT + 590, AT + 650)
    assert np.array_equal(minute.recording.samples, played.samples[:, 590 * 360 : 650 * 360])
    assert put(beginning, "--reference") == 2
    assert "something of that time is kept already" in capsys.readouterr().err


def test_analysed_it_has_beats_and_alarms(mitdb, tmp_path, archive):
    write_beginning(mitdb, "208", 90, tmp_path)
    beginning = tmp_path / "208"
    assert put(beginning, "--leads", "MLII") == 0
    kept = read_interval(archive, "bed-07")
    truth = np.array([beat.sample for beat in read_record(beginning).beats])
    found = np.array([beat.sample for beat in kept.recording.beats])
    near = np.abs(truth[:, None] - found[None, :]).min(axis=1) < 0.15 * 360
    assert near.mean() > 0.95
    assert {"V", "N"} <= {beat.symbol for beat in kept.recording.beats}
    assert "pvc_rate" in {one.kind for one in kept.alarms}
    assert all(one.end_s is not None for one in kept.alarms)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--start", "yesterday"), "--start must look like 2026-11-02T08:30:00Z, got 'yesterday'"),
        (("--start", "2999-01-01T00:00:00Z"), "the recording would end in the future"),
        (("--bed", "bed 7"), "'bed 7' is no name of a bed"),
        (("--leads", "V9"), "208 has no lead 'V9'; it has MLII, V1"),
    ],
)
def test_what_is_wrong_is_told(beginning, archive, capsys, words, problem):
    assert put(beginning, "--reference", *words) == 2
    assert problem in capsys.readouterr().err
