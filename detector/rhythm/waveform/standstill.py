"""Ventricular standstill: P waves go on, no QRS complex follows, and the P waves are not beats.

A QRS detector that has lost its complexes lowers its threshold until it finds something, and what
it finds is the P wave. So each lead remembers how steep and how high its complexes usually are:
what is a fraction of that, on every lead that can be used, is no complex. When nothing else has
come for nearly as long as makes an asystole, the beats found since the last complex are denied.
Three kinds of beats are complexes all the same: those that have kept their shape and lost their
height (an electrode dries out), down to a seventh; those whose whole cycle has shrunk alike
(`detector.rhythm.waveform.shrunk`), however far; and those that are higher than any P wave.

P waves have up to 0.3 mV and 120 ms (Surawicz et al., AHA/ACCF/HRS recommendations, Circulation
119:e235-e240, 2009), hence a slope of a tenth of a QRS complex's.

Limitations: a lead whose P wave is higher than two fifths of its QRS complex shows nothing here. A
heart that stands still before its complexes were learnt does not either. Complexes below 0.4 mV
that become another shape, as wide as P waves, within one beat are taken for P waves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.waveform import shrunk
from ecg_monitor.core.checkpoint.fields import Derived
from ecg_monitor.core.compiled import njit

Samples = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]

RATE = 250
REACH = 31
"""Samples on either side of an R peak that belong to its complex (124 ms)."""
STEEP, HIGH = 0.25, 0.4
"""Parts of the usual slope and height of which a QRS complex has at least one."""
SHRUNK = 0.15
"""Part of the usual slope of which a complex of a familiar shape has at least so much."""
TALL_MV = 0.4
"""Height of a beat that is no P wave: those have up to 0.3 mV, and noise adds to it."""
USUAL = 0.25
"""Quantile of the last beats that is usual: where ectopic beats are the larger ones, not theirs."""
KEPT, LEARNT = 41, 16
"""Beats that are remembered, and that must be before anything is judged. P waves that are counted
until they are denied are too few to become usual."""
EARLIER_S = 1.0
"""Beats are denied so long before an asystole would be told."""
SMOOTH = 4
"""Samples that are averaged, so that noise has no slope."""
FLAT_MV = 0.01
"""A beat that is no higher on a lead teaches it nothing."""


@njit
def measure(row: FloatArray, peak: int) -> tuple[float, float]:
    """Return the steepness and the height (mV) of the complex around a sample of a lead.

    Args:
        row: mV at 250 Hz, `REACH` + `SMOOTH` samples at least on either side of ``peak``.
        peak: where its R peak is.

    Returns:
        root of the energy of the derivative, and trough to peak.
    """
    energy = 0.0
    before = low = high = 0.0
    for i in range(peak - REACH - 1, peak + REACH + 1):
        value = 0.0
        for j in range(SMOOTH):
            value += row[i + j] / SMOOTH
        if i < peak - REACH:
            before = low = high = value
        energy += (value - before) ** 2
        low, high, before = min(low, value), max(high, value), value
    return math.sqrt(energy), high - low


@njit
def latest(row: FloatArray, steep: float, high: float) -> int:
    """Return the middle of the last complex of a lead that is so steep or so high; -1: none."""
    for peak in range(row.size - REACH - SMOOTH - 1, REACH, -1):
        steepness, height = measure(row, peak)
        if steepness >= steep or height >= high:
            return peak
    return -1


@dataclass(slots=True)
class Standstill:
    """How large each lead's complexes are, and when the last one came.

    Attributes:
        steepness: of the last beats, by lead: root of the energy of the derivative, oldest first.
        heights: of the same, trough to peak, mV.
        usual: steepness and height that are usual, by lead.
        cycles: mean cycle of each lead (`shrunk.follow`), mV, shape (n_leads, shrunk.POINTS).
        cycle_beats: how many beats it was made of, by lead, up to `LEARNT`.
        last_n: sample index of the last second's end up to which complexes have come.
        onset_n: R peak of the last complex, while beats are denied; None: they are not.
    """

    steepness: list[list[float]] = field(default_factory=list)
    heights: list[list[float]] = field(default_factory=list)
    usual: Derived[list[tuple[float, float]]] = field(default_factory=list)
    cycles: FloatArray = field(default_factory=lambda: np.zeros((0, shrunk.POINTS)))
    cycle_beats: list[int] = field(default_factory=list)
    last_n: int | None = None
    onset_n: int | None = None

    def on_beat(self, n: int, window: Samples, peak: int, *, familiar: bool) -> None:
        """Learn from a labelled beat.

        Args:
            n: sample index of its R peak.
            window: mV at 250 Hz without baseline wander, useless leads 0, shape (n_leads, m).
            peak: where its R peak is in it.
            familiar: some lead knows its shape (`detector.rhythm.witness.likeness`).
        """
        inside = REACH < peak < window.shape[1] - REACH - SMOOTH
        if self.onset_n is not None or not inside:
            return
        if len(self.steepness) != len(window):
            self.steepness, self.heights = [[] for _ in window], [[] for _ in window]
            self.usual = [(0.0, 0.0) for _ in window]
            self.cycles = np.zeros((len(window), shrunk.POINTS))
            self.cycle_beats = [0 for _ in window]
        if self._vouches(window, peak):
            self.last_n = max(n, self.last_n or 0)
        for lead, row in enumerate(window):
            steepness, height = _measured(row, peak)
            if height <= FLAT_MV:
                continue
            if familiar and steepness >= SHRUNK * self.usual[lead][0]:
                self.last_n = max(n, self.last_n or 0)
            self.steepness[lead].append(steepness)
            self.heights[lead].append(height)
            del self.steepness[lead][:-KEPT], self.heights[lead][:-KEPT]
            self.usual[lead] = self._usually(lead)
            cycle = _cycle(row, peak)
            if cycle is not None:
                shrunk.follow(cycle, self.cycles[lead], self.cycle_beats[lead])
                self.cycle_beats[lead] = min(LEARNT, self.cycle_beats[lead] + 1)

    def reconsider(self, n: int, window: Samples, peak: int) -> bool:
        """Look at a beat that is denied, now that its whole cycle is there; arguments as above.

        Returns:
            whether it is a complex: then no beat is denied any longer.
        """
        inside = REACH < peak < window.shape[1] - REACH - SMOOTH
        if len(self.cycles) != len(window) or not inside or not self._vouches(window, peak):
            return False
        self.last_n = max(n, self.last_n or 0)
        self.onset_n = None
        return True

    def on_second(
        self,
        n: int,
        window: Samples,
        peaks: Sequence[int],
        fs: float,
        asystole_s: float,
        *,
        fibrillates: bool = False,
    ) -> bool:
        """Look for complexes in the newest second.

        Args:
            n: sample index one past it.
            window: as above, up to ``n``.
            peaks: R peaks found, oldest first.
            fs: sampling rate of the device, Hz.
            asystole_s: the patient's limit.
            fibrillates: the waveform may be fibrillation, which has a rule of its own.

        Returns:
            whether beats are denied from now on that were not a second ago.
        """
        newest = window[:, -(RATE + 2 * REACH + SMOOTH + 1) :].astype(np.float64)
        middle = None if fibrillates else self._latest(newest)
        if middle is None or middle >= 0:
            back = 0 if middle is None else newest.shape[1] - middle
            self.last_n = max(n - round(back * fs / RATE), self.last_n or 0)
            self.onset_n = None
            return False
        if self.last_n is None or self.onset_n is not None or not peaks:
            return False
        onset = max((peak for peak in peaks if peak <= self.last_n), default=peaks[0])
        if n - onset < (asystole_s - EARLIER_S) * fs:
            return False
        self.onset_n = onset
        return True

    def silent_s(self, n: int, found: float, fs: float) -> float:
        """Return the seconds without a complex: those since the last beat found, or more."""
        return found if self.onset_n is None else max(found, (n - self.onset_n) / fs)

    def denies(self, n: int) -> bool:
        """Tell whether an R peak found at sample index ``n`` is none."""
        return self.onset_n is not None and n > self.onset_n

    def forget(self) -> None:
        """A stretch ends; another may come from other electrodes."""
        self.steepness, self.heights, self.usual = [], [], []
        self.cycles, self.cycle_beats = np.zeros((0, shrunk.POINTS)), []
        self.last_n = self.onset_n = None

    def after_restore(self) -> None:
        """Work out what is usual of the beats that were restored."""
        self.usual = [self._usually(lead) for lead in range(len(self.heights))]

    def _usually(self, lead: int) -> tuple[float, float]:
        steepness, heights = sorted(self.steepness[lead]), sorted(self.heights[lead])
        place = int(USUAL * len(heights))
        return (steepness[place], heights[place]) if heights else (0.0, 0.0)

    def _vouches(self, window: Samples, peak: int) -> bool:
        """Tell whether a beat is no P wave, however small against those before it."""
        for lead, row in enumerate(window):
            if _measured(row, peak)[1] >= TALL_MV:
                return True
            if self.cycle_beats[lead] < LEARNT:
                continue
            cycle = _cycle(row, peak)
            if cycle is not None and shrunk.is_whole(cycle, self.cycles[lead]):
                return True
        return False

    def _latest(self, window: FloatArray) -> int | None:
        """Return where the last complex of any lead is, -1: nowhere; None: no lead is judged."""
        found = [
            latest(row, STEEP * steepness, HIGH * height)
            for row, heights, (steepness, height) in zip(
                window, self.heights, self.usual, strict=False
            )
            if len(heights) >= LEARNT and row.any()
        ]
        return max(found, default=None)


def _measured(row: Samples, peak: int) -> tuple[float, float]:
    """Return steepness and height of the complex around a sample of a lead, as of `measure`."""
    part = row[peak - REACH - 1 : peak + REACH + SMOOTH].astype(np.float64)
    return measure(part, REACH + 1)


def _cycle(row: Samples, peak: int) -> FloatArray | None:
    """Return the cycle around a sample of a lead; None where the window does not hold it."""
    first, last = (
        peak - shrunk.BEFORE - shrunk.MARGIN,
        peak + shrunk.AFTER + shrunk.MARGIN,
    )
    if first < 0 or last > row.size:
        return None
    return shrunk.cycle_at(row[first:last].astype(np.float64), peak - first)


def warm() -> None:
    """Compile what is compiled."""
    shrunk.warm()
    latest(np.zeros(RATE), 1.0, 1.0)
