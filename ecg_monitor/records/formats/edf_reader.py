"""EDF and EDF+ recordings: edfio reads the file, and here it is judged what of it is ECG.

Format: Kemp B, et al. A simple format for exchange of digitized polygraphic recordings.
Electroencephalogr Clin Neurophysiol 82:391-393 (1992); Kemp B, Olivan J. European data format
'plus' (EDF+). Clin Neurophysiol 114:1755-1761 (2003).

Signals with ``ECG`` or ``EKG`` in their label are taken; if there are none, every voltage whose
name says nothing else (`ecg_monitor.records.formats.signals`). A signal slower than the fastest of
them is brought to its rate by repeating samples. A recording that is unfinished or cut off is read
as far as it goes, and a header with NUL for blanks, decimal commas or UTF-8 as it is meant.

Limitations: interrupted recordings (EDF+D) are refused; annotations are not read; one sampling
rate must be a multiple of the others.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from threading import Lock
from typing import Any

import edfio
import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.formats.signals import per_mv, why_not_ecg, words_of
from ecg_monitor.records.recording import Recording, lead_names, to_int16

_FIXED = 256
"""Bytes of the header before its columns, and of all columns together for each signal."""
_CELL = 8
"""Width of the columns of numbers, bytes."""
_RECORDS, _DURATION, _SIGNALS = slice(236, 244), slice(244, 252), slice(252, 256)
_RANGES, _DIGITAL, _COUNTS = (104, 120), (120, 136), (216, 224)
"""Where the columns of physical and digital ranges and of samples per data record begin and end,
bytes per signal."""
_ECG = frozenset({"ecg", "ekg"})
_SILENCE = Lock()
"""Filters of warnings belong to the whole process: one thread at a time changes them."""


def read_edf(path: Path) -> Recording:
    """Read an EDF or continuous EDF+ recording.

    Raises:
        RecordError: the file is missing or inconsistent, or holds no ECG.
    """
    edf, notes = _opened(path)
    usable = [signal for signal in edf.signals if not _why_not(signal)]
    chosen = [signal for signal in usable if words_of(signal.label) & _ECG] or usable
    left_out = [
        f"{signal.label.strip()} left out: {_why_not(signal) or 'others are labelled ECG'}"
        for signal in edf.signals
        if signal not in chosen
    ]
    if not chosen:
        raise RecordError(
            f"{path}: holds no ECG: {'; '.join(left_out)} (labels and units come from the header)"
        )
    fastest = max(signal.samples_per_data_record for signal in chosen)
    rows = [_row(path, signal, fastest) for signal in chosen]
    samples, gains, baselines = zip(*rows, strict=True)
    return Recording(
        name=path.stem,
        fs=fastest / edf.data_record_duration,
        leads=lead_names(_lead_name(signal.label.strip()) for signal in chosen),
        gain=gains,
        baseline=baselines,
        samples=np.stack(samples),
        notes=(*notes, *left_out),
    )


def _opened(path: Path) -> tuple[edfio.Edf, list[str]]:
    """Return the file, whose samples are read when they are asked for, and what to note of it."""
    try:
        header = _header(path)
        tidy = _tidied(header)
        promised = _integer(path, "number of data records", tidy[_RECORDS])
        if _number(path, "duration of a data record", tidy[_DURATION]) <= 0:
            raise RecordError(f"{path}: duration of a data record must be greater than 0")
        source = path if tidy == header else tidy + path.read_bytes()[len(tidy) :]
        with _SILENCE, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a length other than promised: noted below
            edf = edfio.read_edf(source, lazy_load_data=True, header_encoding=_encoding(tidy))
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    except (ValueError, ZeroDivisionError) as error:
        raise RecordError(f"{path}: is damaged or truncated: {error}") from error
    if edf.reserved.startswith("EDF+D"):
        raise RecordError(f"{path}: is an interrupted recording (EDF+D), which is not supported")
    for signal in edf.signals:
        if signal.samples_per_data_record < 1:
            raise RecordError(f"{path}: signal {signal.label.strip()} has no samples")
    if edf.num_data_records < 1:
        raise RecordError(f"{path}: is truncated: it holds no whole data record")
    notes = [] if tidy == header else ["the header is not as EDF asks for: read as it is meant"]
    if promised == -1:
        notes.append(f"the recording was not finished: {edf.num_data_records} data records")
    elif promised != edf.num_data_records:
        notes.append(
            f"the file holds {edf.num_data_records} data records where its header says {promised}"
        )
    return edf, notes


def _header(path: Path) -> bytes:
    """Return the header as it stands in the file."""
    with path.open("rb") as file:
        fixed = file.read(_FIXED)
        if len(fixed) < _FIXED or fixed[:8].rstrip(b" \0") != b"0":
            raise RecordError(f"{path}: is not an EDF file")
        n_signals = _integer(path, "number of signals", fixed[_SIGNALS])
        length = _integer(path, "header size", fixed[184:192])
        header = fixed + file.read(_FIXED * max(n_signals, 0))
        if n_signals < 1 or length != _FIXED * (n_signals + 1) or len(header) < length:
            raise RecordError(f"{path}: header size {length} does not fit {n_signals} signals")
        return header


def _tidied(header: bytes) -> bytes:
    """Put blanks for NUL, points for decimal commas, and whole numbers where EDF has them."""
    plain = bytearray(header.replace(b"\0", b" "))
    count = len(header) // _FIXED - 1
    ranges, digital, counts = (
        slice(_FIXED + first * count, _FIXED + last * count)
        for first, last in (_RANGES, _DIGITAL, _COUNTS)
    )
    for part in (_RECORDS, _DURATION, ranges, digital, counts):
        plain[part] = plain[part].replace(b",", b".")
    for part in (_RECORDS, digital, counts):
        for start in range(part.start, part.stop, _CELL):
            cell = bytes(plain[start : start + _CELL]).strip()
            if b"." in cell:
                plain[start : start + _CELL] = cell.rstrip(b"0").rstrip(b".").ljust(_CELL)
    return bytes(plain)


def _encoding(header: bytes) -> str:
    """Return what a header is written in: ASCII as EDF asks for, or what the micro sign shows."""
    try:
        header.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _row(path: Path, signal: edfio.EdfSignal, fastest: int) -> tuple[Int16Array, float, float]:
    """Return the samples of a signal at the rate of the fastest, with their gain and baseline."""
    count = signal.samples_per_data_record
    if fastest % count:
        raise RecordError(
            f"{path}: signal {signal.label.strip()} has {count} samples per data record, "
            f"which does not divide {fastest}"
        )
    values: npt.NDArray[Any] = np.repeat(signal.digital, fastest // count)
    low, high, digital_low, digital_high = _ranges(signal)
    slope = (digital_high - digital_low) / (high - low)
    gain = slope * (per_mv(signal.physical_dimension) or 1.0)
    zero = digital_low - low * slope
    if gain < 0:  # a physical minimum over the maximum: legal, means reversed polarity
        values, gain, zero = -values.astype(np.int64), -gain, -zero
    return to_int16(values, np.ones(values.shape, np.bool_), gain, zero)


def _why_not(signal: edfio.EdfSignal) -> str:
    """Tell why a signal is left out; empty for an ECG."""
    label, unit = signal.label.strip(), signal.physical_dimension.strip()
    if not unit:
        return "it has no unit"  # EDF has no default: the signal is no voltage
    reason = why_not_ecg(label, unit)
    if reason:
        return reason
    if "off" in words_of(label):
        return "by its name it tells of a detached electrode"
    return _why_no_voltage(signal)


def _why_no_voltage(signal: edfio.EdfSignal) -> str:
    """Tell why a signal has no voltages, whatever it is called; empty if it has."""
    try:
        low, high, digital_low, digital_high = _ranges(signal)
    except ValueError:
        return "its range is no number"
    span = high - low
    if not math.isfinite(span) or not span or digital_high <= digital_low:
        return "it has an empty range"
    return ""


def _ranges(signal: edfio.EdfSignal) -> tuple[float, float, int, int]:
    """Return physical minimum and maximum, digital minimum and maximum.

    Raises:
        ValueError: one of them is no number.
    """
    return signal.physical_min, signal.physical_max, signal.digital_min, signal.digital_max


def _lead_name(label: str) -> str:
    """Drop the signal type that EDF+ puts first: ``"ECG V2"`` is lead V2."""
    first, _, rest = label.partition(" ")
    return rest.strip() if first.lower() in _ECG and rest.strip() else label


def _integer(path: Path, what: str, cell: bytes) -> int:
    text = cell.decode("latin-1").strip("\0 ")
    try:
        return int(text)
    except ValueError:
        raise RecordError(f"{path}: {what} must be a whole number, got {text!r}") from None


def _number(path: Path, what: str, cell: bytes) -> float:
    text = cell.decode("latin-1").strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RecordError(f"{path}: {what} must be a number, got {text!r}")
    return value
