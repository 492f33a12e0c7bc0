"""Opens a text file in the encoding that it shows, and hands out lines of bounded length."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ecg_monitor.core.errors import RecordError

LONGEST_LINE = 1 << 16
"""Most characters of a line: a table with a longer one is none, whatever its name says."""
_LOOK = 1 << 16
"""Bytes from which the encoding is told."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file in UTF-8, UTF-16 or Windows-1252, by what its first bytes show.

    Raises:
        RecordError: the file is missing, cannot be read, or is no text.
    """
    try:
        with path.open("rb") as file:
            encoding = _encoding(path, file.read(_LOOK))
        # What cannot be decoded further on is told with its row, as a cell that is no number.
        with path.open(encoding=encoding, errors="replace", newline=None) as text:
            yield text
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except (OSError, UnicodeError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error


def lines_of(path: Path, text: TextIO) -> Iterator[str]:
    """Yield the lines of an open file without their ends.

    Raises:
        RecordError: a line is longer than `LONGEST_LINE`.
    """
    readline = text.readline
    while line := readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise RecordError(
                f"{path}: is no table of text: a line has over {LONGEST_LINE} characters"
            )
        yield line.rstrip("\n")


def _encoding(path: Path, start: bytes) -> str:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise RecordError(f"{path}: is no text file (it holds zero bytes)")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # a character may be cut at the end
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
