"""CSV recordings: a header row with lead names, then one row per sample, in mV.

::

    time,II,V1
    0.000,0.115,-0.020
    0.004,0.120,-0.025

Where the header has no comma, semicolons or tabs separate, and a comma in a cell is a decimal one.
The time column (``time``, ``t``, ``time_s``, ``time_ms``, ``elapsed time``, ``seconds``) may be
missing if the sampling rate is given. A second row may name units (``mV``, ``uV``, ``V``), as
``rdsamp -c -v`` writes it. An empty or ``nan`` cell is a sample without a value. Columns that are
no ECG by unit or name (``mmHg``, ``RESP``) are left out, see `ecg_monitor.records.formats.signals`.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.signals import per_mv, why_not_ecg
from ecg_monitor.records.recording import Recording, lead_names, stretches, to_int16

_GAIN = 1000.0
"""ADC units per mV given to text: a step of 1 uV, finer than any ADC's."""
_TIME_S = {"time", "t", "time_s", "time (s)", "elapsed time", "seconds", "sec"}
_TIME_MS = {"time_ms", "time (ms)", "ms", "milliseconds"}
_INDEX = {"sample", "sample #", "sample_number", "index", "n"}
_JITTER = 0.5
"""Share of a sampling interval by which a time stamp may stray: more hides a lost sample."""


def read_csv(path: Path, fs: float | None = None) -> Recording:
    """Read a CSV recording.

    Args:
        path: the file.
        fs: sampling rate in Hz; needed if there is no time column.

    Raises:
        RecordError: the file is missing or malformed; the error names the line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            separator = _separator(file.readline())
            file.seek(0)
            rows = [row for row in csv.reader(file, delimiter=separator) if row]
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordError(f"{path}: cannot be read as CSV: {error}") from error
    if len(rows) < 2:
        raise RecordError(f"{path}: needs a header row with lead names and at least one sample")
    names = [cell.strip(" '\"") for cell in rows[0]]
    if all(_is_number(name) for name in names):
        raise RecordError(f"{path}: the first row must name the leads, it holds only numbers")
    first, units = _units(rows[1], len(names))
    if separator != ",":
        rows = [[cell.replace(",", ".") for cell in row] for row in rows]
    table = _table(path, rows[first:], names, first)
    kinds = [name.lower() for name in names]
    signals = [i for i, kind in enumerate(kinds) if kind not in _TIME_S | _TIME_MS | _INDEX]
    if not signals:
        raise RecordError(f"{path}: has no column besides time; expected lead names in row 1")
    reasons = {i: why_not_ecg(names[i], units[i]) for i in signals}
    notes = tuple(f"{names[i]} left out: {reason}" for i, reason in reasons.items() if reason)
    signals = [i for i in signals if not reasons[i]]
    if not signals:
        raise RecordError(f"{path}: holds no ECG: {'; '.join(notes)} (rows 1 and 2 say so)")
    rate = _rate(path, table, kinds, fs)
    parts, masks = [], []
    for index in signals:
        valid = np.isfinite(table[:, index])
        millivolts = table[:, index] / (per_mv(units[index]) or 1.0)
        parts.append(to_int16(millivolts * _GAIN, valid, _GAIN, 0.0))
        masks.append(valid)
    samples, gains, baselines = zip(*parts, strict=True)
    return Recording(
        name=path.stem,
        fs=rate,
        leads=lead_names(names[i] for i in signals),
        gain=gains,
        baseline=baselines,
        samples=np.stack(samples),
        invalid=stretches(np.stack(masks)),
        notes=notes,
    )


def _separator(header: str) -> str:
    """Return what stands between the cells: spreadsheets of many countries write semicolons."""
    return next((one for one in ",;\t" if one in header), ",")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _units(row: list[str], width: int) -> tuple[int, list[str]]:
    """Return (index of the first sample row, unit of each column)."""
    cells = [cell.strip(" '\"") for cell in row]
    if any(cell and per_mv(cell) for cell in cells) and not any(map(_is_number, cells)):
        return 2, cells + ["mV"] * (width - len(cells))
    return 1, ["mV"] * width


def _table(
    path: Path, rows: list[list[str]], names: list[str], first: int
) -> npt.NDArray[np.float64]:
    table = np.empty((len(rows), len(names)))
    for index, row in enumerate(rows):
        if len(row) != len(names):
            raise RecordError(
                f"{path}: row {index + first + 1} has {len(row)} cells for {len(names)} columns"
            )
        for column, cell in enumerate(row):
            text = cell.strip()
            try:
                table[index, column] = float(text) if text else math.nan
            except ValueError:
                raise RecordError(
                    f"{path}: row {index + first + 1}, column {names[column]}: "
                    f"{cell!r} is not a number"
                ) from None
    return table


def _rate(path: Path, table: npt.NDArray[np.float64], kinds: list[str], fs: float | None) -> float:
    column = next((i for i, kind in enumerate(kinds) if kind in _TIME_S | _TIME_MS), None)
    if fs is not None:
        if not (math.isfinite(fs) and fs > 0):
            raise RecordError(f"{path}: the sampling rate must be greater than 0, got {fs}")
        return float(fs)
    if column is None:
        raise RecordError(
            f"{path}: has no time column; add one, or give the sampling rate (analyze --fs)"
        )
    time = table[:, column] * (1e-3 if kinds[column] in _TIME_MS else 1.0)
    if len(time) < 2 or not np.isfinite(time).all() or time[-1] <= time[0]:
        raise RecordError(f"{path}: column {kinds[column]} must be times that go up")
    interval = (time[-1] - time[0]) / (len(time) - 1)
    strays = np.abs(time - (time[0] + interval * np.arange(len(time)))) > _JITTER * interval
    if strays.any():
        row = int(np.argmax(strays))
        raise RecordError(
            f"{path}: column {kinds[column]} is not evenly spaced (sample {row} is at "
            f"{time[row]:g} s); samples seem to be missing"
        )
    rate = 1.0 / interval
    # Printed times are rounded: 360 Hz written in ms comes back as 360.0004.
    nearest = round(rate)
    return float(nearest) if nearest and abs(rate - nearest) < 1e-3 * nearest else float(rate)
