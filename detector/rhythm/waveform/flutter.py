"""Whether one wave comes again and again between the QRST complexes: atrial flutter.

Flutter is one wave front on one path, so that its waves come like a clock; those of fibrillation
fall out of step within a few cycles. The spectrum of flutter therefore has one narrow peak, as
Hoppe et al. show (J Am Coll Cardiol 46:2079-2087, 2005). Here no QRST complex is subtracted: what
lies between T wave and next QRS complex, in ten seconds, is fitted by one wave and its first
harmonic (least squares at each rate, after Lomb, Astrophys Space Sci 39:447-462, 1976). The part of
the power that the best rate explains is near 1 if the waves kept step for all of the ten seconds,
about 0.2 in fibrillation.

P waves keep step too when the rhythm is regular: this tells flutter from fibrillation only, in a
rhythm that is as irregular as either.

Limitations: at fixed 2:1 conduction too little lies between the complexes. Coarse fibrillation that
is called flutter is not regular by this measure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.beats import HIDDEN, Beats
from detector.rhythm.waveform.fibrillation import lengthened
from ecg_monitor.core.compiled import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Samples = npt.NDArray[np.float32]

RATE = 50
"""Samples per second that are kept: every five of 250 Hz, averaged."""
TAKEN = 5
WINDOW_S = 10
KEPT_S = 14
"""Beats are labelled late: the ten seconds end with the last one labelled."""
EVERY_S = 5
SLOWEST_HZ, FASTEST_HZ, STEP_HZ = 3.5, 6.0, 0.05
"""210 .. 360 waves a minute: 240 .. 340 typically, fewer under drugs (Saoudi et al., Eur Heart J
22:1162-1182, 2001). Steps are half of what ten seconds resolve."""
T_ENDS_S, T_PART, T_LEAST_S = 0.36, 0.6, 0.05
"""A T wave ends so long after its R peak, or after this part of the RR interval and a little."""
QRS_S = 0.07
"""A QRS complex begins so long before its R peak."""
SHORTEST = 8
"""Samples (160 ms) that a segment must have at least."""
LEAST = 100
"""And all of them together (2 s): fewer show nothing."""


@njit
def _straighten(values: FloatArray) -> None:
    """Take mean and slope off a segment, in place."""
    n = values.size
    middle = (n - 1) / 2
    level = values.mean()
    slope = 0.0
    power = 0.0
    for i in range(n):
        slope += (i - middle) * values[i]
        power += (i - middle) * (i - middle)
    slope /= power
    for i in range(n):
        values[i] -= level + slope * (i - middle)


@njit
def explained(leads: FloatArray, segments: IntArray) -> FloatArray:
    """Return the part of each lead's power that one regular wave explains, at its best rate.

    Args:
        leads: signal at 50 Hz, mV, shape (n_leads, n).
        segments: first sample and one past the last of each segment, shape (n_segments, 2).

    Returns:
        shape (n_leads,), 0 .. 1.
    """
    total = 0
    for first, end in segments:
        total += end - first
    shown = np.empty((leads.shape[0], total))
    for i in range(leads.shape[0]):
        at = 0
        for first, end in segments:
            shown[i, at : at + end - first] = leads[i, first:end]
            _straighten(shown[i, at : at + end - first])
            at += end - first
    best = np.zeros(leads.shape[0])
    waves = np.empty((4, total))
    for step in range(int((FASTEST_HZ - SLOWEST_HZ) / STEP_HZ + 1.5)):
        turn = 2 * math.pi * (SLOWEST_HZ + step * STEP_HZ) / RATE
        at = 0
        for first, end in segments:
            for j in range(first, end):
                waves[0, at + j - first] = math.cos(turn * j)
                waves[1, at + j - first] = math.sin(turn * j)
                waves[2, at + j - first] = math.cos(2 * turn * j)
                waves[3, at + j - first] = math.sin(2 * turn * j)
            for k in range(4):
                _straighten(waves[k, at : at + end - first])
            at += end - first
        inverse = np.linalg.inv(waves @ waves.T + 1e-6 * np.eye(4))
        for i in range(leads.shape[0]):
            along = waves @ shown[i]
            power = (shown[i] * shown[i]).sum() + 1e-9
            best[i] = max(best[i], (along * (inverse @ along)).sum() / power)
    return best


@njit
def _shift_in(window: Samples, second: Samples) -> None:
    """Let a window at 50 Hz, shape (n_leads, n), move on by a second at 250 Hz, in place."""
    left = window.shape[1] - RATE
    for i in range(window.shape[0]):
        for j in range(left):
            window[i, j] = window[i, j + RATE]
        for j in range(RATE):
            total = second[i, TAKEN * j]
            for k in range(1, TAKEN):
                total += second[i, TAKEN * j + k]
            window[i, left + j] = total / np.float32(TAKEN)


@dataclass(slots=True)
class Flutter:
    """The last seconds of one device, and how regular its atrial waves are.

    Attributes:
        window: mV at 50 Hz without baseline wander, shape (n_leads, 700).
        usable: seconds up to now for which each lead was usable.
        wait_s: seconds until the next measurement is due.
    """

    window: Samples = field(default_factory=lambda: np.zeros((0, KEPT_S * RATE), np.float32))
    usable: list[int] = field(default_factory=list)
    wait_s: int = 0

    def on_second(self, second: Samples, usable: Sequence[bool]) -> None:
        """Take one second of signal.

        Args:
            second: mV at 250 Hz without baseline wander, shape (n_leads, 250).
            usable: whether each lead can be judged.
        """
        if not self.usable:
            self.window = np.zeros((len(second), KEPT_S * RATE), np.float32)
            self.usable = [0] * len(second)
        _shift_in(self.window, second)
        self.usable = lengthened(self.usable, usable, KEPT_S)
        if self.wait_s:
            self.wait_s -= 1

    def measure(self, beats: Beats, end_n: int) -> float | None:
        """Return how regular the atrial waves of the last ten seconds are, every five seconds.

        Args:
            beats: the last beats, with their labels.
            end_n: sample index one past the last second.

        Returns:
            0 .. 1 of the lead that shows most; None if it is not due, or too little is seen.
        """
        judged = [i for i, count in enumerate(self.usable) if count == KEPT_S]
        if self.wait_s or not judged:
            return None
        segments = _between(beats, end_n)
        if sum(end - first for first, end in segments) < LEAST:
            return None
        self.wait_s = EVERY_S
        leads = self.window[judged].astype(np.float64)
        return float(explained(leads, np.array(segments, np.int64)).max())

    def forget(self) -> None:
        """A stretch ends."""
        self.usable = []
        self.wait_s = 0


def _between(beats: Beats, end_n: int) -> list[tuple[int, int]]:
    """Return what lies between T waves and QRS complexes, in samples of `Flutter.window`."""
    fs = beats.fs
    found = []
    for i in range(len(beats.n) - 1, 0, -1):
        before, n = beats.n[i - 1], beats.n[i]
        if beats.n[-1] - before > WINDOW_S * fs:
            break
        known = beats.joined[i] and not {"V", HIDDEN} & {*beats.labels[i - 1 : i + 1]}
        if not known:
            continue
        rr = (n - before) / fs
        first_s = (before - end_n) / fs + min(T_ENDS_S, T_PART * rr + T_LEAST_S)
        first = KEPT_S * RATE + round(first_s * RATE)
        end = KEPT_S * RATE + round(((n - end_n) / fs - QRS_S) * RATE)
        if first >= 0 and end - first >= SHORTEST:
            found.append((first, end))
    return found
