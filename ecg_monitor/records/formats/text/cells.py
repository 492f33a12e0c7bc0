"""Single cells of a table: numbers with a point or a comma, times of day, and words for "none"."""

from __future__ import annotations

import math
import re
from datetime import date

MISSING = frozenset(
    {
        "",
        "nan",
        "na",
        "n/a",
        "#n/a",
        "null",
        "none",
        "nil",
        "-",
        "--",
        "---",
        "?",
        ".",
        "...",
        "missing",
    }
)
"""Words for a sample without a value, in lower case."""
QUOTES = " \t'\"\u00a0"
"""What may stand around the content of a cell."""
_STAMP = re.compile(
    r"[\[(]?\s*(?:(?P<ymd>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T\s,]+)?"
    r"(?:(?P<dmy>\d{1,2}[-/.]\d{1,2}[-/.]\d{4})[T\s,]+)?"
    r"(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,2}):(?P<s>\d{1,2}(?:[.,:]\d+)?)\s*(?P<pm>[AaPp][Mm])?"
    r"(?:\s+(?P<late>\d{1,2}[-/.]\d{1,2}[-/.]\d{4}))?\s*(?:Z|[+-]\d\d:?\d\d)?\s*[\])]?"
)
"""``0:00.003``, ``12:14:03.5``, ``2026-01-01T00:00:03.5Z``, ``[12:14:03.500 01/01/2020]``."""


LARGEST = 1e100
"""What is larger was written by no instrument, and its differences leave the range of floats."""
_MINUS = str.maketrans("\u2212\u2013\u2012\u2014\u2015\ufe63\uff0d", "-------")
"""Signs that text processing puts where a minus was typed."""
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


def number(text: str) -> float:
    """Return a cell's number; NaN for a missing value, and for what is over `LARGEST`.

    A comma is a decimal one.

    Raises:
        ValueError: the cell is neither a number nor a word for a missing value.
    """
    try:
        value = float(text)
    except ValueError:
        if is_missing(text):
            return math.nan
        value = float(text.strip(QUOTES).translate(_MINUS).replace(",", "."))
    return value if abs(value) <= LARGEST else math.nan


def is_number(text: str) -> bool:
    """Return whether a cell holds a number; a missing value is none."""
    try:
        return not math.isnan(number(text))
    except ValueError:
        return False


def is_missing(text: str) -> bool:
    """Return whether a cell says that there is no value."""
    return text.strip(QUOTES).translate(_MINUS).lower() in MISSING


def is_stamp(text: str) -> bool:
    """Return whether a cell holds a time of day or a date with one."""
    return _STAMP.fullmatch(text.strip(QUOTES)) is not None


def is_day(text: str) -> bool:
    """Return whether a cell holds a date without a time of day."""
    return _DAY.fullmatch(text.strip(QUOTES)) is not None


def seconds(text: str) -> float:
    """Return a time of day, with or without its date, in seconds; NaN for a missing value.

    Seconds count from midnight, or from the beginning of year 1 where the cell has a date.

    Raises:
        ValueError: the cell is no time.
    """
    plain = text.strip(QUOTES)
    found = _STAMP.fullmatch(plain)
    if found is None:
        if is_missing(text):
            return math.nan
        raise ValueError(text)
    hours = int(found["h"] or 0)
    if found["pm"]:
        hours = hours % 12 + 12 * (found["pm"].lower() == "pm")
    second = float(found["s"].replace(",", ".").replace(":", "."))
    return _day(found) * 86400.0 + hours * 3600.0 + int(found["m"]) * 60.0 + second


def _day(found: re.Match[str]) -> int:
    """Return the number of the day, 0 where the cell has none."""
    if found["ymd"]:
        year, month, day = (int(part) for part in re.split(r"[-/.]", found["ymd"]))
        return date(year, month, day).toordinal()
    text = found["dmy"] or found["late"]
    if not text:
        return 0
    day, month, year = (int(part) for part in re.split(r"[-/.]", text))
    if month > 12:  # written month first, as in the United States
        day, month = month, day
    return date(year, month, day).toordinal()
