"""WFDB records (PhysioNet's own format) into `Recording`.

Signals are taken as ADC values, so nothing is rounded on the way. Signals that are no voltages
(blood pressure, respiration in other units) are left out. In a record with several sampling rates
every signal is brought to the highest one by repeating samples, as WFDB's high-resolution mode
does (WFDB Programmer's Guide, ``setgvmode(WFDB_HIGHRES)``).

Limitations: of a multi-segment record wfdb needs all segments present.
"""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import wfdb

from ecg_monitor.errors import RecordError
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import (
    BeatMark,
    Recording,
    RhythmMark,
    lead_names,
    stretches,
    to_int16,
)

logger = logging.getLogger(__name__)

_INVALID = {
    "8": None, "16": -(2**15), "24": -(2**23), "32": -(2**31), "61": -(2**15), "80": -(2**7),
    "160": -(2**15), "212": -(2**11), "310": -(2**9), "311": -(2**9),
    "508": -(2**7), "516": -(2**15), "524": -(2**23),
}  # fmt: skip
"""ADC value by which each storage format says "no value here" (WFDB manual, signal(5))."""
_BYTES = {"8": 1, "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2, "212": 1.5,
          "310": 4 / 3, "311": 4 / 3}  # fmt: skip
"""Bytes per sample; the compressed formats (508, 516, 524) have no fixed size."""
_WIDE = {"24", "32", "524"}
PER_MV = {"mv": 1.0, "uv": 1e3, "µv": 1e3, "μv": 1e3, "v": 1e-3, "nv": 1e6}
"""How many of the unit make 1 mV, by unit in lower case."""
_WFDB_ERRORS = (ValueError, IndexError, KeyError, TypeError, AttributeError, OSError)
"""What wfdb raises, depending on where a damaged file breaks its parser."""


def read_wfdb(path: Path, annotator: str = "atr") -> Recording:
    """Read the WFDB record whose header is ``{path}.hea``.

    Raises:
        RecordError: files are missing, truncated or inconsistent, or hold no ECG.
    """
    header = _read_header(path)
    multi_rate = any(count != 1 for count in _frame_counts(header))
    wide = bool(_WIDE & {str(fmt) for fmt in getattr(header, "fmt", None) or ["32"]})
    try:
        record: Any = wfdb.rdrecord(
            str(path), physical=False, smooth_frames=not multi_rate, return_res=64 if wide else 16
        )
    except _WFDB_ERRORS as error:
        raise RecordError(f"{path}: the signal does not fit its header: {error}") from error
    columns = record.e_d_signal if multi_rate else list(record.d_signal.T)
    _check_sums(path, record, columns)
    rate = float(record.fs) * max(_frame_counts(record))
    rows = _rows(path, record, columns)
    beats, rhythms = _read_annotations(path, annotator, rate, len(rows[0][1]))
    leads, samples, gains, baselines, valid = zip(*rows, strict=True)
    return Recording(
        name=path.name,
        fs=rate,
        leads=lead_names(leads),
        gain=gains,
        baseline=baselines,
        samples=np.ascontiguousarray(np.stack(samples)),
        beats=beats,
        rhythms=rhythms,
        invalid=stretches(np.stack(valid)),
        comments=tuple(record.comments or ()),
    )


def _frame_counts(record: Any) -> list[int]:
    return [int(count) for count in getattr(record, "samps_per_frame", None) or [1]]


def _read_header(path: Path) -> Any:
    file = path.with_name(path.name + ".hea")
    if not file.is_file():
        raise RecordError(f"{path}: no such recording ({file} does not exist)")
    try:
        header: Any = wfdb.rdheader(str(path))
    except _WFDB_ERRORS as error:
        raise RecordError(f"{file}: is not a WFDB header: {error}") from error
    if not header.fs or not header.fs > 0:
        raise RecordError(f"{file}: the sampling rate must be greater than 0, got {header.fs}")
    if not header.n_sig:
        raise RecordError(f"{file}: the record has no signals")
    if getattr(header, "file_name", None) and header.sig_len:
        _check_sizes(path, header)
    return header


def _check_sizes(path: Path, header: Any) -> None:
    """Refuse a signal file that is shorter than its header says."""
    offsets = header.byte_offset or [0] * header.n_sig
    by_file: dict[str, list[int]] = {}
    for index, name in enumerate(header.file_name):
        by_file.setdefault(name, []).append(index)
    for name, signals in by_file.items():
        file = path.with_name(name)
        if not file.is_file():
            raise RecordError(f"{path}.hea names {name}, but {file} does not exist")
        size = _BYTES.get(str(header.fmt[signals[0]]))
        if size is None:
            continue
        count = sum(header.samps_per_frame[index] for index in signals) * header.sig_len
        needed = (offsets[signals[0]] or 0) + math.ceil(count * size)
        actual = file.stat().st_size
        if actual < needed:
            raise RecordError(
                f"{file}: is truncated: {actual} bytes where {path.name}.hea asks for {needed} "
                f"({header.sig_len} samples); fetch it again"
            )


def _check_sums(path: Path, record: Any, columns: list[npt.NDArray[Any]]) -> None:
    """Warn of samples that differ from those that the header was written for."""
    for name, column, checksum in zip(
        record.sig_name, columns, record.checksum or [], strict=False
    ):
        # Many writers leave the field at 0, which says nothing.
        if checksum and (int(column.sum(dtype=np.int64)) - checksum) % 65536:
            logger.warning("%s: checksum of signal %s does not agree with the header", path, name)


def _rows(
    path: Path, record: Any, columns: list[npt.NDArray[Any]]
) -> list[tuple[str, npt.NDArray[np.int16], float, float, npt.NDArray[np.bool_]]]:
    """Return (name, samples, gain, baseline, valid) of each voltage signal."""
    highest = max(_frame_counts(record))
    counts = _frame_counts(record) * (len(columns) if len(_frame_counts(record)) == 1 else 1)
    formats = getattr(record, "fmt", None) or ["16"] * len(columns)
    rows = []
    for index, column in enumerate(columns):
        per_mv = PER_MV.get((record.units[index] or "mV").lower())
        if per_mv is None:
            continue
        if highest % counts[index]:
            raise RecordError(
                f"{path}: signal {record.sig_name[index]} has {counts[index]} samples per frame, "
                f"which does not divide {highest}"
            )
        values = np.repeat(column, highest // counts[index])
        marker = _INVALID.get(str(formats[index]), -(2**15))
        valid = np.ones(values.shape, np.bool_) if marker is None else values != marker
        samples, gain, baseline = to_int16(
            values, valid, float(record.adc_gain[index]) * per_mv, float(record.baseline[index])
        )
        rows.append((record.sig_name[index] or "", samples, gain, baseline, valid))
    if not rows:
        raise RecordError(f"{path}: no signal is a voltage; units are {record.units}")
    if not rows[0][1].size:
        raise RecordError(f"{path}: the signals are empty")
    return rows


def _read_annotations(
    path: Path, annotator: str, rate: float, length: int
) -> tuple[tuple[BeatMark, ...], tuple[RhythmMark, ...]]:
    file = path.with_name(f"{path.name}.{annotator}")
    if not file.is_file():
        return (), ()
    try:
        marks = wfdb.rdann(str(path), annotator)
    except _WFDB_ERRORS as error:
        raise RecordError(f"{file}: is not a WFDB annotation file: {error}") from error
    # Annotation times count frames (or the file's own rate), samples may be finer.
    scale = rate / float(marks.fs) if marks.fs else 1.0
    beats, rhythms = [], []
    for sample, symbol, aux in zip(marks.sample, marks.symbol, marks.aux_note, strict=True):
        at = round(int(sample) * scale)
        if not 0 <= at < length:
            continue
        if symbol in AAMI_LABELS:
            beats.append(BeatMark(at, symbol))
        elif symbol == "+":
            rhythms.append(RhythmMark(at, aux.rstrip("\x00").strip()))
    return tuple(sorted(beats)), tuple(sorted(rhythms))
