# mypy: allow-untyped-calls
"""Wave boundaries of many devices on the stream: what the analyzer talks to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.delineation import kernel
from detector.delineation.average import LEAST_BEATS
from detector.delineation.intervals import Floats, Intervals, intervals
from detector.delineation.state import AVERAGE, BED, LEAD, fresh_bed
from detector.delineation.waves import MARKS
from detector.engine.resample import FS
from detector.engine.state import STRIP
from ecg_monitor.core.checkpoint.records import RecordState, grown
from ecg_monitor.core.types import Measurement

_STATE = RecordState("running averages", BED, LEAD)


class LabelledBeat(NamedTuple):
    """A beat whose surroundings are there and whose label is known.

    Attributes:
        slot: device, as `Delineation.add` gave it.
        peak: R peak, engine samples.
        before: the R peak before it in the same stretch, or -1.
        after: the R peak after it, or -1.
        known: last engine sample of the signal that was there.
        usable: bit mask of leads that were attached and alive.
        normal: 1 if its label is N.
    """

    slot: int
    peak: int
    before: int
    after: int
    known: int
    usable: int
    normal: int


class PWave(NamedTuple):
    """What one beat shows of atrial activity.

    Attributes:
        likeness: correlation -1 .. 1 of what precedes it with the usual P wave, over all leads;
            None while the patient has no usual P wave.
        height: as a part of the usual P wave's, by projection; None likewise.
        dropped: how like the usual P wave was what came one RR interval after the P wave of the
            beat before, 0 .. 1: a P wave of its own if this beat came later.
        halfway: how like it is what comes half an RR interval after this beat's own, 0 .. 1, at
            slow rates.
    """

    likeness: float | None
    height: float | None
    dropped: float
    halfway: float = 0.0


UNSEEN = PWave(None, None, 0.0)
"""Of a beat that nobody has looked at."""


@dataclass(frozen=True, slots=True)
class MeasuredAverage:
    """An average that has been measured.

    Attributes:
        peak: R peak of its last beat, engine samples.
        beats: how many beats it holds.
        rr: mean RR interval before them, engine samples; None: unknown.
        p_stands_out: how far its P wave stands out of the beats' scatter on the lead that shows it
            best (see `detector.delineation.p_wave.standing_out`).
        intervals: what it shows.
    """

    peak: int
    beats: int
    rr: float | None
    p_stands_out: float
    intervals: Intervals


class Delineation:
    """Running averages of all devices."""

    def __init__(self, capacity: int = 16) -> None:
        self._beds: npt.NDArray[Any] = np.zeros(capacity, BED)
        self._leads: npt.NDArray[Any] = np.zeros(2 * capacity, LEAD)
        self._lane_of: npt.NDArray[np.int64] = np.zeros((capacity, 2), np.int64)
        self._free = list(range(capacity - 1, -1, -1))
        self._free_leads: dict[int, list[int]] = {}
        self._next_lead = 0

    def add(self, n_leads: int) -> int:
        """Make room for a device; return its slot."""
        if not self._free:
            size = len(self._beds)
            self._beds = np.concatenate([self._beds, np.zeros(size, BED)])
            self._lane_of = np.concatenate([self._lane_of, np.zeros((size, 2), np.int64)])
            self._free = list(range(2 * size - 1, size - 1, -1))
        slot = self._free.pop()
        self._lane_of[slot] = self._allot(n_leads), n_leads
        self._beds[slot : slot + 1] = fresh_bed()
        self._of(slot)[:] = np.zeros(n_leads, LEAD)
        return slot

    def remove(self, slot: int) -> None:
        """Give a slot back."""
        first, n_leads = self._lane_of[slot]
        self._free_leads.setdefault(int(n_leads), []).append(int(first))
        self._free.append(slot)

    def take(
        self, beats: Sequence[LabelledBeat], strips: npt.NDArray[np.float32]
    ) -> list[tuple[PWave, MeasuredAverage | None]]:
        """Take beats of any devices; each device's in order of time, each beat once.

        Args:
            beats: the beats.
            strips: the engine's strips of them, each beat's leads one after another, mV, shape (at
                least all of them, STRIP).

        Returns:
            per beat its P wave, and the average that was measured before it joined the next.
        """
        if not beats:
            return []
        table = np.array(beats, np.int64)
        widest = int(self._lane_of[table[:, 0], 1].max())
        n = len(beats)
        measured = np.empty(n, np.int64)
        p_waves = np.empty((n, 4))
        marks = np.empty((n, widest, len(MARKS)))
        levels = np.empty((n, widest, AVERAGE))
        trust, numbers = np.empty((n, widest, 2)), np.empty((n, 3))
        kernel.take(
            *(self._beds, self._leads, self._lane_of, table, strips),
            *(measured, p_waves, marks, levels, trust, numbers),
        )
        found: list[tuple[PWave, MeasuredAverage | None]] = []
        for i, (row, p_wave) in enumerate(zip(measured.tolist(), p_waves.tolist(), strict=True)):
            result = None
            if row != kernel.NOT_DUE:
                n_leads = int(self._lane_of[table[i, 0], 1])
                result = _measured(
                    marks[row, :n_leads], levels[row, :n_leads], trust[row, :n_leads], numbers[row]
                )
            found.append((_p_wave(*p_wave), result))
        return found

    def finish(self, slot: int) -> MeasuredAverage | None:
        """End an unbroken stretch of a device: measure its average if it has beats enough."""
        bed, leads = self._beds[slot], self._of(slot)
        result = None
        if bed["beats"] >= LEAST_BEATS:
            marks, levels = np.empty((len(leads), len(MARKS))), np.empty((len(leads), AVERAGE))
            trust, numbers = np.empty((len(leads), 2)), np.empty(3)
            kernel.close(bed, leads, marks, levels, trust, numbers)
            result = _measured(marks, levels, trust, numbers)
        kernel.forget(bed, leads)
        return result

    def save(self, slot: int) -> bytes:
        """Return a checkpoint of one device."""
        return _STATE.pack(self._beds[slot], self._of(slot))

    def load(self, slot: int, saved: bytes) -> None:
        """Put a device's state back; it must have been added with as many leads.

        Raises:
            CheckpointError: it comes from another version, or is cut.
        """
        n_leads = int(self._lane_of[slot, 1])
        bed, leads = _STATE.unpack(saved, 1, n_leads)
        self._beds[slot] = bed[0]
        self._of(slot)[:] = leads

    def _of(self, slot: int) -> npt.NDArray[Any]:
        first, n_leads = self._lane_of[slot]
        return self._leads[first : first + n_leads]

    def _allot(self, n_leads: int) -> int:
        if self._free_leads.get(n_leads):
            return self._free_leads[n_leads].pop()
        first = self._next_lead
        self._next_lead += n_leads
        while self._next_lead > len(self._leads):
            self._leads = grown(self._leads)
        return first


def measurement(measured: MeasuredAverage, leads: Sequence[str], fs: float) -> Measurement:
    """Make an event of a measured average.

    Args:
        measured: the average.
        leads: names of the device's leads.
        fs: its sampling rate, Hz.
    """
    told = measured.intervals
    return Measurement(
        n=round(measured.peak * fs / FS),
        beats=measured.beats,
        heart_rate=None if measured.rr is None else round(60.0 * FS / measured.rr, 1),
        st_mv={
            name: round(level, 3)
            for name, level in zip(leads, told.st_mv.tolist(), strict=True)
            if not math.isnan(level)
        },
        qrs_ms=told.qrs_ms,
        pr_ms=told.pr_ms,
        qt_ms=told.qt_ms,
        qtc_ms=told.qtc_ms,
        qtc_bazett_ms=told.qtc_bazett_ms,
    )


def _measured(
    marks: Floats, levels: Floats, trust: Floats, numbers: Floats
) -> MeasuredAverage | None:
    beats, rr, peak = numbers.tolist()
    found = intervals(marks, levels, trust, rr)
    if found is None:
        return None
    stands_out = float(trust[:, 1].max())
    return MeasuredAverage(int(peak), int(beats), None if math.isnan(rr) else rr, stands_out, found)


def _p_wave(likeness: float, height: float, dropped: float, halfway: float) -> PWave:
    if math.isnan(likeness):
        return PWave(None, None, dropped, halfway)
    return PWave(likeness, height, dropped, halfway)


def warm() -> None:
    """Compile the kernels ahead of their first use."""
    delineation = Delineation(1)
    slot = delineation.add(1)
    delineation.take(
        [LabelledBeat(slot, 500, 300, -1, 850, 1, 1)], np.zeros((1, STRIP), np.float32)
    )
    delineation.finish(slot)
    for peak in range(700, 700 + 200 * LEAST_BEATS, 200):
        beat = LabelledBeat(slot, peak, peak - 200, -1, peak + 350, 1, 1)
        delineation.take([beat], np.zeros((1, STRIP), np.float32))
    delineation.finish(slot)
