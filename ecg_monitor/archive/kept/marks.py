"""Annotations of a segment, in the MIT format of WFDB annotation files. Pure.

Each annotation is a 16-bit word, 6 bits of code and 10 of the samples since the one before; a
longer distance is a SKIP, a text an AUX. Source: https://physionet.org/physiotools/wag/annot-5.htm.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.labels import AAMI_LABELS

_SKIP, _AUX = 59, 63
_FIELDS = frozenset({60, 61, 62})
"""NUM, SUB and CHN: one word each, which we do not write and pass over."""
_CODES = {
    "N": 1, "L": 2, "R": 3, "a": 4, "V": 5, "F": 6, "J": 7, "A": 8, "S": 9, "E": 10, "j": 11,
    "/": 12, "Q": 13, "~": 14, '"': 22, "B": 25, "^": 26, "+": 28, "?": 30, "e": 34, "n": 35,
    "f": 38, "r": 41,
}  # fmt: skip
_SYMBOLS = {code: symbol for symbol, code in _CODES.items()}
RHYTHM, NOTE, PULSE = "+", '"', "^"
"""Symbols of a change of rhythm, of a comment, and of a pacemaker pulse."""
BEATS = frozenset(AAMI_LABELS)
_LONGEST = 1023


class Mark(NamedTuple):
    """One annotation.

    Attributes:
        sample: index within the record, from 0.
        symbol: WFDB symbol.
        aux: text, as ``(AFIB`` of a change of rhythm.
    """

    sample: int
    symbol: str
    aux: str = ""


def encode(marks: Iterable[Mark]) -> bytes:
    """Return the content of an annotation file; marks are put in order of time."""
    words = bytearray()
    last = 0
    for sample, symbol, aux in sorted(marks):
        distance, last = sample - last, sample
        if distance > _LONGEST:
            # A SKIP is followed by the distance: the upper half of the 32 bits comes first.
            words += struct.pack("<HHH", _SKIP << 10, distance >> 16, distance & 0xFFFF)
            distance = 0
        words += struct.pack("<H", _CODES[symbol] << 10 | distance)
        if aux:
            text = aux.encode()[:255]
            text = text.decode(errors="ignore").encode()  # no half of a letter
            words += struct.pack("<H", _AUX << 10 | len(text)) + text + b"\0" * (len(text) % 2)
    return bytes(words) + b"\0\0"


def decode(content: bytes) -> list[Mark]:
    """Return the annotations of a file; codes that `encode` does not write are left out.

    Raises:
        RecordError: the file ends in the middle.
    """
    marks: list[Mark] = []
    words = memoryview(content)
    at, sample = 0, 0
    try:
        while True:
            (word,) = struct.unpack_from("<H", words, at)
            at += 2
            code, rest = word >> 10, word & 1023
            if word == 0:
                return marks
            if code == _SKIP:
                high, low = struct.unpack_from("<hH", words, at)
                at += 4
                sample += (high << 16) + low
            elif code == _AUX:
                if marks:
                    text = bytes(words[at : at + rest]).decode(errors="replace")
                    marks[-1] = marks[-1]._replace(aux=text)
                at += rest + rest % 2
            elif code not in _FIELDS:
                sample += rest
                marks.append(Mark(sample, _SYMBOLS.get(code, ""), ""))
    except struct.error as error:
        raise RecordError("an annotation file ends in the middle") from error


def beats_of(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that are beats."""
    return [mark for mark in marks if mark.symbol in BEATS]
