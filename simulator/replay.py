"""Plays a recording as a signal source, in a loop or once.

A loop goes on with the first sample right after the last one: sample indices, and so packets, go
on counting. The seam is a truthful splice of what the device sends: the step in the trace and the
odd RR interval across it are really in the signal, the annotations follow the samples, and the
rhythm that holds at the start is announced again.

A resting ECG of ten seconds would be all seams: whatever looks at ten seconds of it would see a
heart that is spliced. So there may be a pause ahead of each pass (`PAUSE_S`), in which the device
counts on and sends nothing: to whoever listens that is a gap, over which nothing is measured.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records import Recording
from simulator.synthetic.marks import BeatMark, Block, LeadoffSpan, RhythmMark

SHORT_S = 60.0
"""A recording shorter than this is played with pauses."""
PAUSE_S = 1.2
"""Pause ahead of each pass but the first, s: a hole of up to a second would be bridged."""


class _Marks:
    """Samples and codes of a recording's marks; the next ones stand behind those of last time."""

    def __init__(self, marks: Sequence[tuple[int, str]]) -> None:
        self._marks = marks
        self._next, self._reached = 0, -1

    def between(self, start: int, end: int) -> Sequence[tuple[int, str]]:
        """Return the marks at samples ``start`` .. ``end`` (exclusive)."""
        marks = self._marks
        if start != self._reached:
            self._next = bisect_left(marks, (start,))
        first = at = self._next
        while at < len(marks) and marks[at][0] < end:
            at += 1
        self._next, self._reached = at, end
        return marks[first:at]


class Replay:
    """Hands out the samples of a recording, block by block.

    Attributes:
        fs: sampling rate in Hz.
        leads: lead names.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        start_s: float = 0.0,
        duration_s: float | None = None,
        first_s: float = 0.0,
        loop: bool = True,
        pause_s: float = 0.0,
    ) -> None:
        """Play ``duration_s`` seconds from ``start_s`` on (default: to the end).

        Args:
            recording: what to play.
            start_s: start of the part that is played, s.
            duration_s: its length, s.
            first_s: where in that part to begin, s, so that copies are not in step.
            loop: whether to go on from the start when it is over.
            pause_s: signal time that passes between two passes without any samples, s.

        Raises:
            RecordError: the part is empty.
        """
        fs = recording.fs
        self._start = round(start_s * fs)
        length = recording.n_samples - self._start
        if duration_s is not None:
            length = min(length, round(duration_s * fs))
        if self._start < 0 or length < 1:
            raise RecordError(
                f"{recording.name} lasts {recording.duration_s:.0f} s: nothing to play from "
                f"{start_s:g} s on"
            )
        self.fs = fs
        self.leads = recording.leads
        self.gain = recording.gain
        self.baseline = recording.baseline
        self._recording = recording
        self._beats, self._rhythms = _Marks(recording.beats), _Marks(recording.rhythms)
        self._length = length
        self._position = round(first_s * fs) % length
        self._loop = loop
        self._pause = round(pause_s * fs)
        self._n = 0
        self._announce = True

    def read(self, n: int) -> Block:
        """Return the next ``n`` samples; fewer ahead of a pause, and when a single pass is over.

        None are left after a single pass.
        """
        if self._position == self._length and self._loop:
            self._n += self._pause
        n0 = self._n
        parts: list[Int16Array] = []
        beats: list[BeatMark] = []
        rhythms: list[RhythmMark] = []
        leadoff: list[LeadoffSpan] = []
        while n > 0 and (self._position < self._length or self._loop):
            if self._position == self._length:
                if self._pause and parts:
                    break
                self._position, self._announce = 0, True
            first = self._start + self._position
            count = min(n, self._length - self._position)
            end, shift = first + count, self._n - first
            source = self._recording
            parts.append(source.samples[:, first:end])
            beats += [
                BeatMark(at + shift, symbol) for at, symbol in self._beats.between(first, end)
            ]
            if self._announce and (aux := source.rhythm_at(first)):
                rhythms.append(RhythmMark(first + shift, aux))
                first += 1  # a change on this very sample has just been announced
            self._announce = False
            rhythms += [
                RhythmMark(at + shift, aux) for at, aux in self._rhythms.between(first, end)
            ]
            leadoff += [
                LeadoffSpan(
                    max(low, end - count) + shift, min(high, end) + shift, source.leads[lead]
                )
                for lead, low, high in source.invalid
                if low < end and high > end - count
            ]
            self._position += count
            self._n += count
            n -= count
        if len(parts) == 1:
            samples = parts[0]
        else:
            samples = np.concatenate([self._recording.samples[:, :0], *parts], axis=1)
        return Block(n0, samples, tuple(beats), tuple(rhythms), leadoff=tuple(sorted(leadoff)))
