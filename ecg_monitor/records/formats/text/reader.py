"""CSV and other tables of text into `Recording`: one row per sample, one column per lead.

::

    time,II,V1
    0.000,0.115,-0.020
    0.004,0.120,-0.025

Commas, semicolons, tabs or white space separate; numbers may have decimal commas; lines before the
table are read for the sampling rate and the unit, and for nothing else (`layout`). Names and units
tell which columns are ECG (`columns`), stamps give the rate and the gaps (`times`). An empty cell
or a word such as ``nan`` is a sample without a value. The file is read in pieces: beside the
samples there are 4 bytes per value, and 8 for the time of a row.
"""

from __future__ import annotations

import csv
import itertools
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.signals import per_mv
from ecg_monitor.records.formats.text.cells import number, seconds
from ecg_monitor.records.formats.text.columns import Choice, choose
from ecg_monitor.records.formats.text.layout import (
    LONGEST_FOOTER,
    Column,
    Layout,
    find_layout,
    is_aside,
)
from ecg_monitor.records.formats.text.opening import lines_of, open_text
from ecg_monitor.records.formats.text.scaling import scaled
from ecg_monitor.records.formats.text.times import Timing, counted, timing
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording, lead_names, stretches

_PROBE_LINES, _PROBE_CHARACTERS = 5000, 1 << 20
"""The beginning of a file from which its layout is told."""
_ASIDE = "#%/ \t"
"""First characters of lines that may be no rows; an empty line begins with all of them."""
_AGREES = 2e-3
"""A rate that the head names is believed if the times give the same within this share."""
_PIECE = 15_000
"""Cells that are held as text at a time."""


def read_text(
    path: Path, fs: float | None = None, columns: Sequence[str] = (), unit: str = ""
) -> Recording:
    """Read a table of text.

    Args:
        path: the file.
        fs: sampling rate in Hz; goes before what the file says.
        columns: names of the columns to take; empty: those that are ECG. Columns without names are
            called by their number, from ``1`` on.
        unit: unit of their values (``mV``, ``uV``, ``V``); goes before what the file says.

    Raises:
        RecordError: the file is missing or malformed; the error names the row, or the columns to
            choose from.
    """
    if fs is not None and not (math.isfinite(fs) and fs > 0):
        raise RecordError(f"{path}: the sampling rate must be greater than 0, got {fs}")
    try:
        with open_text(path) as text:
            lines = lines_of(path, text)
            beginning = beginning_of(lines)
            layout, choice = _understood(path, beginning, columns)
            table = _Table(path, layout, choice)
            table.read(itertools.chain(beginning, lines))
    except csv.Error as error:
        raise RecordError(f"{path}: cannot be read as CSV: {error}") from error
    when = _timing(path, layout, choice, table, fs)
    if unit:
        if per_mv(unit) is None:
            raise RecordError(f"{path}: the unit must be mV, uV or V, got {unit!r}")
        layout = replace(layout, columns=tuple(Column(one.name, unit) for one in layout.columns))
    return _recording(path, layout, choice, table, when)


def beginning_of(lines: Iterator[str]) -> list[str]:
    """Return the first lines of a table, from which its layout is told."""
    taken: list[str] = []
    size = 0
    for line in itertools.islice(lines, _PROBE_LINES):
        taken.append(line)
        size += len(line)
        if size > _PROBE_CHARACTERS:
            break
    # A spreadsheet's first line, ``sep=;``, is no part of the table.
    if taken and taken[0].lower().startswith("sep="):
        taken[0] = ""
    return taken


def _understood(path: Path, beginning: list[str], wanted: Sequence[str]) -> tuple[Layout, Choice]:
    layout = find_layout(beginning)
    if layout is None:
        raise RecordError(
            f"{path}: needs a header row with lead names and at least one sample; "
            "no rows of numbers were found"
        )
    if wanted and not layout.has_names:
        layout = replace(layout, columns=numbered(layout))
    elif not layout.has_names and not (len(layout.columns) == 1 and (layout.fs or layout.lead)):
        raise RecordError(
            f"{path}: the first row must name the leads (time,II,V1), it holds only numbers"
        )
    width = len(layout.columns)
    rows = [row for _, row in rows_within(beginning, layout) if len(row) == width]
    return layout, choose(path, layout, rows, wanted)


def numbered(layout: Layout) -> tuple[Column, ...]:
    """Return the columns of a table without names, called by their number from ``1`` on."""
    return tuple(Column(str(i), one.unit) for i, one in enumerate(layout.columns, 1))


def rows_within(lines: Iterable[str], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the line, cells) of the table's rows."""
    width, separator = len(layout.columns), layout.separator
    at = 0
    for line in lines:
        at += 1
        if at <= layout.first or (line[:1] in _ASIDE and is_aside(line)):
            continue
        if separator == " ":
            row = line.split()
        elif not separator:
            row = [line]
        elif '"' in line:
            row = next(csv.reader([line], delimiter=separator))
        else:
            row = line.split(separator)
        if len(row) != width and len(row) == width + 1 and not row[-1].strip():
            row.pop()
        yield at, row


class _Table:
    """The columns that matter, read piece by piece.

    Attributes:
        values: one array per ECG column.
        stamps: times of the rows, or their numbers; empty if the file has neither.
        notes: what was left out.
    """

    def __init__(self, path: Path, layout: Layout, choice: Choice) -> None:
        self.values = [array("f") for _ in choice.signals]
        self.stamps = array("d")
        self.notes: list[str] = []
        self._path, self._layout, self._choice = path, layout, choice
        self._parse = seconds if choice.is_stamp else number
        self._stamp = choice.time if choice.time is not None else choice.counter

    def read(self, lines: Iterable[str]) -> None:
        """Read all rows.

        Raises:
            RecordError: a row has another number of cells, or a cell is no number; names it.
        """
        width = len(self._layout.columns)
        most = max(1, _PIECE // width)
        piece: list[list[str]] = []
        numbers: list[int] = []
        odd: list[tuple[int, int]] = []
        last = 0
        for at, row in rows_within(lines, self._layout):
            last = at
            if len(row) != width:
                odd.append((at, len(row)))
                self._check_odd(odd, at)
                continue
            piece.append(row)
            numbers.append(at)
            if len(piece) == most:
                self._check_odd(odd, at)
                self._take(piece, numbers)
                piece, numbers = [], []
        self._check_odd(odd, last)
        if piece:
            self._take(piece, numbers)
        if odd:
            self.notes.append(
                f"{len(odd)} line{'s' * (len(odd) > 1)} at the end left out: not whole rows"
            )

    def _check_odd(self, odd: list[tuple[int, int]], last: int) -> None:
        if odd and odd[0][0] <= last - LONGEST_FOOTER:
            at, cells = odd[0]
            raise RecordError(
                f"{self._path}: row {at} has {cells} cells for {len(self._layout.columns)} columns"
            )

    def _take(self, piece: list[list[str]], numbers: list[int]) -> None:
        for i, values in zip(self._choice.signals, self.values, strict=True):
            cells = [row[i] for row in piece]
            try:
                values.extend(array("f", map(float, cells)))
            except ValueError:  # a word or a decimal comma: cell by cell
                values.extend(array("f", self._numbers(cells, numbers, i)))
        if self._stamp is not None:
            cells = [row[self._stamp] for row in piece]
            try:
                self.stamps.extend(array("d", map(float, cells)))
            except ValueError:
                self.stamps.extend(array("d", self._stamps(cells, numbers)))

    def _numbers(self, cells: list[str], numbers: list[int], column: int) -> Iterator[float]:
        for cell, at in zip(cells, numbers, strict=True):
            try:
                yield number(cell)
            except ValueError:
                raise self._wrong(cell, at, column, "a number") from None

    def _stamps(self, cells: list[str], numbers: list[int]) -> Iterator[float]:
        for cell, at in zip(cells, numbers, strict=True):
            try:
                yield self._parse(cell)
            except ValueError:
                raise self._wrong(cell, at, self._stamp or 0, "a time") from None

    def _wrong(self, cell: str, at: int, column: int, what: str) -> RecordError:
        name = self._layout.columns[column].name or "without a name"
        return RecordError(
            f"{self._path}: row {at}, column {name}: {cell[:40]!r} is not {what}; "
            "leave the cell empty where there is no value"
        )


def _timing(path: Path, layout: Layout, choice: Choice, table: _Table, fs: float | None) -> Timing:
    stamps = np.frombuffer(table.stamps, np.float64) if table.stamps else np.zeros(0)
    if choice.time is None:
        rate = fs or layout.fs
        if rate is None:
            raise RecordError(
                f"{path}: has no time column; add one, or give the sampling rate (--fs)"
            )
        return counted(path, stamps, rate) if choice.counter is not None else Timing(float(rate))
    name = layout.columns[choice.time].name or "time"
    if fs is not None:
        try:
            found = timing(path, name, stamps, choice.time_unit, choice.is_stamp)
        except RecordError:
            return Timing(float(fs))
        return Timing(float(fs), found.gaps, found.notes)
    found = timing(path, name, stamps, choice.time_unit, choice.is_stamp)
    if layout.fs is not None and abs(found.fs - layout.fs) < _AGREES * layout.fs:
        return replace(found, fs=float(layout.fs))  # printed times are rounded, the head is not
    return found


def _recording(
    path: Path, layout: Layout, choice: Choice, table: _Table, when: Timing
) -> Recording:
    names = [layout.columns[i].name or layout.lead or "ECG" for i in choice.signals]
    notes = [*choice.notes, *table.notes, *when.notes]
    rows, gains, baselines, masks = [], [], [], []
    assumed: list[str] = []
    for name, i, values in zip(names, choice.signals, table.values, strict=True):
        unit = layout.columns[i].unit or layout.unit
        units = per_mv(unit) or 1.0
        assumed += [name] * (not unit)
        column = np.frombuffer(values, np.float32)
        samples, gain, baseline, valid, left_out = scaled(column, units)
        if left_out:
            notes.append(f"{name}: {left_out} values that no ECG has left out")
        if layout.unit and not layout.columns[i].unit:
            notes.append(f"{name}: {layout.unit}, as the head of the file says")
        rows.append(_spread(samples, when.gaps, INVALID_SAMPLE))
        masks.append(_spread(valid, when.gaps, False))
        gains.append(gain)
        baselines.append(baseline)
    if assumed:
        notes.append(f"{', '.join(assumed)}: no unit in the file, mV assumed")
    return Recording(
        name=path.stem,
        fs=when.fs,
        leads=lead_names(names),
        gain=tuple(gains),
        baseline=tuple(baselines),
        samples=np.stack(rows),
        invalid=stretches(np.stack(masks)),
        notes=tuple(notes),
    )


def _spread(
    row: np.ndarray[Any, Any], gaps: Sequence[tuple[int, int]], nothing: int
) -> np.ndarray[Any, Any]:
    """Put what stands for no value into the gaps of a row."""
    if not gaps:
        return row
    at = np.repeat([where for where, _ in gaps], [count for _, count in gaps])
    return np.insert(row, at, nothing)
