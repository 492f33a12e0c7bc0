"""The signals of one WFDB record that is no multi-segment one, or of one segment.

Signals are taken as ADC values, so nothing is rounded on the way. If the ECG signals have several
sampling rates, each is brought to the highest one by repeating samples, as WFDB's high-resolution
mode does (WFDB Programmer's Guide, ``setgvmode(WFDB_HIGHRES)``).
"""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import wfdb

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.formats.signals import per_mv, why_not_ecg
from ecg_monitor.records.recording import to_int16

logger = logging.getLogger(__name__)

_INVALID = {
    "8": None, "16": -(2**15), "24": -(2**23), "32": -(2**31), "61": -(2**15), "80": -(2**7),
    "160": -(2**15), "212": -(2**11), "310": -(2**9), "311": -(2**9),
    "508": -(2**7), "516": -(2**15), "524": -(2**23),
}  # fmt: skip
"""ADC value that means "no value here", by storage format (WFDB manual, signal(5))."""
_BYTES = {"8": 1, "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2, "212": 1.5,
          "310": 4 / 3, "311": 4 / 3}  # fmt: skip
"""Bytes per sample; the compressed formats (508, 516, 524) have no fixed size."""
_WIDE = {"8", "24", "32", "524"}
"""Formats whose values may leave int16; 8 sums up differences."""
_UNCALIBRATED = 200.0
"""ADC units per mV where a header has none (WFDB manual, header(5): DEFGAIN)."""


class Row(NamedTuple):
    """One lead.

    Attributes:
        name: as the header has it; may be empty.
        samples: ADC values, shape (n,).
        gain: ADC units per mV, above 0.
        baseline: ADC value at 0 mV.
        valid: False where there is no value, shape (n,).
    """

    name: str
    samples: Int16Array
    gain: float
    baseline: float
    valid: npt.NDArray[np.bool_]


class Signals(NamedTuple):
    """ECG signals of one record or segment.

    Attributes:
        rows: its ECG leads, all of one length.
        per_frame: their samples per frame (the header's sampling rate counts frames).
        notes: what was left out, and what had to be assumed, in words.
    """

    rows: tuple[Row, ...]
    per_frame: int
    notes: tuple[str, ...]


def read_header(path: Path, **options: bool) -> Any:
    """Read ``{path}.hea`` and check that the signal files are there and long enough.

    Raises:
        RecordError: a file is missing, broken or truncated.
    """
    file = path.with_name(path.name + ".hea")
    if not file.is_file():
        raise RecordError(f"{path}: no such recording ({file} does not exist)")
    try:
        header: Any = wfdb.rdheader(str(path), **options)
    # Where a damaged file breaks wfdb's parser, anything may come out of it, bare Exception too.
    except Exception as error:
        raise RecordError(f"{file}: is not a WFDB header: {error}") from error
    if not header.fs or not header.fs > 0:
        raise RecordError(f"{file}: the sampling rate must be greater than 0, got {header.fs}")
    if not header.n_sig:
        raise RecordError(f"{file}: the record has no signals")
    if getattr(header, "file_name", None) and header.sig_len:
        _check_sizes(path, header)
    return header


def read_signals(path: Path, header: Any) -> Signals:
    """Read the ECG signals of a record; there may be none.

    Args:
        path: the record, without suffix.
        header: outcome of `read_header`.

    Raises:
        RecordError: the signals do not fit the header.
    """
    counts = [int(count) for count in header.samps_per_frame]
    is_mixed = any(count != 1 for count in counts)
    wide = bool(_WIDE & {str(fmt) for fmt in header.fmt})
    try:
        record: Any = wfdb.rdrecord(
            str(path), physical=False, smooth_frames=not is_mixed, return_res=64 if wide else 16
        )
    except Exception as error:  # see `read_header`
        raise RecordError(f"{path}: the signal does not fit its header: {error}") from error
    columns: list[npt.NDArray[Any]] = record.e_d_signal if is_mixed else list(record.d_signal.T)
    _check_sums(path, record, columns)
    names = [name or "" for name in record.sig_name]
    reasons = [why_not_ecg(name, unit) for name, unit in zip(names, record.units, strict=True)]
    notes = [
        f"{name or 'a signal without a name'} left out: {reason}"
        for name, reason in zip(names, reasons, strict=True)
        if reason
    ]
    chosen = [index for index, reason in enumerate(reasons) if not reason]
    gainless = _without_gain(path)
    if guessed := [names[index] or "a lead" for index in chosen if index in gainless]:
        notes.append(
            f"{', '.join(guessed)}: no gain in the header, {_UNCALIBRATED:g} units per mV assumed"
        )
    highest = max((counts[index] for index in chosen), default=1)
    rows = []
    for index in chosen:
        if highest % counts[index]:
            raise RecordError(
                f"{path}: signal {names[index]} has {counts[index]} samples per frame, which does "
                f"not divide {highest}"
            )
        rows.append(_row(record, index, np.repeat(columns[index], highest // counts[index])))
    return Signals(tuple(rows), highest, tuple(notes))


def _row(record: Any, index: int, values: npt.NDArray[Any]) -> Row:
    marker = _INVALID.get(str(record.fmt[index]), -(2**15))
    valid = np.ones(values.shape, np.bool_) if marker is None else values != marker
    gain = float(record.adc_gain[index]) * (per_mv(record.units[index]) or 1.0)
    baseline = float(record.baseline[index])
    if gain < 0:  # an input wired the wrong way round; devices send gains above 0
        values, gain, baseline = -values.astype(np.int64), -gain, 0.0 - baseline
    samples, gain, baseline = to_int16(values, valid, gain, baseline)
    return Row(record.sig_name[index] or "", samples, gain, baseline, valid)


def _without_gain(path: Path) -> set[int]:
    """Return the signals whose header gives no gain, or 0: wfdb fills it in without a word."""
    text = path.with_name(path.name + ".hea").read_text(encoding="utf-8", errors="replace")
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    missing = set()
    for index, fields in enumerate(lines[1:]):
        number = fields[2].split("(")[0].split("/")[0] if len(fields) > 2 else ""
        if not number.strip("+-0."):
            missing.add(index)
    return missing


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
        # Many writers leave the field at 0, which means nothing.
        if checksum and (int(column.sum(dtype=np.int64)) - checksum) % 65536:
            logger.warning("%s: checksum of signal %s does not agree with the header", path, name)
