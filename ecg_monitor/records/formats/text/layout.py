"""How a table of text is laid out: what separates its cells, where it begins, what its head says.

Exporters put lines of their own before the table (who, when, which device, at what rate), comments
with ``#``, a line ``sep=;`` for a spreadsheet, units in a row below the names or inside them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ecg_monitor.records.formats.signals import per_mv
from ecg_monitor.records.formats.text.cells import QUOTES, is_missing, is_number, is_stamp

_SEPARATORS = ("\t", ";", "|", ",", " ")
"""In the order in which they are tried: a comma may be decimal, a blank may stand in a stamp."""
_COMMENTS = ("#", "%", "//")
_SAMPLE = 60
"""Lines at the end of the beginning from which the separator is told."""
LONGEST_FOOTER = 5
"""Most lines at the end of a file that need not be rows of the table."""
_RUN = 20
"""Lines of one width, one after another, that are the table."""
_RATE = re.compile(
    r"(?:sampl\w*[ _-]*(?:rate|freq\w*|hz)|abtast\w*|\bfs\b|\brate\b)"
    r"[\"' ]*(?:\(?hz\)?)?[\"' ]*[:=,;\t ]+[\"'\[ ]*(\d+(?:[.,]\d+)?)",
    re.IGNORECASE,
)
_HERTZ = re.compile(r"(?:rate|freq|fréq|chantillon).*?(\d+(?:[.,]\d+)?)\s*(?:hertz|hz)\b", re.I)
_FILTER = re.compile(r"filt|pass|notch|mains|cut", re.IGNORECASE)
_RATES = 10.0, 100_000.0
"""Numbers in the head that may be a sampling rate, Hz; others are something else."""
_LEAD = re.compile(r"\b(?:lead|ableitung|d[eé]rivation)\s+([A-Za-z0-9]{1,5})\b", re.IGNORECASE)
_UNIT_AT_END = re.compile(r"^(.*?)[\s_]*[\[(]([^\])]*)[\])]\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        name: as the file has it, without its unit; may be empty.
        unit: as the file has it; empty if it has none.
    """

    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out.

    Attributes:
        separator: what stands between cells; a blank for any white space, empty for one column.
        first: number of lines before the first row of samples.
        columns: name and unit of each column.
        has_names: whether the file names its columns.
        fs: sampling rate that the head gives, Hz; None if it gives none.
        unit: unit that the head gives for all; empty if it gives none.
        lead: lead that the head names; empty if it names none.
    """

    separator: str
    first: int
    columns: tuple[Column, ...]
    has_names: bool
    fs: float | None
    unit: str
    lead: str


def find_layout(lines: Sequence[str]) -> Layout | None:
    """Tell the layout from the first lines of a file; None if they hold no table of numbers."""
    separator = _separator(lines)
    rows = list(rows_of(lines, separator))
    width = _width(rows)
    first = next((i for i in range(len(rows)) if _begins(rows, i, width)), None)
    if first is None:
        return None
    head = lines[:first]
    fs = _rate(head)
    unit, lead = _unit(head), _lead(head)
    if separator == "," and width == 2 and (fs or lead) and _is_decimal(head, rows[first:]):
        separator, width = "", 1
    names, units = _names(_above(head, separator, width), width)
    columns = tuple(_column(name, one) for name, one in zip(names, units, strict=True))
    return Layout(separator, first, columns, any(names), fs, unit, lead)


def rows_of(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Split lines into cells; a comment or an empty line gives an empty row.

    Raises:
        csv.Error: a cell is longer than any number.
    """
    for line in lines:
        yield [] if is_aside(line) else _cells(line, separator)


def is_aside(line: str) -> bool:
    """Return whether a line is empty or a comment."""
    plain = line.lstrip()
    return not plain or plain.startswith(_COMMENTS)


def _above(head: Sequence[str], separator: str, width: int) -> list[list[str]]:
    """Return the lines before the table that have its number of cells; ``# time,ECG`` is one."""
    rows = [_trimmed(_cells(line.lstrip("#%/ "), separator), width) for line in head]
    if width == 1:  # a line such as ``Unit: mV`` tells a fact and names no column
        return [row for row in rows if row and row[0].strip() and not re.search(r"[,;:=]", row[0])]
    return [row for row in rows if len(row) == width]


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    if not separator:
        return [line]
    return next(csv.reader([line], delimiter=separator), [])


def _separator(lines: Sequence[str]) -> str:
    """Return what cuts the last lines into the same number of cells, most of them numbers."""
    sample = [line for line in lines if not is_aside(line)][-_SAMPLE:]
    for separator in _SEPARATORS:
        rows = [row for row in rows_of(sample, separator) if row]
        width = _width(rows)
        alike = [cells for row in rows if len(cells := _trimmed(row, width)) == width]
        if width > 1 and 2 * len(alike) > len(sample) and 2 * sum(map(_holds, alike)) >= len(alike):
            return separator
    return ""


def _width(rows: Sequence[list[str]]) -> int:
    """Return the usual number of cells, without an empty one that a trailing separator makes."""
    tail = [row for row in rows if row][-_SAMPLE:]
    if not tail:
        return 0
    lengths = [len(row) for row in tail]
    width = max(set(lengths), key=lengths.count)
    if width > 1 and all(not row[-1].strip() for row in tail if len(row) == width):
        trimmed = [row for row in rows if len(row) in {width, width - 1}]
        names = [row for row in trimmed if not _holds(row)]
        # An empty last column that has a name is one, whose values are all missing.
        return width if any(len(row) == width and row[-1].strip() for row in names) else width - 1
    return width


def _trimmed(row: list[str], width: int) -> list[str]:
    return row[:-1] if len(row) == width + 1 and not row[-1].strip() else row


def _holds(row: Sequence[str]) -> bool:
    """Return whether a row may hold samples: half of what it tells are numbers or times."""
    told = [cell for cell in row if not is_missing(cell)]
    return 2 * sum(is_number(cell) or is_stamp(cell) for cell in told) >= len(told)


def _begins(rows: Sequence[list[str]], start: int, width: int) -> bool:
    """Return whether the table may begin at a line: a run of its width follows, all numbers."""
    if not any(is_number(cell) or is_stamp(cell) for cell in rows[start]):
        return False
    count = 0
    for i in range(start, len(rows)):
        row = _trimmed(rows[i], width)
        is_cut = 0 < len(row) < width and all(map(is_number, row))
        if row and not is_cut and (len(row) != width or not _holds(row)):
            return count > 0 and len(rows) - i <= LONGEST_FOOTER
        count += bool(row)
        if count == _RUN:
            break
    return count > 0


def _is_decimal(head: Sequence[str], rows: Sequence[list[str]]) -> bool:
    """Return whether the one comma of each line is a decimal one: nothing names two columns."""
    named = any(
        len(cells) == 2 and not any(map(is_number, cells)) and _lead_or_time(cells)
        for line in head
        if (cells := _cells(line.lstrip("#%/ "), ","))
    )
    return not named and all(row[1].isdigit() for row in rows[:_RUN] if len(row) == 2)


def _lead_or_time(cells: Sequence[str]) -> bool:
    """Return whether two cells name two columns rather than tell a fact and its value."""
    first = re.sub(r"[^a-z]", "", cells[0].lower())
    return first in {"", "t", "s", "ms", "sec", "seconds", "index", "sample", "n"} or any(
        word in first for word in ("time", "zeit", "temps", "stamp", "elapsed", "unnamed")
    )


def _names(above: Sequence[list[str]], width: int) -> tuple[list[str], list[str]]:
    """Return names and units of the columns, from the last rows of their number above the table."""
    plain = [[cell.strip(QUOTES) for cell in _trimmed(row, width)] for row in above]
    plain = [row for row in plain if not all(is_number(cell) or not cell for cell in row)]
    units = [""] * width
    if len(plain) > 1 and _are_units(plain[-1]):
        units = [cell.strip("[]() ") for cell in plain.pop()]
    return (plain[-1] if plain else [""] * width), units


def _are_units(row: Sequence[str]) -> bool:
    cells = [cell.strip("[]() ") for cell in row]
    return any(cell and per_mv(cell) for cell in cells) and not any(map(_names_a_lead, cells))


def _names_a_lead(cell: str) -> bool:
    return bool(re.fullmatch(r"(?i)(.*[^a-z])?(ecg|ekg)([^a-z].*)?|i{1,3}|av[rlf]|v\d|ml.*", cell))


def _column(name: str, unit: str) -> Column:
    """Take the unit out of a name: ``ECG (V)``, ``ecg [uV]``, ``EKG µV``, ``ecg_mV``."""
    found = _UNIT_AT_END.match(name)
    if found and not _names_a_lead(found[2]):
        return Column(found[1].strip(" _"), unit or found[2].strip())
    words = re.split(r"[\s_]+", name)
    if len(words) > 1 and len(words[-1]) > 1 and per_mv(words[-1]):
        return Column(" ".join(words[:-1]), unit or words[-1])
    return Column(name, unit)


def _rate(head: Iterable[str]) -> float | None:
    for line in head:
        found = _RATE.search(line) or _HERTZ.search(line)
        if found and not _FILTER.search(line):
            rate = float(found[1].replace(",", "."))
            if _RATES[0] <= rate <= _RATES[1]:
                return rate
    return None


def _unit(head: Iterable[str]) -> str:
    """Return the unit of a line such as ``Unit,µV``; a row of names and units has more cells."""
    for line in head:
        cells = [cell.strip(QUOTES) for cell in re.split(r"[,;:=\t]", line)]
        if len(cells) == 2 and cells[1] and cells[1].lower() != "v" and per_mv(cells[1]):
            return cells[1]
    return ""


def _lead(head: Iterable[str]) -> str:
    for line in head:
        if found := _LEAD.search(line):
            return found[1]
    return ""
