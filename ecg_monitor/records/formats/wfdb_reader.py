"""WFDB records (PhysioNet's own format) into `Recording`.

Signals that are no ECG (blood pressure, respiration, EEG) are left out, see
`ecg_monitor.records.formats.signals`; the recording's notes name them. Multi-segment records are
read whole, and need all their segments.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import wfdb

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.wfdb_segments import read_segments
from ecg_monitor.records.formats.wfdb_signals import read_header, read_signals
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import BeatMark, Recording, RhythmMark, lead_names, stretches


def read_wfdb(path: Path, annotator: str = "atr") -> Recording:
    """Read the WFDB record whose header is ``{path}.hea``.

    Raises:
        RecordError: files are missing, truncated or inconsistent, or hold no ECG.
    """
    header = read_header(path)
    is_multi = isinstance(header, wfdb.MultiRecord)
    signals = read_segments(path, header) if is_multi else read_signals(path, header)
    rows = signals.rows
    if not rows:
        raise RecordError(
            f"{path}: holds no ECG: {'; '.join(signals.notes) or 'all is gap'} (names and units "
            f"come from the header)"
        )
    if not rows[0].samples.size:
        raise RecordError(f"{path}: the signals are empty")
    rate = float(header.fs) * signals.per_frame
    beats, rhythms = _read_annotations(path, annotator, rate, len(rows[0].samples))
    return Recording(
        name=path.name,
        fs=rate,
        leads=lead_names(row.name for row in rows),
        gain=tuple(row.gain for row in rows),
        baseline=tuple(row.baseline for row in rows),
        samples=np.ascontiguousarray(np.stack([row.samples for row in rows])),
        beats=beats,
        rhythms=rhythms,
        invalid=stretches(np.stack([row.valid for row in rows])),
        comments=tuple(header.comments or ()),
        notes=signals.notes,
    )


def _read_annotations(
    path: Path, annotator: str, rate: float, length: int
) -> tuple[tuple[BeatMark, ...], tuple[RhythmMark, ...]]:
    file = path.with_name(f"{path.name}.{annotator}")
    if not file.is_file():
        return (), ()
    try:
        marks = wfdb.rdann(str(path), annotator)
    except Exception as error:  # see `read_header`
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
