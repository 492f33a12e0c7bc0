"""Multi-segment WFDB records: their segments put one after another.

A segment may hold other signals than the one before it, at other gains (variable layout, as in
MIMIC), or nothing at all (a gap, ``~``): WFDB manual, header(5). wfdb joins the former only in
floating-point voltages and the latter not at all, so each segment is read on its own here. A lead
that a segment lacks has no value there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.wfdb_signals import (
    NOT_RECORDED,
    Row,
    Signals,
    read_header,
    read_signals,
)
from ecg_monitor.records.recording import INVALID_SAMPLE, lead_names, to_int16

_GAP = NOT_RECORDED
_LONGEST_FILL = 100
"""Most samples without a value for each that the segments hold: memory follows the files' size."""


def read_segments(path: Path, header: Any) -> Signals:
    """Read the ECG signals of a multi-segment record; there may be none.

    Args:
        path: the record, without suffix.
        header: its master header, as `read_header` returns it.

    Raises:
        RecordError: a segment is missing, broken, or of another length than the header says.
    """
    parts: list[tuple[int, Signals]] = []  # first frame of the segment, what is in it
    notes: dict[str, None] = {}  # in order, each once
    frames = 0
    for name, length in zip(header.seg_name, header.seg_len, strict=True):
        count = int(length or 0)
        if count < 0:
            raise RecordError(f"{path}.hea: segment {name} has {count} samples")
        if name != _GAP and count:
            parts.append((frames, _segment(path, name, count, header.fs)))
            notes |= dict.fromkeys(parts[-1][1].notes)
        frames += count
    held = sum(len(signals.rows[0].samples) for _, signals in parts if signals.rows)
    per_frame = max((signals.per_frame for _, signals in parts), default=1)
    if frames * per_frame > _LONGEST_FILL * held + 1_000_000:
        raise RecordError(
            f"{path}.hea: its gaps are too long for what its segments hold ({held} samples); "
            "split the record"
        )
    pieces: dict[str, list[tuple[int, Row]]] = {}
    for first, signals in parts:
        factor, left = divmod(per_frame, signals.per_frame)
        if left:
            raise RecordError(
                f"{path}: its segments have {signals.per_frame} and {per_frame} samples per frame, "
                "neither a multiple of the other; split the record"
            )
        names = lead_names(row.name for row in signals.rows)
        for name, row in zip(names, signals.rows, strict=True):
            pieces.setdefault(name, []).append((first * per_frame, _slower(row, factor)))
    rows = tuple(_join(name, found, frames * per_frame) for name, found in pieces.items())
    return Signals(rows, per_frame, tuple(notes))


def _segment(path: Path, name: str, count: int, fs: float) -> Signals:
    if Path(name).name != name:
        raise RecordError(f"{path}.hea names {name!r}, which is no segment beside it")
    file = path.with_name(name)
    if not file.with_name(name + ".hea").is_file():
        raise RecordError(f"{path}.hea names the segment {name}, but {file}.hea does not exist")
    header = read_header(file)
    if not hasattr(header, "fmt"):
        raise RecordError(f"{file}.hea: is itself made of segments, which WFDB does not allow")
    if header.fs != fs:
        raise RecordError(f"{file}.hea: {header.fs:g} Hz, but {path.name}.hea says {fs:g} Hz")
    signals = read_signals(file, header)
    for row in signals.rows:
        length = len(row.samples) // signals.per_frame
        if length != count:
            raise RecordError(
                f"{file}.hea: {length} samples, but {path.name}.hea says {count}; correct one"
            )
    return signals


def _slower(row: Row, factor: int) -> Row:
    """Bring a segment's lead to the record's rate."""
    if factor == 1:
        return row
    return row._replace(samples=np.repeat(row.samples, factor), valid=np.repeat(row.valid, factor))


def _join(name: str, pieces: list[tuple[int, Row]], length: int) -> Row:
    """Lay the pieces of one lead out in time; where gains differ, in the finest one's units."""
    gain = max(row.gain for _, row in pieces)
    alike = len({(row.gain, row.baseline) for _, row in pieces}) == 1
    valid = np.zeros(length, np.bool_)
    for first, row in pieces:
        valid[first : first + len(row.samples)] = row.valid
    if alike:
        samples = np.full(length, INVALID_SAMPLE, np.int16)
        for first, row in pieces:
            samples[first : first + len(row.samples)] = row.samples
        return Row(name, samples, gain, pieces[0][1].baseline, valid)
    values = np.zeros(length)
    for first, row in pieces:
        values[first : first + len(row.samples)] = (row.samples - row.baseline) * gain / row.gain
    samples, gain, baseline = to_int16(values, valid, gain, 0.0)
    return Row(name, samples, gain, baseline, valid)
