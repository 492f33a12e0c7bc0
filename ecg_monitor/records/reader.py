"""Reading a recording from a path, whatever its format."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.registry import (
    OTHER_TABLE,
    TABLE,
    WFDB,
    format_of,
    is_part_of_wfdb,
    why_not_read,
)
from ecg_monitor.records.plausible import made_plausible, with_possible_leads
from ecg_monitor.records.recording import Recording


def read_record(
    path: str | Path,
    *,
    fs: float | None = None,
    annotator: str = "atr",
    columns: Sequence[str] = (),
    unit: str = "",
) -> Recording:
    """Read a recording of any format of the field; its ``notes`` say what had to be assumed.

    Args:
        path: a WFDB record with or without ``.hea`` (``mitdb/100``), or a file of another format
            (`ecg_monitor.records.formats.registry`).
        fs: sampling rate in Hz of a CSV without a time column; not for the other formats.
        annotator: extension of the WFDB annotation file to take the reference from.
        columns: names of the columns of a CSV to take as leads; empty: those that are ECG.
        unit: unit of their values (``mV``, ``uV``, ``V``); empty: what the file says, else mV.

    Raises:
        RecordError: the file is missing, cannot be read, is truncated or inconsistent; names it and
            says how.
    """
    path = Path(path).expanduser()
    try:
        return _read(path, fs, annotator, columns, unit)
    except OSError as error:  # a name that the system refuses, a disk that fails
        raise RecordError(f"{str(path)[:200]}: cannot be read: {error.strerror}") from error


def _read(
    path: Path, fs: float | None, annotator: str, columns: Sequence[str], unit: str
) -> Recording:
    if is_table(path):
        read = _reader(TABLE.module, TABLE.read)
        return _checked(read(path, fs, columns, unit))
    if fs is not None:
        raise RecordError(f"{path}: a sampling rate may be given for CSV only; this has its own")
    form = format_of(path)
    if form is not None and form is not WFDB:
        return _checked(_reader(form.module, form.read)(path))
    if form is WFDB or is_part_of_wfdb(path):
        path = path.with_suffix("")
    elif path.is_file() and not path.with_name(path.name + ".hea").is_file():
        raise RecordError(f"{path}: {why_not_read(path)}")
    return _checked(_reader(WFDB.module, WFDB.read)(path, annotator))


def is_table(path: Path) -> bool:
    """Return whether a file is read as a table of text, whose columns may be chosen."""
    return format_of(path) in {TABLE, OTHER_TABLE}


def _checked(recording: Recording) -> Recording:
    return made_plausible(with_possible_leads(recording))


def _reader(module: str, name: str) -> Callable[..., Recording]:
    # wfdb takes most of a second to load: only who reads such a record pays for it.
    reader: Callable[..., Recording] = getattr(importlib.import_module(module), name)
    return reader
