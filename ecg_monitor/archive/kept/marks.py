"""Annotations of a segment, in the MIT format of WFDB annotation files. Pure.

Each annotation is a 16-bit word, 6 bits of code and 10 of the samples since the one before; a
longer distance is a SKIP, a text an AUX. Source: https://physionet.org/physiotools/wag/annot-5.htm.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.labels import AAMI_LABELS

_SKIP, _AUX = 59, 63
_FIELDS = (60, 61, 62)
"""NUM, SUB and CHN: one word each, which we do not write and pass over."""
CODES = {
    "N": 1, "L": 2, "R": 3, "a": 4, "V": 5, "F": 6, "J": 7, "A": 8, "S": 9, "E": 10, "j": 11,
    "/": 12, "Q": 13, "~": 14, '"': 22, "B": 25, "^": 26, "+": 28, "?": 30, "e": 34, "n": 35,
    "f": 38, "r": 41,
}  # fmt: skip
"""WFDB codes by symbol, as far as they are written here."""
_SYMBOLS = np.full(64, "", object)
_SYMBOLS[list(CODES.values())] = list(CODES)
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
        words += struct.pack("<H", CODES[symbol] << 10 | distance)
        if aux:
            text = aux.encode()[:255]
            text = text.decode(errors="ignore").encode()  # no half of a letter
            words += struct.pack("<H", _AUX << 10 | len(text)) + text + b"\0" * (len(text) % 2)
    return bytes(words) + b"\0\0"


@dataclass(frozen=True, slots=True, eq=False)
class MarkTable:
    """Annotations of a file, by column.

    Attributes:
        samples: indices within the record, int64, shape (n,).
        codes: WFDB codes, uint16, shape (n,).
        texts: by place in the columns: those that are not empty.
    """

    samples: npt.NDArray[np.int64]
    codes: npt.NDArray[np.uint16]
    texts: Mapping[int, str]

    def marks(self, at: int = 0, length: int | None = None) -> list[Mark]:
        """Return the annotations one by one, those that stand elsewhere than in a stretch left out.

        Changes of rhythm are all told: one that stands before a stretch holds within it.

        Args:
            at: what is added to each sample index.
            length: samples of the stretch, which begins at index 0 after that; None: all are told.
        """
        samples = self.samples + at
        places = np.arange(len(samples))
        if length is not None:
            inside = (samples >= 0) & (samples < length)
            places = np.flatnonzero(inside | (self.codes == CODES[RHYTHM]))
        symbols = _SYMBOLS[self.codes[places]].tolist()
        if not self.texts:
            return list(map(Mark, samples[places].tolist(), symbols))
        texts = (self.texts.get(place, "") for place in places.tolist())
        return list(map(Mark, samples[places].tolist(), symbols, texts))


def decode(content: bytes) -> MarkTable:
    """Return the annotations of a file; of codes that `encode` does not write there is no symbol.

    Raises:
        RecordError: the file ends in the middle.
    """
    words = np.frombuffer(content, "<u2", len(content) // 2)
    codes, steps = (words >> 10).astype(np.uint16), (words & 1023).astype(np.int64)
    is_field = np.isin(codes, _FIELDS)
    is_mark = ~(is_field | (codes == _SKIP) | (codes == _AUX))
    steps[is_field] = 0
    texts: dict[int, str] = {}
    # What follows a SKIP or an AUX is no word of its own, whatever it looks like; both are rare.
    after = 0
    for at in np.flatnonzero((codes == _SKIP) | (codes == _AUX) | (words == 0)).tolist():
        if at < after:
            continue
        if words[at] == 0:
            return _table(codes[:at], steps[:at], is_mark[:at], texts)
        length = int(steps[at])
        after = at + (3 if codes[at] == _SKIP else 1 + (length + 1) // 2)
        if after > len(words):
            break
        is_mark[at:after] = False
        steps[at:after] = 0
        if codes[at] == _SKIP:
            high, low = struct.unpack_from("<hH", content, 2 * at + 2)
            steps[at] = (high << 16) + low
        else:
            texts[at] = content[2 * at + 2 : 2 * at + 2 + length].decode(errors="replace")
    raise RecordError("an annotation file ends in the middle")


def _table(
    codes: npt.NDArray[np.uint16],
    steps: npt.NDArray[np.int64],
    is_mark: npt.NDArray[np.bool_],
    texts: Mapping[int, str],
) -> MarkTable:
    """Return the annotations among words; a text, known by its word, is of the one before it."""
    places = np.flatnonzero(is_mark)
    owners = (np.searchsorted(places, list(texts)) - 1).tolist()
    of_marks = {i: text for i, text in zip(owners, texts.values(), strict=True) if i >= 0}
    return MarkTable(np.cumsum(steps)[places], codes[places], of_marks)
