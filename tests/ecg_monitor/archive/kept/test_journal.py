"""What a crash leaves of a journal is what was written whole."""

import pytest

from ecg_monitor.archive.kept.journal import Entry, Journal, path_of, read

ENTRIES = [
    Entry("s", "", "bed-01", b"stay", b"4711"),
    Entry("w", "5-0", "bed-01", b"17.5", bytes(range(256))),
    Entry("e", "6-0", "bed-02", b"boot", b"[]"),
    Entry("a", "7-1", "", b"{}", b""),
]


def test_entries_come_back_and_are_chosen_by_device(tmp_path):
    path = path_of(tmp_path, 3)
    journal, known = Journal.open(path)
    assert known == []
    journal.append(ENTRIES)
    assert list(read(path)) == ENTRIES
    assert list(read(path, "bed-02")) == [ENTRIES[2], ENTRIES[3]]
    journal.begin_anew(ENTRIES[:1])
    journal.append(ENTRIES[1:2])
    journal.close()
    assert Journal.open(path)[1] == ENTRIES[:2]
    assert list(read(tmp_path / "none")) == []


def test_what_was_cut_off_counts_as_never_written(tmp_path):
    path = path_of(tmp_path, 0)
    journal, _ = Journal.open(path)
    journal.append(ENTRIES)
    journal.close()
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 9), len(whole) - 1]:
        path.write_bytes(whole[:length])
        again, known = Journal.open(path)
        assert known == ENTRIES[: len(known)]
        again.append(ENTRIES[:1])
        again.close()
        assert list(read(path)) == [*known, ENTRIES[0]]


def test_what_the_disk_refuses_leaves_no_trace(tmp_path, small_files):
    path = path_of(tmp_path, 0)
    journal, _ = Journal.open(path)
    journal.append(ENTRIES)
    with small_files(path.stat().st_size + 100), pytest.raises(OSError, match="too large"):
        journal.append(ENTRIES)
    journal.append(ENTRIES[:1])
    assert list(read(path)) == [*ENTRIES, ENTRIES[0]]
    journal.close()
