"""The header of an EDF or BDF file, read as it is meant where it is not as the format asks for.

Formats: Kemp B, et al. A simple format for exchange of digitized polygraphic recordings.
Electroencephalogr Clin Neurophysiol 82:391-393 (1992); Kemp B, Olivan J. European data format
'plus' (EDF+). Clin Neurophysiol 114:1755-1761 (2003). BDF is EDF with samples of three bytes:
https://www.biosemi.com/faq/file_format.htm.

What is meant is clear where a writer put NUL for blanks, a decimal comma, a whole number with a
point, or a micro sign in UTF-8. The number of data records follows from the size of the file: a
recording that goes on, or was cut, does not have the one that its header promises.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.core.errors import RecordError

_FIXED = 256
"""Bytes of the header before its columns, and of all columns together for each signal."""
_BDF = b"\xffBIOSEMI"
_WIDTHS = 16, 80, 8, 8, 8, 8, 8, 80, 8, 32
"""Bytes of a signal's cells: label, transducer, unit, physical minimum and maximum, digital
minimum and maximum, filters, samples per data record, and what is reserved."""
_LARGEST = 2.0**31
"""No sample of either format is larger."""
_ANNOTATIONS = frozenset({"EDF Annotations", "BDF Annotations"})


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal as the header tells it.

    Attributes:
        label: its name.
        unit: its physical dimension; may be empty.
        physical: values that the digital range stands for; NaN where the cell is no number.
        digital: lowest and highest value of a sample; equal where a cell is no number.
        count: samples per data record.
        offset: first byte in a data record.
    """

    label: str
    unit: str
    physical: tuple[float, float]
    digital: tuple[int, int]
    count: int
    offset: int

    @property
    def is_annotations(self) -> bool:
        """Whether it holds times and texts, not samples."""
        return self.label in _ANNOTATIONS


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a file says, put right.

    Attributes:
        size: bytes of the header.
        width: bytes of a sample, 2 or 3.
        signals: in the order of the file.
        n_records: whole data records that the file holds.
        record_bytes: bytes of a data record.
        duration_s: seconds of a data record.
        is_interrupted: whether there are gaps between data records (EDF+D, BDF+D).
        notes: what was put right.
    """

    size: int
    width: int
    signals: tuple[Signal, ...]
    n_records: int
    record_bytes: int
    duration_s: float
    is_interrupted: bool
    notes: tuple[str, ...]


def read_header(path: Path) -> Header:
    """Read a header.

    Raises:
        RecordError: the file is missing, is no EDF or BDF, or contradicts itself.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_FIXED)
            whole = os.fstat(file.fileno()).st_size
            is_bdf = raw[:8] == _BDF
            if len(raw) < _FIXED or not (is_bdf or raw[:8].rstrip(b" \0") == b"0"):
                raise RecordError(f"{path}: is not an EDF or BDF file")
            count = _whole(path, "number of signals", raw[252:256])
            size = _whole(path, "header size", raw[184:192])
            if count < 1 or size != _FIXED * (count + 1) or whole < size:
                raise RecordError(f"{path}: header size {size} does not fit {count} signals")
            raw += file.read(size - _FIXED)
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    width = 3 if is_bdf else 2
    signals = _signals(path, raw, count, width)
    duration = _real(raw[244:252])
    if not 0 < duration < math.inf:
        raise RecordError(
            f"{path}: duration of a data record must be a number greater than 0, "
            f"got {_text(raw[244:252])!r}"
        )
    record_bytes = width * sum(signal.count for signal in signals)
    n_records = (whole - size) // record_bytes if record_bytes else 0
    if n_records < 1:
        raise RecordError(f"{path}: is truncated: it holds no whole data record")
    notes = ["the header is not as EDF asks for: read as it is meant"] if _is_sloppy(raw) else []
    promised = _whole(path, "number of data records", raw[236:244])
    if promised == -1:
        notes.append(f"the recording was not finished: {n_records} data records")
    elif promised != n_records:
        notes.append(f"the file holds {n_records} data records where its header says {promised}")
    kind = _text(raw[192:236])
    return Header(
        size=size,
        width=width,
        signals=signals,
        n_records=n_records,
        record_bytes=record_bytes,
        duration_s=duration,
        is_interrupted=kind.startswith(("EDF+D", "BDF+D")),
        notes=tuple(notes),
    )


def _signals(path: Path, raw: bytes, count: int, width: int) -> tuple[Signal, ...]:
    columns: list[list[bytes]] = []
    start = _FIXED
    for cell in _WIDTHS:
        columns.append([raw[start + i * cell : start + (i + 1) * cell] for i in range(count)])
        start += cell * count
    signals: list[Signal] = []
    offset = 0
    for i in range(count):
        label = _text(columns[0][i])
        samples = _whole(path, f"samples of signal {label}", columns[8][i])
        if samples < 0:
            raise RecordError(f"{path}: signal {label} has {samples} samples in a data record")
        low, high = _real(columns[5][i]), _real(columns[6][i])
        is_plain = abs(low) <= _LARGEST and abs(high) <= _LARGEST
        digital = (int(low), int(high)) if is_plain else (0, 0)
        physical = _real(columns[3][i]), _real(columns[4][i])
        signals.append(Signal(label, _text(columns[2][i]), physical, digital, samples, offset))
        offset += samples * width
    return tuple(signals)


def _is_sloppy(raw: bytes) -> bool:
    """Return whether something had to be put right; a micro sign is none."""
    count = len(raw) // _FIXED - 1
    numbers = [raw[236:244], raw[244:252]]
    start = _FIXED + 104 * count
    numbers += [raw[start : start + 32 * count], raw[_FIXED + 216 * count :][: 8 * count]]
    whole = raw[start + 16 * count : start + 32 * count] + raw[236:244]
    return b"\0" in raw or b"," in b"".join(numbers) or b"." in whole


def _text(cell: bytes) -> str:
    plain = cell.replace(b"\0", b" ").strip()
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        return plain.decode("latin-1")


def _real(cell: bytes) -> float:
    try:
        return float(_text(cell).replace(",", "."))
    except ValueError:
        return math.nan


def _whole(path: Path, what: str, cell: bytes) -> int:
    value = _real(cell)
    if not math.isfinite(value) or value != int(value):
        raise RecordError(f"{path}: {what} must be a whole number, got {_text(cell)!r}")
    return int(value)
