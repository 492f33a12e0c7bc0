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
from ecg_monitor.core.compiled import lent, njit

Samples = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

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
NOWHERE, UNJUDGED = -1, -2
"""Instead of a place: no lead shows a complex; none can be judged."""
_ROUNDING = 1e-9
"""More than the error of differences of running sums, as a part of the last of them."""


@njit
def measure(row: Samples | FloatArray, peak: int) -> tuple[float, float]:
    """Return the steepness and the height (mV) of the complex around a sample of a lead.

    Args:
        row: mV at 250 Hz, `REACH` + `SMOOTH` samples at least on either side of ``peak``.
        peak: where its R peak is.

    Returns:
        root of the energy of the derivative, and trough to peak.
    """
    return _measure(_smoothed(row[peak - REACH - 1 : peak + REACH + SMOOTH]), REACH + 1)


@njit
def _smoothed(row: Samples | FloatArray) -> FloatArray:
    """Return the mean of each `SMOOTH` samples in a row."""
    out = np.empty(row.size - SMOOTH + 1)
    for i in range(out.size):
        value = 0.0
        for j in range(SMOOTH):
            value += float(row[i + j]) / SMOOTH
        out[i] = value
    return out


@njit
def _measure(smooth: FloatArray, peak: int) -> tuple[float, float]:
    """Return steepness and height as of `measure`, of a lead as of `_smoothed`."""
    energy = 0.0
    before = low = high = smooth[peak - REACH - 1]
    for i in range(peak - REACH, peak + REACH + 1):
        value = smooth[i]
        energy += (value - before) ** 2
        low, high, before = min(low, value), max(high, value), value
    return math.sqrt(energy), high - low


@njit
def latest(row: Samples | FloatArray, steep: float, high: float) -> int:
    """Return the middle of the last complex of a lead that is so steep or so high, or `NOWHERE`."""
    smooth = _smoothed(row)
    energies = np.zeros(smooth.size)
    for i in range(1, smooth.size):
        energies[i] = energies[i - 1] + (smooth[i] - smooth[i - 1]) ** 2
    error = _ROUNDING * energies[-1]
    steps = 2 * REACH + 1
    for peak in range(row.size - REACH - SMOOTH - 1, REACH, -1):
        # No step is higher than the root of so many energies: most places are out by far.
        energy = energies[peak + REACH] - energies[peak - REACH - 1] + error
        if energy < steep * steep and steps * energy < high * high:
            continue
        steepness, height = _measure(smooth, peak)
        if steepness >= steep or height >= high:
            return peak
    return NOWHERE


@njit
def _latest(window: Samples, usual: FloatArray, beats: IntArray) -> int:
    """Return where the last complex of the newest second is, or `NOWHERE`, or `UNJUDGED`.

    Args:
        window: mV at 250 Hz, shape (n_leads, n).
        usual: steepness and height of each lead, shape (m, 2).
        beats: how many beats each lead has taught, shape (m,).
    """
    window = lent(window)
    first = max(0, window.shape[1] - (RATE + 2 * REACH + SMOOTH + 1))
    found = UNJUDGED
    for i in range(min(window.shape[0], beats.size)):
        row = window[i, first:]
        if beats[i] >= LEARNT and row.any():
            place = latest(row, STEEP * usual[i, 0], HIGH * usual[i, 1])
            found = max(found, place if place == NOWHERE else first + place)
    return found


@njit
def _holds_cycle(window: Samples, peak: int) -> bool:
    """Tell whether a window holds the whole cycle around an R peak."""
    first, last = peak - shrunk.BEFORE - shrunk.MARGIN, peak + shrunk.AFTER + shrunk.MARGIN
    return first >= 0 and last <= window.shape[1]


@njit
def _vouches(window: Samples, peak: int, cycles: FloatArray, cycle_beats: IntArray) -> bool:
    """Tell whether a beat is no P wave, however small against those before it."""
    window, cycles = lent(window), lent(cycles)
    for i in range(window.shape[0]):
        if measure(window[i], peak)[1] >= TALL_MV:
            return True
        if cycle_beats[i] < LEARNT or not _holds_cycle(window, peak):
            continue
        if shrunk.is_whole(shrunk.cycle_at(window[i], peak), cycles[i]):
            return True
    return False


@njit
def _learn(
    window: Samples,
    peak: int,
    familiar: bool,
    sizes: FloatArray,
    beats: IntArray,
    usual: FloatArray,
    cycles: FloatArray,
    cycle_beats: IntArray,
) -> bool:
    """Learn from a beat; return whether it is a complex.

    Args:
        window: mV at 250 Hz, shape (n_leads, n).
        peak: R peak of the beat in it.
        familiar: some lead knows its shape.
        sizes: as of `Standstill`, changed in place, as are the others.
        beats: likewise.
        usual: likewise.
        cycles: likewise.
        cycle_beats: likewise.
    """
    window, sizes, cycles = lent(window), lent(sizes), lent(cycles)
    seen = _vouches(window, peak, cycles, cycle_beats)
    for i in range(window.shape[0]):
        steepness, height = measure(window[i], peak)
        if height <= FLAT_MV:
            continue
        seen = seen or (familiar and steepness >= SHRUNK * usual[i, 0])
        place = beats[i] % KEPT
        sizes[i, 0, place], sizes[i, 1, place] = steepness, height
        beats[i] += 1
        for k in range(2):
            usual[i, k] = _usually(sizes[i, k], beats[i])
        if _holds_cycle(window, peak):
            shrunk.follow(shrunk.cycle_at(window[i], peak), cycles[i], cycle_beats[i])
            cycle_beats[i] = min(LEARNT, cycle_beats[i] + 1)
    return seen


@njit
def _usually(sizes: FloatArray, beats: int) -> float:
    """Return what is usual of so many beats, of which the last `KEPT` are there."""
    known = min(beats, KEPT)
    return np.sort(sizes[:known])[int(USUAL * known)] if known else 0.0


@dataclass(slots=True)
class Standstill:
    """How large each lead's complexes are, and when the last one came.

    Attributes:
        sizes: of the last beats, by lead: root of the energy of the derivative, and trough to peak,
            mV, each in a ring, shape (n_leads, 2, KEPT).
        beats: how many beats each lead has learnt, shape (n_leads,).
        usual: steepness and height that are usual, by lead, shape (n_leads, 2).
        cycles: mean cycle of each lead (`shrunk.follow`), mV, shape (n_leads, shrunk.POINTS).
        cycle_beats: how many beats it was made of, by lead, up to `LEARNT`, shape (n_leads,).
        last_n: sample index of the last second's end up to which complexes have come.
        onset_n: R peak of the last complex, while beats are denied; None: they are not.
    """

    sizes: FloatArray = field(default_factory=lambda: np.zeros((0, 2, KEPT)))
    beats: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    usual: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    cycles: FloatArray = field(default_factory=lambda: np.zeros((0, shrunk.POINTS)))
    cycle_beats: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
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
        if len(self.beats) != len(window):
            self._begin(len(window))
        learnt = self.sizes, self.beats, self.usual, self.cycles, self.cycle_beats
        if _learn(window, peak, familiar, *learnt):
            self.last_n = max(n, self.last_n or 0)

    def reconsider(self, n: int, window: Samples, peak: int) -> bool:
        """Look at a beat that is denied, now that its whole cycle is there; arguments as above.

        Returns:
            whether it is a complex: then no beat is denied any longer.
        """
        inside = REACH < peak < window.shape[1] - REACH - SMOOTH
        if len(self.beats) != len(window) or not inside:
            return False
        if not _vouches(window, peak, self.cycles, self.cycle_beats):
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
        middle = UNJUDGED if fibrillates else _latest(window, self.usual, self.beats)
        if middle != NOWHERE:
            back = 0 if middle == UNJUDGED else window.shape[1] - middle
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
        self._begin(0)
        self.last_n = self.onset_n = None

    def _begin(self, n_leads: int) -> None:
        self.sizes, self.beats = np.zeros((n_leads, 2, KEPT)), np.zeros(n_leads, np.int64)
        self.usual = np.zeros((n_leads, 2))
        self.cycles = np.zeros((n_leads, shrunk.POINTS))
        self.cycle_beats = np.zeros(n_leads, np.int64)


def warm() -> None:
    """Compile what is compiled."""
    known, window = Standstill(), np.zeros((1, 2 * RATE), np.float32)
    known.on_beat(0, window, RATE, familiar=False)
    known.reconsider(0, window, RATE)
    known.on_second(0, window, [], RATE, 1.0)
