"""Segments are WFDB records, sample for sample."""

from datetime import datetime

import numpy as np
import pytest
import wfdb

from ecg_monitor.archive.kept import files
from ecg_monitor.archive.kept.marks import Mark
from ecg_monitor.archive.kept.segments import Segment, Stream
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.records import read_record
from ecg_monitor.records.recording import INVALID_SAMPLE
from tests.support.archive import T0, signal


def segment(leads: int = 2, n: int = 5000, fs: float = 250.0) -> Segment:
    samples = signal(n, leads)
    samples[0, 100:300] = INVALID_SAMPLE
    samples[-1, -1] = 32767
    names = tuple(f"L{i}" for i in range(leads))
    stream = Stream("bed.1", "b", fs, names, (200.0,) * leads, (12.4,) * leads, "stay", "4711")
    return Segment(stream, 1000, T0 + 0.25, samples, (), (1010,))


@pytest.mark.parametrize(("leads", "fs"), [(1, 250.0), (8, 128.5), (12, 500.0), (16, 1000.0)])
def test_wfdb_reads_every_sample(tmp_path, leads, fs):
    one = segment(leads, fs=fs)
    place = files.place_of(one)
    size = files.write_segment(tmp_path, place, one, [Mark(5, "N"), Mark(9, "+", "(VT")])
    record = wfdb.rdrecord(str(tmp_path / place), physical=False)
    assert np.array_equal(record.d_signal.T, one.samples)
    assert (record.fs, record.fmt) == (fs, ["516"] * leads)
    assert record.sig_name == list(one.stream.leads)
    assert record.base_datetime == datetime(2026, 9, 21, 14, 13, 20, 250_000)
    assert [one % 65536 for one in record.checksum] == record.calc_checksum()
    assert "device: bed.1" in record.comments
    assert "exact ADC values at 0 mV: " + "12.4 " * (leads - 1) + "12.4" in record.comments
    assert size == sum(file.stat().st_size for file in (tmp_path / place).parent.iterdir())


def test_our_own_reader_takes_it(tmp_path):
    one = segment()
    place = files.place_of(one)
    files.write_segment(tmp_path, place, one, [Mark(5, "N"), Mark(9, "+", "(VT")])
    read = read_record(tmp_path / place)
    assert np.array_equal(read.samples, one.samples)
    assert (read.beats, read.rhythms) == (((5, "N"),), ((9, "(VT"),))
    assert read.invalid == ((0, 100, 300),)


def test_parts_are_read_and_damage_is_told(tmp_path):
    one = segment(12)
    files.write_segment(tmp_path, "signals/d/day/x", one, [])
    assert np.array_equal(
        files.read_samples(tmp_path, "signals/d/day/x", 12, 70, 4000), one.samples[:, 70:4000]
    )
    (tmp_path / "signals/d/day/x_2.dat").write_bytes(b"fLaC and no more")
    with pytest.raises(ArchiveError, match=r"x_2\.dat: cannot be read"):
        files.read_samples(tmp_path, "signals/d/day/x", 12, 0, 10)
    files.remove(tmp_path, "signals/d/day/x")
    assert list((tmp_path / "signals").iterdir()) == []
