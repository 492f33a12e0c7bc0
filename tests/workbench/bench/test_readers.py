"""The files that the bench of the readers makes, and its walk through a folder."""

import numpy as np
import pytest

from ecg_monitor.records import read_record
from workbench.bench.reader_files import FS, WRITERS
from workbench.bench.readers import walk


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_is_read(tmp_path, name):
    record = read_record(WRITERS[name](tmp_path / "r", 0.2))
    assert record.fs == FS
    assert record.n_samples > 5000
    assert record.invalid == ()
    volts = (record.samples[0] - record.baseline[0]) / record.gain[0]
    assert np.ptp(volts) == pytest.approx(1.05, abs=0.1)


def test_every_file_of_a_folder_comes_to_an_outcome(tmp_path):
    WRITERS["WFDB 16"](tmp_path / "good", 0.2)
    WRITERS["CSV, times of day"](tmp_path / "table", 0.2)
    (tmp_path / "good.atr").write_bytes(b"")
    (tmp_path / "notes.md").write_text("?")
    (tmp_path / "empty.edf").write_bytes(b"")
    outcomes = walk(tmp_path, 1.0)
    assert outcomes.total() == 6
    assert outcomes["part of a WFDB record"] == 2
    assert outcomes["analysed and replayed: WFDB"] == 1
    assert outcomes["analysed and replayed: CSV"] == 1
    assert outcomes["refused: is not an EDF or BDF file"] == 1
