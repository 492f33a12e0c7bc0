"""Noise: "in 20 of the last 30 s the signal was poor", so arrhythmia analysis is suspended.

The suspension is a technical condition of its own, never silence; what needs no beat labels and
saves a life (asystole, extreme rates, ventricular fibrillation) goes on meanwhile. Poor is a signal
without a good lead, and one whose beats are more likely noise (`detector.rhythm.witness.disorder`).
Of such beats no run and no rate is believed; where one of high priority would be told, the
suspension begins at once, as if the noise had lasted, and is told in its place. One of medium
priority waits.

Atrial fibrillation and flutter last: what was there when the noise came is held to be there until
the analysis goes on and says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from detector.rhythm.conditions import Conditions
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.ward.limits.model import NoiseLimits

TICK_S = 0.5


@dataclass(slots=True)
class Suspension:
    """Which of the last half seconds were poor.

    Attributes:
        limits: of this patient.
        poor: one bit per tick, the newest lowest.
        active: arrhythmia analysis is suspended.
    """

    limits: Configuration[NoiseLimits]
    poor: int = 0
    active: bool = False

    def on_tick(self, n: int, fs: float, out: Conditions, *, poor: bool) -> bool:
        """Take a half-second tick; return whether analysis has just been suspended."""
        ticks = round(self.limits.window_s / TICK_S)
        self.poor = ((self.poor << 1) | poor) & ((1 << ticks) - 1)
        poor_s = self.poor.bit_count() * TICK_S
        before = self.active
        if poor_s >= self.limits.poor_s:
            self.active = True
            onset = n - round((self.poor.bit_length() - 1) * TICK_S * fs)
            out.begin("noise", onset, n, poor_s, self.limits.poor_s)
        elif poor_s < self.limits.poor_s / 2:
            self.active = False
            out.end("noise", n)
        return self.active and not before

    def at_once(self, n: int, out: Conditions) -> None:
        """Suspend: the noise makes alarms already."""
        self.poor |= (1 << round(self.limits.poor_s / TICK_S)) - 1
        self.active = True
        out.begin("noise", n, n, None, self.limits.poor_s)

    def forget(self) -> None:
        """A stretch ends."""
        self.poor = 0
        self.active = False
