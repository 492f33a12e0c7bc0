"""Third-degree AV block: P waves march at a rate of their own past a slow, regular rhythm.

In complete block atria and ventricles beat independently, the atria faster (Kusumoto et al.,
ACC/AHA/HRS guideline on bradycardia, Circulation 140:e382-e482, 2019,
doi:10.1161/CIR.0000000000000628). From the last 14 s the average QRST complex is taken off, and
with it all that keeps its distance to the R peak: conducted P waves, those of 2:1 block, retrograde
ones, U waves. If what is left resembles itself (autocorrelation) one interval of 0.45 .. 1.2 s
later, all through the RR interval, and that interval is shorter than the RR interval and stays the
same, P waves march through.

It is told on strong evidence only: beats slower than 60 bpm, regular, in 39 s.

Limitations: atria that beat just twice as fast as the ventricles hardly move against them in 14 s,
and are not told. Nor is block in a patient whose pacemaker beats at 60 bpm or more, or with atrial
fibrillation. Small P waves drown in noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import numpy.typing as npt

from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from detector.rhythm.waveform.flutter import KEPT_S, RATE
from ecg_monitor.core.compiled import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Samples = npt.NDArray[np.float32]

EVERY_S = 5
SLOWEST_RR_S, SHORTEST_RR_S = 3.0, 1.02
BEATS = 6
"""RR intervals between 59 and 20 bpm that a measurement needs at least."""
REGULAR = 0.1
"""None of these RR intervals is further from their median than this part."""
QRS_BEFORE, QRS_AFTER = 4, 6
"""Samples before and after an R peak (80, 120 ms) that are left out: a QRS complex that changes
with breathing is larger than any P wave."""
FLAT = 10
"""What is slower than 21 samples (0.4 s) is no P wave."""
SHORT, FASTEST, SLOWEST = 8, 22, 60
"""Intervals in samples: from 0.16 s on waves follow one another in flutter; P waves may from 0.44
to 1.2 s, 136 to 50 per minute."""
SHORTER = 0.85
"""A PP interval is at most this part of the RR interval."""
ALIKE, SURELY = 0.25, 0.36
"""Autocorrelation from which it may be one, and from which the middle one of `MEASURED` is."""
PHASES, SPREAD = 12, 5.5
"""Of so many parts of the RR interval, so many at least show it, in effect (the inverse sum of
their squared shares). T waves and conducted P waves that vary resemble one another too, but in two
to four parts; P waves that march through in six to nine."""
OTHERWISE = 0.6
"""Shorter lags reach at most this part of it, else it is flutter."""
MEASURED = 6
SAME = 0.08
"""So many measurements in a row (`MEASURED`, 39 s) agree on the PP interval to this part."""
MISSED = 2
"""The dissociation is over when so many measurements in a row do not agree."""


@njit
def _without_beats(signal: FloatArray, peaks: IntArray, out: FloatArray, seen: FloatArray) -> None:
    """Take the average beat off one lead, and what is slow.

    Args:
        signal: mV at 50 Hz, shape (n,).
        peaks: R peaks in it, at least three.
        out: what is left, 0 outside the first and the last R peak, shape (n,).
        seen: 1 where something is left, shape (n,).
    """
    longest = 0
    for b in range(peaks.size - 1):
        longest = max(longest, peaks[b + 1] - peaks[b])
    total = np.zeros(longest)
    count = np.zeros(longest)
    for b in range(peaks.size - 1):
        for j in range(peaks[b + 1] - peaks[b]):
            total[j] += signal[peaks[b] + j]
            count[j] += 1
    rest = np.zeros(signal.size)
    for b in range(peaks.size - 1):
        for j in range(peaks[b + 1] - peaks[b]):
            rest[peaks[b] + j] = signal[peaks[b] + j] - total[j] / count[j]
    first, end = peaks[0] + QRS_AFTER, peaks[-1] - QRS_BEFORE
    seen[:] = 0.0
    seen[first:end] = 1.0
    for b in range(1, peaks.size - 1):
        seen[peaks[b] - QRS_BEFORE : peaks[b] + QRS_AFTER] = 0.0
    out[:] = 0.0
    for i in range(first, end):
        if seen[i] == 0.0:
            continue
        level = 0.0
        near = 0.0
        m = 0.0
        k = 0.0
        for j in range(max(first, i - FLAT), min(end, i + FLAT + 1)):
            level += seen[j] * rest[j]
            m += seen[j]
            if abs(j - i) <= 1:
                near += seen[j] * rest[j]
                k += seen[j]
        out[i] = near / k - level / m


@njit
def _alike(x: FloatArray, seen: FloatArray, lag: int) -> float:
    both = 0.0
    early = 1e-9
    late = 1e-9
    for i in range(x.size - lag):
        if seen[i] > 0.0 and seen[i + lag] > 0.0:
            both += x[i] * x[i + lag]
            early += x[i] * x[i]
            late += x[i + lag] * x[i + lag]
    return both / math.sqrt(early * late)


@njit
def _spread(x: FloatArray, seen: FloatArray, lag: int, peaks: IntArray) -> float:
    """Return in how many of `PHASES` parts of the RR interval ``x`` is like itself, in effect."""
    shares = np.zeros(PHASES)
    for b in range(peaks.size - 1):
        rr = peaks[b + 1] - peaks[b]
        for j in range(rr):
            i = peaks[b] + j
            if i + lag < x.size and seen[i] > 0.0 and seen[i + lag] > 0.0:
                shares[j * PHASES // rr] += x[i] * x[i + lag]
    shares = np.maximum(shares, 0.0)
    return float(shares.sum() ** 2 / ((shares * shares).sum() + 1e-18))


@njit
def marching(leads: FloatArray, peaks: IntArray, longest: int) -> tuple[float, float]:
    """Look for waves that march past the beats.

    Args:
        leads: mV at 50 Hz, shape (n_leads, n).
        peaks: R peaks in them, at least three.
        longest: greatest interval that is looked at, samples.

    Returns:
        autocorrelation at their interval on the lead that shows most, and that interval in samples;
        both 0 if there are none.
    """
    best = 0.0
    where = 0.0
    rest = np.empty(leads.shape[1])
    seen = np.empty(leads.shape[1])
    for i in range(leads.shape[0]):
        _without_beats(leads[i], peaks, rest, seen)
        short = 0.0
        for lag in range(SHORT, FASTEST - 2):
            short = max(short, _alike(rest, seen, lag))
        before = _alike(rest, seen, FASTEST - 1)
        here = _alike(rest, seen, FASTEST)
        for lag in range(FASTEST, longest + 1):
            after = _alike(rest, seen, lag + 1)
            peak = here >= before and here > after
            stands_out = here >= ALIKE and here > best and short <= OTHERWISE * here
            if peak and stands_out and _spread(rest, seen, lag, peaks) >= SPREAD:
                best = here
                where = lag + 0.5 * (before - after) / (before - 2 * here + after)
            before = here
            here = after
    return best, where


@dataclass(slots=True)
class DissociationRules(Rule):
    """Onset and end of third-degree AV block on one device.

    Attributes:
        wait_s: seconds until the next measurement is due.
        found: autocorrelations, and PP intervals in samples of 50 Hz, newest last.
        missed: measurements since the last of these.
        since: sample index at which the first of them began.
        onset: where the block began, None while there is none.
    """

    wait_s: int = 0
    found: list[tuple[float, float]] = field(default_factory=list)
    missed: int = 0
    since: int = 0
    onset: int | None = None

    def on_second(self, moment: Moment) -> None:
        """Look for waves that march past the beats of the last seconds, when it is time to."""
        if self.wait_s > 1:
            self.wait_s -= 1
            return
        self.wait_s = EVERY_S
        window, usable = moment.watch.flutter.window, moment.watch.flutter.usable
        beats, n, out = moment.peaks, moment.n, moment.out
        judged = [i for i, seconds in enumerate(usable) if seconds == KEPT_S]
        peaks = _peaks(beats, n)
        alike, interval = 0.0, 0.0
        if judged and len(peaks) > BEATS and _slow_and_regular(peaks):
            rr = float(np.median(np.diff(peaks)))
            longest = min(SLOWEST, int(SHORTER * rr))
            alike, interval = marching(window[judged].astype(np.float64), peaks, longest)
        if alike and not (self.found and abs(interval / self._interval() - 1) > SAME):
            if not self.found:
                self.since = n - round(KEPT_S * out.fs)
            self.found = [*self.found, (alike, interval)][-MEASURED:]
            self.missed = 0
        else:
            self.missed += 1
            if self.missed == MISSED:
                self._over(n, out)
        enough = len(self.found) == MEASURED and not self.missed
        if enough and median(found for found, _ in self.found) >= SURELY:
            self.onset = self.since if self.onset is None else self.onset
            ventricles = 60.0 * RATE / float(np.median(np.diff(peaks)))
            atria = 60.0 * RATE / self._interval()
            out.begin("av_block_3", self.onset, n, atria, ventricles)

    def forget(self, moment: Moment) -> None:
        """End the block."""
        self._over(moment.n, moment.out)
        self.wait_s = 0

    def _interval(self) -> float:
        return median(interval for _, interval in self.found)

    def _over(self, n: int, out: Conditions) -> None:
        if self.onset is not None:
            out.episode("av_block_3", self.onset, n)
            out.linger("av_block_3", n)
            self.onset = None
        self.found = []
        self.missed = 0


def _peaks(beats: Beats, end_n: int) -> IntArray:
    """Return the R peaks in the window, in its samples."""
    size = KEPT_S * RATE
    at = [size + round((n - end_n) * RATE / beats.fs) for n in beats.n]
    return np.array([k for k in at if QRS_BEFORE <= k < size - QRS_AFTER], np.int64)


def _slow_and_regular(peaks: IntArray) -> bool:
    if (peaks[-1] - peaks[0]) / RATE < (1.0 - REGULAR) * SHORTEST_RR_S * (peaks.size - 1):
        return False  # regular intervals that are long enough take longer
    rr = np.diff(peaks) / RATE
    middle = float(np.median(rr))
    if not SHORTEST_RR_S < middle < SLOWEST_RR_S:
        return False
    return bool((abs(rr - middle) <= REGULAR * middle).all())
