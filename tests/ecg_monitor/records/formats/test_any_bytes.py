"""Tables and WFDB records that no writer meant: they are read or refused, in bounded memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import read_record

WORDS = st.sampled_from(
    ["time", "ECG", "II", "0", "1", "-1", "0.5", "1e5", "1e300", "-1e-300", "nan", "inf", "", " ",
     "x", "12:00:00", "2026-01-01T00:00:00", "25:61:61", "1,5", '"', "'", "#", "mV", "ms", "fs 250",
     "9" * 30, "[12:00:00.000 31/02/2020]", "00000000000000000:1:1"]
)  # fmt: skip
ROWS = st.lists(st.lists(WORDS, max_size=4), max_size=12)


def read(path):
    """Read a file; returns the recording, or None where it is refused."""
    tracemalloc.start()
    try:
        return read_record(path)
    except RecordError as error:
        assert len(str(error)) < 2000
        return None
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 200 * path.stat().st_size + 20_000_000


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    read_record_once(folder)  # what is loaded once does not count
    return folder


def read_record_once(folder):
    (folder / "s.dat").write_bytes(np.arange(500, dtype="<i2").tobytes())
    (folder / "r.hea").write_text("r 1 250 500\ns.dat 16 200\n")
    read_record(folder / "r.hea")


@settings(deadline=None, max_examples=200)
@given(ROWS, st.sampled_from(",;\t |"), st.integers(0, 40), st.floats(-1e12, 1e12))
def test_any_table_is_read_or_refused(place, rows, separator, n_good, jump):
    lines = [separator.join(row) for row in rows]
    lines += [f"{i * 0.004:.3f}{separator}{i % 7}" for i in range(n_good)]
    lines += [f"{jump}{separator}1"]
    path = place / "r.csv"
    path.write_text("\n".join(lines) + "\n")
    record = read(path)
    if record is not None:
        assert record.fs > 0
        assert all(gain > 0 for gain in record.gain)
        assert record.samples.nbytes < 1000 * path.stat().st_size + 10_000


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400), st.sampled_from(["r.csv", "r.txt", "r.edf", "r.ecg", "r.xml"]))
def test_any_bytes_are_read_or_refused(place, content, name):
    path = place / name
    path.write_bytes(content)
    read(path)


FIELDS = st.sampled_from(
    ["r", "r/2", "1", "2", "28360", "250", "0", "-1", "1e9", "nan", "99999999999999", "s.dat", "~",
     "16", "212", "8", "508", "16x9", "16x99999999", "16+9", "16:5", "200", "200(0)/mV", "0/mV",
     "1e-40", "-200", "/", "mV", "12", "#", "ECG", "1:61:61", "360/0", "q"]
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(FIELDS, max_size=9), max_size=4))
def test_any_wfdb_header_is_read_or_refused(place, lines):
    path = place / "f.hea"
    path.write_text("\n".join(" ".join(line) for line in lines) + "\n")
    (place / "q.hea").write_text("q 1 250 500\ns.dat 16 200\n")
    read(path)


@settings(deadline=None, max_examples=150)
@given(FIELDS, FIELDS, FIELDS, FIELDS, FIELDS)
def test_any_field_of_a_wfdb_header_is_read_or_refused(place, n_sig, rate, length, form, gain):
    path = place / "f.hea"
    path.write_text(f"f {n_sig} {rate} {length}\ns.dat {form} {gain} 12 0 0 0 0 II\n")
    record = read(path)
    if record is not None:
        assert all(gain > 0 for gain in record.gain)
        assert record.samples.size <= 1000
