"""Reading a recording from a path, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.plausible import made_plausible
from ecg_monitor.records.recording import Recording

TABLES = frozenset({".csv", ".tsv", ".txt"})
"""Endings of files that are read as tables of text."""


def read_record(
    path: str | Path,
    *,
    fs: float | None = None,
    annotator: str = "atr",
    columns: Sequence[str] = (),
) -> Recording:
    """Read a WFDB, CSV or EDF recording; its ``notes`` say what had to be assumed.

    Args:
        path: a WFDB record with or without ``.hea`` (``mitdb/100``), a ``.csv`` or an ``.edf``.
        fs: sampling rate in Hz of a CSV without a time column; not for the other formats.
        columns: names of the columns of a CSV to take as leads; empty: those that are ECG.
        annotator: extension of the WFDB annotation file to take the reference from.

    Raises:
        RecordError: the file is missing, truncated or inconsistent; names it and says how.
    """
    path = Path(path).expanduser()
    suffix = path.suffix.lower()
    if suffix in TABLES:
        from ecg_monitor.records.formats.text.reader import read_text  # noqa: PLC0415

        return made_plausible(read_text(path, fs, columns))
    if fs is not None:
        raise RecordError(f"{path}: a sampling rate may be given for CSV only; this has its own")
    if suffix in {".edf", ".bdf", ".rec"}:
        from ecg_monitor.records.formats.edf.reader import read_edf  # noqa: PLC0415

        return made_plausible(read_edf(path))
    # wfdb takes most of a second to load: only who reads such a record pays for it.
    from ecg_monitor.records.formats.wfdb_reader import read_wfdb  # noqa: PLC0415

    if suffix in {".hea", ".dat", ".atr", ".mat"}:
        path = path.with_suffix("")
    return made_plausible(read_wfdb(path, annotator))
