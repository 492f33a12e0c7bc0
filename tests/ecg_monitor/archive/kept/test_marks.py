"""Annotations are those that WFDB reads."""

import pytest
import wfdb

from ecg_monitor.archive.kept.marks import Mark, decode, encode
from ecg_monitor.core.errors import RecordError

MARKS = [
    Mark(0, "+", "(AFIB"),
    Mark(0, "N"),
    Mark(1023, "V"),
    Mark(2047, "S"),
    Mark(100_000, '"', "high alarm: asystole begins"),
    Mark(90_000_000, "Q"),
    Mark(90_000_001, "^"),
]


def test_wfdb_reads_what_is_written(tmp_path):
    (tmp_path / "x.atr").write_bytes(encode(MARKS))
    read = wfdb.rdann(str(tmp_path / "x"), "atr")
    aux = [text.rstrip("\0") for text in read.aux_note]
    assert list(zip(read.sample, read.symbol, aux, strict=True)) == sorted(MARKS)


def test_we_read_what_we_write_and_what_wfdb_writes(mitdb):
    assert decode(encode(MARKS)) == sorted(MARKS)
    assert decode(encode([])) == []
    theirs = wfdb.rdann(str(mitdb / "201"), "atr")
    ours = decode((mitdb / "201.atr").read_bytes())
    assert [mark.sample for mark in ours] == list(theirs.sample)
    known = [(a.symbol, b) for a, b in zip(ours, theirs.symbol, strict=True) if a.symbol]
    assert len(known) > 1900
    assert all(mine == yours for mine, yours in known)


def test_a_file_that_was_cut_off_is_told():
    with pytest.raises(RecordError, match="ends in the middle"):
        decode(encode(MARKS)[:-3])
