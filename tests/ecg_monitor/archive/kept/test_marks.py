"""Annotations are those that WFDB reads."""

import struct

import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.archive.kept.marks import CODES, Mark, decode, encode
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
    assert decode(encode(MARKS)).marks() == sorted(MARKS)
    assert decode(encode([])).marks() == []
    theirs = wfdb.rdann(str(mitdb / "201"), "atr")
    ours = decode((mitdb / "201.atr").read_bytes()).marks()
    assert [mark.sample for mark in ours] == list(theirs.sample)
    known = [(a.symbol, b) for a, b in zip(ours, theirs.symbol, strict=True) if a.symbol]
    assert len(known) > 1900
    assert all(mine == yours for mine, yours in known)


def test_a_file_that_was_cut_off_is_told():
    with pytest.raises(RecordError, match="ends in the middle"):
        decode(encode(MARKS)[:-3])


SKIP, NUM, SUB, CHN, AUX = 59, 60, 61, 62, 63
ANNOTATION = st.tuples(st.integers(0, 58), st.integers(0, 1023)).map(
    lambda one: struct.pack("<H", one[0] << 10 | one[1])
)
FIELD = st.tuples(st.sampled_from((NUM, SUB, CHN)), st.integers(0, 1023)).map(
    lambda one: struct.pack("<H", one[0] << 10 | one[1])
)
FAR = st.integers(-(1 << 31), (1 << 31) - 1).map(
    lambda step: struct.pack("<HhH", SKIP << 10, step >> 16, step & 0xFFFF)
)
TEXT = st.binary(max_size=9).map(
    lambda text: struct.pack("<H", AUX << 10 | len(text)) + text + b"\0" * (len(text) % 2)
)
WORDS = ANNOTATION | FIELD | FAR | TEXT
WHOLE = st.lists(WORDS, max_size=30).map(b"".join)
ANY = st.lists(WORDS | st.binary(max_size=6), max_size=30).map(b"".join)


def word_by_word(content: bytes) -> list[Mark]:
    """Annotations as the format tells them, one word after the other."""
    symbols = {code: symbol for symbol, code in CODES.items()}
    found: list[Mark] = []
    at = sample = 0
    while True:
        (word,) = struct.unpack_from("<H", content, at)
        at += 2
        code, rest = word >> 10, word & 1023
        if word == 0:
            return found
        if code == SKIP:
            high, low = struct.unpack_from("<hH", content, at)
            at += 4
            sample += (high << 16) + low
        elif code == AUX:
            if found:
                text = content[at : at + rest].decode(errors="replace")
                found[-1] = found[-1]._replace(aux=text)
            at += rest + rest % 2
        elif code not in (NUM, SUB, CHN):
            sample += rest
            found.append(Mark(sample, symbols.get(code, "")))


@given(ANY, st.sampled_from((b"\0\0", b"", b"\0")))
def test_a_file_is_read_at_once_as_word_by_word(content, ending):
    try:
        wanted = word_by_word(content + ending)
    except struct.error:
        with pytest.raises(RecordError, match="ends in the middle"):
            decode(content + ending)
    else:
        assert decode(content + ending).marks() == wanted


@given(WHOLE, st.integers(-2000, 2000), st.integers(0, 3000))
def test_of_a_stretch_its_marks_and_all_rhythms_are_told(content, at, length):
    known = decode(encode(MARKS)[:-2] + content + b"\0\0")
    moved = [Mark(at + sample, *rest) for sample, *rest in known.marks()]
    wanted = [mark for mark in moved if mark.symbol == "+" or 0 <= mark.sample < length]
    assert known.marks(at, length) == wanted
