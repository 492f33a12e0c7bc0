"""Annotations without a signal, through the live rule."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Alarm
from workbench.atrial.intervals import alarm_spans, events_of, read_annotations

FS = 128.0


def write(folder: Path, rr: np.ndarray, rhythms: dict[float, str]) -> Path:
    """An annotation file of normal beats and changes of rhythm, without a header."""
    rows = [(round(t * FS), "N", "") for t in np.cumsum(rr)]
    rows = sorted([*rows, *((round(t * FS), "+", name) for t, name in rhythms.items())])
    samples, symbols, names = zip(*rows, strict=True)
    wfdb.wrann("r", "atr", np.array(samples), list(symbols), aux_note=list(names), write_dir=folder)
    return folder / "r"


def irregular(count: int) -> np.ndarray:
    return np.clip(np.random.default_rng(1).normal(0.65, 0.14, count), 0.35, 1.2)


def test_fibrillation_between_sinus_rhythm_is_told_and_ends(tmp_path):
    sinus = np.full(200, 0.8)
    rr = np.concatenate([sinus, irregular(300), sinus])
    start, end = 160.0, 160.0 + float(irregular(300).sum())
    record = read_annotations(write(tmp_path, rr, {start: "(AFIB", end: "(N"}), FS)
    assert [name for _, name in record.rhythms] == ["(AFIB", "(N"]
    ((raised, cleared),) = alarm_spans(events_of(record), FS, record.end_s)
    assert start + 20.0 <= raised < start + 40.0
    assert end < cleared < end + 16.0


def test_an_alarm_that_goes_on_ends_with_the_record():
    events = [Alarm("af", "low", 128, 1280, True), Alarm("vt", "high", 0, 10, True)]
    assert alarm_spans(events, FS, 60.0) == [(10.0, 60.0)]


def test_a_file_that_is_missing_or_damaged_is_told(tmp_path):
    with pytest.raises(RecordError, match="nothing"):
        read_annotations(tmp_path / "nothing", FS)
    (tmp_path / "empty.atr").write_bytes(b"")
    with pytest.raises(RecordError, match="empty"):
        read_annotations(tmp_path / "empty", FS)
