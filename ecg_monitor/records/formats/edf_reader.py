"""EDF and EDF+ recordings, read strictly.

Format: Kemp B, et al. A simple format for exchange of digitized polygraphic recordings.
Electroencephalogr Clin Neurophysiol 82:391-393 (1992); Kemp B, Olivan J. European data format
'plus' (EDF+). Clin Neurophysiol 114:1755-1761 (2003).

Signals labelled ``ECG`` or ``EKG`` are taken; if there are none, every voltage whose name says
nothing else (`ecg_monitor.records.formats.signals`). A signal slower than the fastest of them is
brought to its rate by repeating samples. wfdb reads EDF too, but warns and
goes on where a file is inconsistent.

Limitations: interrupted recordings (EDF+D) are refused; annotations are not read; one sampling
rate must be a multiple of the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.signals import per_mv, why_not_ecg
from ecg_monitor.records.recording import Recording, lead_names, to_int16

_FIXED = 256
_PER_SIGNAL = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Widths of the header's columns: label, transducer, unit, physical minimum and maximum,
digital minimum and maximum, filter, samples per data record, reserved."""
_ECG = ("ecg", "ekg")
_ANNOTATIONS = "EDF Annotations"


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
    notes = [
        f"{signal.label} left out: {reason}"
        for signal in signals
        if (reason := _why_not(signal.label, signal.unit))
        and not signal.label.startswith(_ANNOTATIONS)
    ]
    chosen = [signal for signal in signals if not _why_not(signal.label, signal.unit)]
    if not chosen:
        raise RecordError(
            f"{path}: holds no ECG: {'; '.join(notes)} (labels and units come from the header)"
        )
    labelled = [s for s in chosen if s.label.lower().startswith(_ECG)] or chosen
    notes += [f"{s.label} left out: others are labelled ECG" for s in chosen if s not in labelled]
    chosen = labelled
    fastest = max(signal.count for signal in chosen)
    rows = []
    for signal in chosen:
        if fastest % signal.count:
            raise RecordError(
                f"{path}: signal {signal.label} has {signal.count} samples per data record, "
                f"which does not divide {fastest}"
            )
        part = table[:, signal.offset : signal.offset + signal.count].reshape(-1)
        values: npt.NDArray[Any] = np.repeat(part, fastest // signal.count)
        gain, zero = signal.gain, signal.baseline
        if gain < 0:  # a physical minimum over the maximum: legal, means reversed polarity
            values, gain, zero = -values.astype(np.int64), -gain, -zero
        rows.append(to_int16(values, np.ones(values.shape, np.bool_), gain, zero))
    samples, gains, baselines = zip(*rows, strict=True)
    return Recording(
        name=path.stem,
        fs=fastest / seconds,
        leads=lead_names(_lead(signal.label) for signal in chosen),
        gain=gains,
        baseline=baselines,
        samples=np.stack(samples),
        notes=tuple(notes),
    )


def _why_not(label: str, unit: str) -> str:
    # EDF has no default unit: none means that the signal is no voltage.
    return why_not_ecg(label, unit) if unit else "it has no unit"


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
        gain, zero = 1.0, 0.0
        if not _why_not(label, unit):
            numbers = [_number(path, f"range of {label}", columns[k][i]) for k in range(3, 7)]
            p_min, p_max, d_min, d_max = numbers
            if p_max == p_min or d_max <= d_min:
                raise RecordError(f"{path}: signal {label} has an empty range {numbers}")
            slope = (d_max - d_min) / (p_max - p_min)
            gain, zero = slope * (per_mv(unit) or 1.0), d_min - p_min * slope
        signals.append(_Signal(label, unit, gain, zero, offset, samples))
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
