"""The beginning of a table, for whoever has to say which of its columns are ECG."""

from __future__ import annotations

import contextlib
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.text.cells import number
from ecg_monitor.records.formats.text.columns import choose
from ecg_monitor.records.formats.text.layout import find_layout
from ecg_monitor.records.formats.text.opening import lines_of, open_text
from ecg_monitor.records.formats.text.reader import beginning_of, numbered, rows_within

ROWS = 6
MOST_COLUMNS = 64
LARGEST_MV, SMALLEST_MV = 20.0, 0.01
"""Spread of a signal in mV that is no electrocardiogram's: its QRS complexes are 0.1 to 5 mV."""
_LETTERS = 24


@dataclass(frozen=True, slots=True)
class TablePreview:
    """What a table looks like, and what is not known of it.

    Attributes:
        columns: names of its columns.
        chosen: those that would be taken for ECG; empty if that is not sure.
        rows: cells of its first rows, as text.
        has_time: whether the rate is known, from a column of times or the head of the file.
        has_unit: whether the unit of the columns chosen is known.
        unit: that their values look like, to be confirmed: ``mV``, ``uV`` or ``V``.
        doubt: why it is not sure which columns are ECG; empty if it is.
    """

    columns: tuple[str, ...]
    chosen: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_time: bool
    has_unit: bool
    unit: str
    doubt: str

    @property
    def is_sure(self) -> bool:
        """Whether the table can be read without asking."""
        return bool(self.chosen) and self.has_time and self.has_unit


def preview(path: Path) -> TablePreview:
    """Look at the beginning of a table.

    Raises:
        RecordError: it holds no rows of numbers, or too many columns.
    """
    try:
        with open_text(path) as text:
            beginning = beginning_of(lines_of(path, text))
        layout = find_layout(beginning)
    except csv.Error as error:
        raise RecordError(f"{path}: cannot be read as CSV: {error}") from error
    if layout is None:
        raise RecordError(f"{path}: no rows of numbers were found")
    if len(layout.columns) > MOST_COLUMNS:
        raise RecordError(f"{path}: has {len(layout.columns)} columns, more than {MOST_COLUMNS}")
    columns = layout.columns if layout.has_names else numbered(layout)
    width = len(columns)
    rows = [row for _, row in rows_within(beginning, layout) if len(row) == width]
    shown = tuple(tuple(cell.strip()[:_LETTERS] for cell in row) for row in rows[:ROWS])
    names = tuple(column.name or str(i) for i, column in enumerate(columns, 1))
    if not layout.has_names and not (width == 1 and (layout.fs or layout.lead)):
        return TablePreview(names, (), shown, layout.fs is not None, False, "mV", "no names")
    try:
        choice = choose(path, layout, rows)
    except RecordError as error:
        doubt = str(error).removeprefix(f"{path}: ")
        return TablePreview(names, (), shown, layout.fs is not None, False, "mV", doubt)
    units = [layout.columns[i].unit or layout.unit for i in choice.signals]
    return TablePreview(
        names,
        tuple(names[i] for i in choice.signals),
        shown,
        choice.time is not None or layout.fs is not None,
        all(units),
        _unit_of([row[i] for row in rows for i in choice.signals]),
        "",
    )


def _unit_of(cells: list[str]) -> str:
    """Return the unit that values look like, by the distance from their 5th to 95th percentile."""
    values = []
    for cell in cells:
        with contextlib.suppress(ValueError):
            values.append(number(cell))
    good = np.array(values)[np.isfinite(values)]
    if not good.size:
        return "mV"
    spread = float(np.subtract(*np.percentile(good, (95, 5))))
    if spread > LARGEST_MV:
        return "uV"
    return "V" if 0 < spread < SMALLEST_MV else "mV"
