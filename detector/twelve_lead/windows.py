"""Ten-second windows of a bed's signal in order, for the network of twelve leads. Pure.

A window is known by sample indices alone: the first begins where an unbroken stretch of signal
begins, each next one where the one before ends, and none reaches over a gap. So what is judged does
not depend on how the signal was cut into packets, nor on restarts. A hole of less than a second
(`detector.engine.reassembly`) does not end a stretch; its samples have no value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from detector.engine.reassembly import Chunk, Form
from ecg_monitor.core.types import Int16Array
from ecg_monitor.ward.signal.diagnosis import Ended
from models.diagnosis.leads import LIMB, STANDARD, FloatArray, standard_lead

WINDOW_S = 10.0
"""A resting ECG, and what the networks were trained on."""
SETTLE_S = 2.0
"""A beat is labelled so long after its R peak at the latest, s: a window is judged once the
analysis has gone so far beyond it."""
MOST_DUE = 6
"""Windows of a bed whose samples are kept until they are judged: after an outage the newest minute.
What is older is passed over, and says so."""


@cache
def is_twelve(leads: tuple[str, ...]) -> bool:
    """Return whether leads are enough to have all twelve: two limb leads, and V1 to V6.

    >>> is_twelve(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")), is_twelve(("MLII", "V1"))
    (True, False)
    """
    found = {known[0] for name in leads if (known := standard_lead(name))}
    return len(found & set(STANDARD[:LIMB])) >= 2 and found >= set(STANDARD[LIMB:])


@dataclass(slots=True)
class Piece:
    """Samples of one form that follow upon one another.

    Attributes:
        n0: index of the first sample.
        n1: one past the last.
        leads: names of the rows.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
        leadoff: bit ``i`` set: lead ``i`` is detached.
        blocks: the samples, one block after another, int16, shape (leads, n) each.
    """

    n0: int
    n1: int
    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]
    leadoff: int
    blocks: list[Int16Array] = field(default_factory=list)

    def goes_on(self, chunk: Chunk, form: Form) -> bool:
        """Return whether a chunk belongs behind its last sample."""
        return (
            self.n1 == chunk.n0
            and self.leadoff == chunk.leadoff
            and self.leads == form.leads
            and self.gain == form.gain
            and self.baseline == form.baseline
        )

    def millivolts(self) -> FloatArray:
        """Return its samples in mV, NaN where a lead is detached, shape (leads, n)."""
        samples = np.concatenate(self.blocks, axis=1).astype(np.float64)
        values: FloatArray = (samples - np.array(self.baseline)[:, None]) / np.array(self.gain)[
            :, None
        ]
        for row in range(len(self.leads)):
            if (self.leadoff >> row) & 1:
                values[row] = np.nan
        return values


@dataclass(slots=True)
class Window:
    """Ten seconds of a bed, or the end of what was followed so far.

    Attributes:
        number: of the window at this device.
        boot: power-up.
        stay: of the patient; empty: nobody was admitted.
        n: index of the first sample.
        end_n: one past the last.
        fs: sampling rate, Hz.
        pieces: its samples.
        beats: R peaks of its normal beats, sample indices, ascending; filled in when it is due.
        ended: why nothing that was found before can go on; None: it is ten seconds of signal.
    """

    number: int
    boot: str
    stay: str
    n: int
    end_n: int
    fs: float
    pieces: list[Piece] = field(default_factory=list)
    beats: list[int] = field(default_factory=list)
    ended: Ended | None = None

    def rows(self) -> tuple[tuple[str, ...], FloatArray]:
        """Return the names of its leads, and mV, NaN without a value, shape (leads, samples)."""
        names = tuple(dict.fromkeys(name for piece in self.pieces for name in piece.leads))
        rows = np.full((len(names), self.end_n - self.n), np.nan)
        for piece in self.pieces:
            at = [names.index(name) for name in piece.leads]
            rows[at, piece.n0 - self.n : piece.n1 - self.n] = piece.millivolts()
        return names, rows


@dataclass(slots=True)
class Cutter:
    """Cuts the signal of one bed into windows.

    Attributes:
        stay: stay that the signal belongs to.
        boot: power-up that is followed; empty: none yet.
        fs: its sampling rate, Hz.
        number: of the next window.
        start: index of the first sample of the running window; None: none runs.
        twelve: whether this power-up has ever had twelve leads: it then goes on with fewer.
        reached: index one past the newest sample.
        pieces: samples of the running window.
        beats: R peaks of normal beats that may lie in a window to come: power-up, sample index.
        waiting: windows whose last beats are not known yet.
        due: windows that can be judged, oldest first.
    """

    stay: str
    boot: str = ""
    fs: float = 0.0
    number: int = 0
    start: int | None = None
    twelve: bool = False
    reached: int = 0
    pieces: list[Piece] = field(default_factory=list)
    beats: list[tuple[str, int]] = field(default_factory=list)
    waiting: list[Window] = field(default_factory=list)
    due: list[Window] = field(default_factory=list)

    def take(self, boot: str, fs: float, chunk: Chunk, form: Form) -> None:
        """Take samples in order."""
        if (boot, fs) != (self.boot, self.fs):
            self._end("source")
            self.boot, self.fs, self.start, self.twelve = boot, fs, None, False
        self.twelve = self.twelve or is_twelve(form.leads)
        if chunk.after_gap or self.start is None:
            self.pieces, self.start = [], chunk.n0 if self.twelve else None
            if not self.waiting:
                self.beats = []  # none of them lies in a window to come
        self.reached = chunk.n1
        if self.start is None:
            return
        length = round(WINDOW_S * fs)
        n0 = chunk.n0
        while n0 < chunk.n1:
            end = self.start + length
            if n0 < end:
                part = chunk if n0 == chunk.n0 and chunk.n1 <= end else chunk.part(
                    n0, min(chunk.n1, end)
                )  # fmt: skip
                self._add(part, form)
                n0 = part.n1
            if n0 >= end:
                self._close(self.start, end)

    def leave(self, stay: str) -> None:
        """Go on with the signal of another patient: what has come before is not theirs.

        What waits is judged by the beats that are known: nothing of the former patient may stand
        there until the signal goes on.
        """
        self._end("stay")
        self._release(len(self.waiting))
        self.stay, self.start, self.pieces = stay, None, []

    def beat(self, boot: str, n: int) -> None:
        """Take the R peak of a normal beat."""
        if self.twelve or self.waiting:
            self.beats.append((boot, n))

    def reach(self, boot: str, fs: float, n: int) -> None:
        """Take note that the analysis has gone as far as sample ``n`` of a source."""
        source = boot, fs
        places = [i for i, one in enumerate(self.waiting) if (one.boot, one.fs) == source]
        # What waits from sources before this one has no more beats to come.
        count = places[0] if places else len(self.waiting) * (source == (self.boot, self.fs))
        for i in places:
            one = self.waiting[i]
            if i > count or (one.ended is None and n < one.end_n + SETTLE_S * fs):
                break
            count = i + 1
        self._release(count)
        oldest = self.waiting[0].n if self.waiting else self.start
        if count and oldest is not None:
            self.beats = [(b, at) for b, at in self.beats if b != boot or at >= oldest]

    def _release(self, count: int) -> None:
        """Let so many windows be judged, by the beats that are known."""
        for window in self.waiting[:count]:
            window.beats = [
                at for known, at in self.beats
                if known == window.boot and window.n <= at < window.end_n
            ]  # fmt: skip
            self.due.append(window)
        self.waiting = self.waiting[count:]
        for window in self.due[:-MOST_DUE]:
            window.pieces = []

    def _add(self, part: Chunk, form: Form) -> None:
        if not (self.pieces and self.pieces[-1].goes_on(part, form)):
            shape = (form.leads, form.gain, form.baseline)
            self.pieces.append(Piece(part.n0, part.n0, *shape, part.leadoff))
        self.pieces[-1].blocks.append(part.samples)
        self.pieces[-1].n1 = part.n1

    def _close(self, start: int, end: int) -> None:
        self.waiting.append(self._window(start, end, self.pieces))
        self.pieces, self.start = [], end

    def _end(self, why: Ended) -> None:
        """End what was found, if anything was ever looked at."""
        if self.number > 0:
            window = self._window(self.reached, self.reached, [])
            window.ended = why
            self.waiting.append(window)

    def _window(self, n: int, end_n: int, pieces: Sequence[Piece]) -> Window:
        self.number += 1
        return Window(self.number - 1, self.boot, self.stay, n, end_n, self.fs, list(pieces))
