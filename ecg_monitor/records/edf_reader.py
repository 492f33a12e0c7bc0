"""EDF and EDF+ recordings, read strictly.

Format: Kemp B, et al. A simple format for exchange of digitized polygraphic recordings.
Electroencephalogr Clin Neurophysiol 82:391-393 (1992); Kemp B, Olivan J. European data format
'plus' (EDF+). Clin Neurophysiol 114:1755-1761 (2003).

Signals labelled ``ECG`` or ``EKG`` are taken; if there are none, every voltage. A signal slower
than the fastest is brought to its rate by repeating samples. wfdb reads EDF too, but warns and
goes on where a file is inconsistent.

Limitations: interrupted recordings (EDF+D) are refused; annotations are not read; one sampling
rate must be a multiple of the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecg_monitor.errors import RecordError
from ecg_monitor.records.recording import Recording, lead_names

_PER_MV = {"mv": 1.0, "uv": 1e3, "µv": 1e3, "v": 1e-3, "nv": 1e6}
_FIXED = 256
_PER_SIGNAL = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Widths of the header's columns: label, transducer, unit, physical minimum and maximum,
digital minimum and maximum, filter, samples per data record, reserved."""
_ECG = ("ecg", "ekg")


@dataclass(frozen=True, slots=True)
class _Signal:
    label: str
    unit: str
    gain: float
    baseline: float
    offset: int
    count: int


def read_edf(path: Path) -> Recording:
    """Read an EDF or continuous EDF+ recording.

    Raises:
        RecordError: the file is missing, truncated or inconsistent, or holds no ECG.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    if len(data) < _FIXED or data[:8] != b"0       ":
        raise RecordError(f"{path}: is not an EDF file")
    header = data.decode("latin-1")[:_FIXED]
    if header[192:197] == "EDF+D":
        raise RecordError(f"{path}: is an interrupted recording (EDF+D), which is not supported")
    start = _integer(path, "header size", header[184:192])
    records = _integer(path, "number of data records", header[236:244])
    seconds = _number(path, "duration of a data record", header[244:252])
    n_signals = _integer(path, "number of signals", header[252:256])
    if n_signals < 1 or start != _FIXED * (n_signals + 1) or len(data) < start:
        raise RecordError(f"{path}: header size {start} does not fit {n_signals} signals")
    if seconds <= 0:
        raise RecordError(f"{path}: duration of a data record must be greater than 0")
    signals, width = _signals(path, data[_FIXED:start].decode("latin-1"), n_signals)
    if records < 1 or len(data) < start + 2 * width * records:
        raise RecordError(
            f"{path}: is truncated: {len(data)} bytes where its header asks for "
            f"{start + 2 * width * max(records, 1)} ({records} data records)"
        )
    table = np.frombuffer(data, "<i2", width * records, start).reshape(records, width)
    return _recording(path, signals, table, seconds)


def _recording(
    path: Path,
    signals: list[_Signal],
    table: np.ndarray[tuple[int, int], np.dtype[np.int16]],
    seconds: float,
) -> Recording:
    chosen = [signal for signal in signals if signal.unit.lower() in _PER_MV]
    chosen = [s for s in chosen if s.label.lower().startswith(_ECG)] or chosen
    if not chosen:
        units = sorted({signal.unit for signal in signals})
        raise RecordError(f"{path}: no signal is a voltage; units are {units}")
    fastest = max(signal.count for signal in chosen)
    rows = []
    for signal in chosen:
        if fastest % signal.count:
            raise RecordError(
                f"{path}: signal {signal.label} has {signal.count} samples per data record, "
                f"which does not divide {fastest}"
            )
        part = table[:, signal.offset : signal.offset + signal.count].reshape(-1)
        rows.append(np.repeat(part, fastest // signal.count))
    return Recording(
        name=path.stem,
        fs=fastest / seconds,
        leads=lead_names(_lead(signal.label) for signal in chosen),
        gain=tuple(signal.gain for signal in chosen),
        baseline=tuple(signal.baseline for signal in chosen),
        samples=np.stack(rows).astype(np.int16),
    )


def _lead(label: str) -> str:
    """Drop the signal type that EDF+ puts first: ``"ECG V2"`` is lead V2."""
    first, _, rest = label.partition(" ")
    return rest.strip() if first.lower() in _ECG and rest.strip() else label


def _signals(path: Path, text: str, count: int) -> tuple[list[_Signal], int]:
    """Return the signals, annotations left out, and the samples per data record of all."""
    columns, position = [], 0
    for size in _PER_SIGNAL:
        cells = [text[position + i * size : position + (i + 1) * size] for i in range(count)]
        columns.append([cell.strip() for cell in cells])
        position += size * count
    signals, offset = [], 0
    for i in range(count):
        label, unit = columns[0][i], columns[2][i]
        samples = _integer(path, f"samples per data record of {label}", columns[8][i])
        if samples < 1:
            raise RecordError(f"{path}: signal {label} has {samples} samples per data record")
        if unit.lower() in _PER_MV and not label.startswith("EDF Annotations"):
            numbers = [_number(path, f"range of {label}", columns[k][i]) for k in range(3, 7)]
            p_min, p_max, d_min, d_max = numbers
            if p_max == p_min or d_max <= d_min:
                raise RecordError(f"{path}: signal {label} has an empty range {numbers}")
            slope = (d_max - d_min) / (p_max - p_min)
            if slope < 0:
                raise RecordError(f"{path}: signal {label} is inverted (minimum over maximum)")
            gain = slope * _PER_MV[unit.lower()]
            signals.append(_Signal(label, unit, gain, d_min - p_min * slope, offset, samples))
        else:
            signals.append(_Signal(label, unit, 1.0, 0.0, offset, samples))
        offset += samples
    return signals, offset


def _integer(path: Path, what: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RecordError(f"{path}: {what} must be a whole number, got {text.strip()!r}") from None


def _number(path: Path, what: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RecordError(f"{path}: {what} must be a number, got {text.strip()!r}")
    return value
