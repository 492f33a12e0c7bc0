# mypy: allow-untyped-calls
"""Wave boundaries of every beat on every lead of a whole recording, judged beat by beat in series.

Live, the monitor measures averages (`detector.delineation.stream`). Of a recording each beat is
delineated (`detector.delineation.waves`) as the engine hands it out, and then judged by the beats
around it (`detector.delineation.series`), which may come later: this is not for the bedside.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detector.delineation.series import BLOCK, settle
from detector.delineation.waves import MARKS, delineate
from detector.engine.engine import Batch, Engine, EngineOutput
from detector.engine.reassembly import Chunk
from detector.engine.state import MASK_STEP, READY, STRIP, STRIP_BEFORE
from ecg_monitor.core import wire
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording

Floats = npt.NDArray[np.float64]

PIECE_S = 10
"""Signal that is fed in one call, s."""


class _Series:
    """Beats that wait for those after them to be judged by; what has been judged is kept."""

    def __init__(self, n_leads: int) -> None:
        self.n_leads = n_leads
        self.peaks: list[int] = []
        self.settled: list[Floats] = []
        self._strips: list[npt.NDArray[np.float32]] = []
        self._marks: list[Floats] = []

    def take(self, output: EngineOutput) -> None:
        """Take the beats that the engine has handed out."""
        ready = output.rows[output.rows["kind"] == READY]
        strips = output.strips[: len(ready) * self.n_leads]
        shown = strips.reshape(len(ready), self.n_leads, STRIP)
        for row, strip in zip(ready, shown, strict=True):
            if row["a"] < 0:  # a stretch begins
                self.settle()
            peak = int(row["k"])
            self._marks.append(self._delineate(row, strip))
            self.peaks.append(peak)
            self._strips.append(strip.copy())
            if len(self._marks) == 2 * BLOCK:
                self.settle(BLOCK)

    def _delineate(self, row: np.void, strip: npt.NDArray[np.float32]) -> Floats:
        """Return the marks of one beat, samples of its strip, shape (leads, 8)."""
        peak = int(row["k"])
        before = peak - int(row["a"]) if row["a"] >= 0 else 0
        after = int(row["b"]) - peak if row["b"] >= 0 else 0
        whole = int(row["c"]) // MASK_STEP % MASK_STEP
        marks = np.full((self.n_leads, len(MARKS)), np.nan)
        for lead in range(self.n_leads):
            # Ahead of the first sample nothing is missing but the beat's own beginning.
            if whole >> lead & 1 or peak < STRIP_BEFORE:
                delineate(strip[lead].astype(np.float64), STRIP_BEFORE, before, after, marks[lead])
        return marks

    def settle(self, most: int = 2 * BLOCK) -> None:
        """Judge the first ``most`` of the beats that wait by one another."""
        n = min(most, len(self._marks))
        if not n:
            return
        since = len(self.settled)
        peaks = np.array(self.peaks[since : since + n], np.int64)
        judged = settle(peaks, np.array(self._strips[:n]), np.array(self._marks[:n]))
        self.settled += list(judged + (peaks - STRIP_BEFORE)[:, None, None])
        del self._strips[:n], self._marks[:n]


def _chunks(recording: Recording) -> Iterator[Chunk]:
    """Cut a recording into pieces; a lead without values is told as detached."""
    length = round(PIECE_S * recording.fs)
    edges = {edge for span in recording.invalid for edge in (span.start, span.end)}
    cuts = sorted(edges | set(range(0, recording.n_samples, length)) | {recording.n_samples})
    for first, end in pairwise(cuts):
        off = {span.lead for span in recording.invalid if span.start <= first < span.end}
        mask = sum(1 << lead for lead in off)
        yield Chunk(first, recording.samples[:, first:end], mask, after_gap=first == 0)


def waves_of(recording: Recording) -> tuple[npt.NDArray[np.int64], Floats]:
    """Find the beats of a recording with the engine, and the waves of each on each lead.

    Returns:
        R peaks at 250 Hz, shape (n,), and `detector.delineation.waves.MARKS` on the same time axis,
        nan where there is no such wave or the lead has holes, shape (n, leads, 8).

    Raises:
        RecordError: its sampling rate is not one of a device.
    """
    if not wire.FS_MIN_HZ <= recording.fs <= wire.FS_MAX_HZ:
        raise RecordError(
            f"{recording.name}: {recording.fs:g} Hz is outside "
            f"{wire.FS_MIN_HZ:g} .. {wire.FS_MAX_HZ:g} Hz; resample it"
        )
    engine = Engine()
    slot = engine.add(recording.fs, recording.gain, recording.baseline)
    series = _Series(len(recording.leads))
    for chunk in _chunks(recording):
        batch = Batch()
        engine.put(batch, slot, chunk)
        series.take(engine.advance(batch))
    end = Batch()
    engine.put_end(end, slot)
    series.take(engine.advance(end))
    series.settle()
    shape = (len(series.peaks), len(recording.leads), len(MARKS))
    return np.array(series.peaks, np.int64), np.array(series.settled).reshape(shape)
