"""EDF and BDF recordings into `Recording`: which signals are ECG, and where the gaps are.

Signals with ``ECG`` or ``EKG`` in their label are taken; if there are none, every voltage whose
name says nothing else (`ecg_monitor.records.formats.signals`). A signal slower than the fastest of
them is resampled to its rate. In an interrupted recording (EDF+D) each data record says when it
began; between them there are samples without a value. A file of `ecg-monitor export` says in its
digital range which value stands for none. The file is read in pieces, and only the
samples of the ECG are kept.

Limitation: annotations are not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.formats.edf.header import Header, Signal, read_header
from ecg_monitor.records.formats.resampling import resampled
from ecg_monitor.records.formats.signals import per_mv, why_not_ecg, words_of
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording, lead_names, stretches, to_int16

_ECG = frozenset({"ecg", "ekg"})
_PIECE = 1 << 18
"""Bytes of the file that are held at a time."""
_SLOWEST_HZ = 40.0
"""A signal slower than this shows no QRS complex: impedances are told at such rates."""
_LONGEST_FILL = 10
"""Most samples without a value for each that the file holds: memory follows the file's size."""
_RESERVING = INVALID_SAMPLE + 1
"""A digital minimum that leaves out one value of int16 alone: it stands for no value, as in the
files of `ecg-monitor export`."""
_LONGEST_TIME = 32
"""Bytes in which the time of a data record is looked for."""


def read_edf(path: Path) -> Recording:
    """Read an EDF or BDF recording, interrupted or not.

    Raises:
        RecordError: the file is missing or inconsistent, or holds no ECG.
    """
    header = read_header(path)
    reasons = {i: _why_not(signal, header) for i, signal in enumerate(header.signals)}
    usable = [i for i, reason in reasons.items() if not reason]
    called = [i for i in usable if words_of(header.signals[i].label) & _ECG]
    chosen = [header.signals[i] for i in called or usable]
    left_out = [
        f"{signal.label} left out: {reasons[i] or 'others are labelled ECG'}"
        for i, signal in enumerate(header.signals)
        if signal not in chosen and not signal.is_annotations
    ]
    if not chosen:
        raise RecordError(
            f"{path}: holds no ECG: {'; '.join(left_out)} (labels and units come from the header)"
        )
    fastest = max(signal.count for signal in chosen)
    fs = fastest / header.duration_s
    columns, times = _samples(path, header, chosen)
    gaps = _gaps(path, times, header, fastest) if header.is_interrupted else []
    rows, gains, baselines = [], [], []
    for i, signal in enumerate(chosen):
        samples, gain, baseline = _row(signal, columns[i])
        columns[i] = np.zeros(0)  # what was read need not be held beside what is made of it
        if signal.count != fastest:
            samples = resampled(samples, fastest, signal.count)
        rows.append(_spread(samples, gaps))
        gains.append(gain)
        baselines.append(baseline)
    notes = [*header.notes, *left_out]
    slower = [signal.label for signal in chosen if signal.count != fastest]
    if slower:
        notes.append(f"{', '.join(slower)} resampled to {fs:g} Hz")
    if gaps:
        missing = sum(count for _, count in gaps)
        notes.append(
            f"{missing / fs:.3g} s missing in {len(gaps)} gap{'s' * (len(gaps) > 1)}: "
            "left without a value"
        )
    samples = np.stack(rows)
    valid = samples != INVALID_SAMPLE
    return Recording(
        name=path.stem,
        fs=fs,
        leads=lead_names(_lead_name(signal.label) for signal in chosen),
        gain=tuple(gains),
        baseline=tuple(baselines),
        samples=samples,
        invalid=stretches(valid),
        notes=tuple(notes),
    )


def _samples(
    path: Path, header: Header, chosen: list[Signal]
) -> tuple[list[npt.NDArray[Any]], list[float]]:
    """Return the samples of each chosen signal, and when each data record began (EDF+D), s."""
    dtype = np.int16 if header.width == 2 else np.int32
    columns: list[npt.NDArray[Any]] = [
        np.empty(header.n_records * signal.count, dtype) for signal in chosen
    ]
    marks = next((signal for signal in header.signals if signal.is_annotations), None)
    if header.is_interrupted and marks is None:
        raise RecordError(f"{path}: is interrupted (EDF+D), but has no annotations with the times")
    times: list[float] = []
    done = 0
    for block in _blocks(path, header):
        for signal, column in zip(chosen, columns, strict=True):
            last = signal.offset + signal.count * header.width
            column[done * signal.count : (done + len(block)) * signal.count] = _decoded(
                block[:, signal.offset : last], header.width
            )
        if header.is_interrupted and marks is not None:
            cut = slice(marks.offset, marks.offset + min(_LONGEST_TIME, marks.count * header.width))
            times += [_began(path, row.tobytes()) for row in block[:, cut]]
        done += len(block)
    return columns, times


def _blocks(path: Path, header: Header) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the data records in pieces, bytes, shape (n, record_bytes)."""
    per_block = max(1, _PIECE // header.record_bytes)
    left = header.n_records
    try:
        with path.open("rb") as file:
            file.seek(header.size)
            while left:
                count = min(left, per_block)
                content = file.read(count * header.record_bytes)
                if len(content) < count * header.record_bytes:
                    raise RecordError(f"{path}: became shorter while it was read")
                left -= count
                yield np.frombuffer(content, np.uint8).reshape(count, header.record_bytes)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error


def _decoded(content: npt.NDArray[np.uint8], width: int) -> npt.NDArray[Any]:
    """Return the little-endian samples in a signal's bytes of some data records, shape (n,)."""
    if width == 2:
        return np.ascontiguousarray(content).view("<i2").ravel()
    low, middle, high = (content[:, i::3].astype(np.int32) for i in range(3))
    return (low | middle << 8 | high.astype(np.int8).astype(np.int32) << 16).ravel()


def _began(path: Path, content: bytes) -> float:
    """Return when a data record began, s: the first time in its annotations."""
    text = content.partition(b"\x14")[0]
    try:
        began = float(text)
    except ValueError:
        began = math.nan
    if not math.isfinite(began):
        raise RecordError(f"{path}: a data record does not say when it began, got {text[:20]!r}")
    return began


def _gaps(path: Path, times: list[float], header: Header, count: int) -> list[tuple[int, int]]:
    """Return (sample, how many are missing before it) at the fastest signal's rate."""
    fs = count / header.duration_s
    gaps = []
    missing = 0
    for i in range(1, len(times)):
        gap = round((times[i] - times[i - 1] - header.duration_s) * fs)
        if gap < 0:
            raise RecordError(f"{path}: data record {i} began before the one ahead of it had ended")
        if gap:
            gaps.append((i * count, gap))
            missing += gap
    if missing > _LONGEST_FILL * header.n_records * count + 1000:
        raise RecordError(
            f"{path}: its gaps ({missing / fs:.0f} s) are too long for what it holds; "
            "split the file at the gaps"
        )
    return gaps


def _spread(row: Int16Array, gaps: list[tuple[int, int]]) -> Int16Array:
    if not gaps:
        return row
    at = np.repeat([where for where, _ in gaps], [count for _, count in gaps])
    return np.insert(row, at, INVALID_SAMPLE)


def _row(signal: Signal, values: npt.NDArray[Any]) -> tuple[Int16Array, float, float]:
    """Return the samples of a signal with their gain (units per mV) and baseline."""
    low, high = signal.physical
    slope = (signal.digital[1] - signal.digital[0]) / (high - low)
    gain = slope * (per_mv(signal.unit) or 1.0)
    zero = signal.digital[0] - low * slope
    if gain < 0:  # a physical minimum over the maximum: legal, means reversed polarity
        values, gain, zero = -values.astype(np.int32), -gain, -zero
    valid = np.ones(values.shape, np.bool_)
    if signal.digital[0] == _RESERVING:
        valid = values != INVALID_SAMPLE
    return to_int16(values, valid, gain, zero)


def _why_not(signal: Signal, header: Header) -> str:
    """Tell why a signal is left out; empty for an ECG."""
    if not signal.unit:
        return "it has no unit"  # EDF has no default: the signal is no voltage
    if "off" in words_of(signal.label):
        return "by its name it tells of a detached electrode"
    return why_not_ecg(signal.label, signal.unit) or _why_no_trace(signal, header)


def _why_no_trace(signal: Signal, header: Header) -> str:
    """Tell why a signal cannot show a trace, whatever it is called; empty if it can."""
    span = signal.physical[1] - signal.physical[0]
    if math.isnan(span):
        return "its range is no number"
    if not span or math.isinf(span) or signal.digital[1] <= signal.digital[0]:
        return "it has an empty range"
    if not signal.count:
        return "it has no samples"
    slow = _SLOWEST_HZ * header.duration_s
    if signal.count < slow <= max(other.count for other in header.signals):
        return f"{signal.count / header.duration_s:.3g} Hz show no ECG"
    return ""


def _lead_name(label: str) -> str:
    """Drop the signal type that EDF+ puts first: ``"ECG V2"`` is lead V2."""
    first, _, rest = label.partition(" ")
    return rest.strip() if first.lower() in _ECG and rest.strip() else label
