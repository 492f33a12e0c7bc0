"""Noise: "in 20 of the last 30 s the signal was poor", so arrhythmia analysis is suspended.

The suspension is a technical condition of its own, never silence; what needs no beat labels and
saves a life (asystole, extreme rates, ventricular fibrillation) goes on meanwhile. Poor is a signal
without a good lead, and one whose beats are more likely noise (`detector.rhythm.witness.disorder`).
Of such beats no run and no rate is believed; where one of high priority would be told, the
suspension begins at once, as if the noise had lasted, and is told in its place. One of medium
priority waits.

Atrial fibrillation and flutter last: what was there when the noise came is held to be there until
the analysis goes on and says otherwise.

Holes in the signal suspend nothing, but limit what can be found: too many beats cannot be
classified, or the waveform is never whole for so long as fibrillation asks for. That is told as a
technical condition of its own; what is found all the same is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.rhythm.beats import Holes
from detector.rhythm.conditions import Conditions
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.ward.limits.model import NoiseLimits

TICK_S = 0.5
LIMITED = "analysis_limited"
LOOK_BACK_S = 30.0
UNKNOWN_PART, UNKNOWN_LEAST = 0.5, 8
"""The analysis is limited if this part of the last beats, and so many, could not be classified or
may be hidden: a run of five PVCs is then seldom seen whole."""
UNWATCHED_S = 15.0
"""The analysis is also limited if fibrillation could not be judged for so long: any start takes
5 s, two in half a minute are a chance."""
HOLES_TELL_S = 60.0
"""How long a hole tells on the classes of later beats, s: they are held against the intervals and
shapes of some fifty beats before."""
_LOOK_BACK = (1 << round(LOOK_BACK_S / TICK_S)) - 1
"""One bit for each tick of `LOOK_BACK_S`."""
LONGEST_GAP_S = 5.0
"""A gap that lasts longer is no hole: it is told as such (``no_data``)."""


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
        if not (poor or self.poor or self.active):  # nearly always
            return False
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


@dataclass(slots=True)
class Restriction:
    """How far holes in the signal limit the analysis of one device.

    Attributes:
        beats: sample indices of the last beats.
        unknown: of those that were not classified, or are not known to follow the one before them.
        unwatched: one bit per tick, the newest lowest: fibrillation could not be judged.
        last_n: sample index of the last tick.
        holed_n: sample index of the last beat of which holes left something unknown.
        active: the analysis is limited.
    """

    beats: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    unwatched: int = 0
    last_n: int | None = None
    holed_n: int | None = None
    active: bool = False

    def on_beat(self, n: int, fs: float, holes: Holes, *, first: bool) -> bool:
        """Take a beat; return whether holes leave open that it is a PVC of another class.

        Args:
            n: sample index of its R peak.
            fs: sampling rate, Hz.
            holes: what they leave unknown of it.
            first: of the stretch, so that it follows none.
        """
        self._drop(n, fs)
        self.beats.append(n)
        if holes.hidden or not holes.joined:
            self.unknown.append(n)
        if holes.hidden or holes.cut or not (holes.joined or first):
            self.holed_n = n
        if not holes.perhaps or self.holed_n is None:
            return False
        return n - self.holed_n <= HOLES_TELL_S * fs

    def on_tick(self, n: int, fs: float, out: Conditions, *, unwatched: bool) -> None:
        """Take a half-second tick at which all leads may be holed, but not detached for long.

        Args:
            n: sample index of the tick.
            fs: sampling rate, Hz.
            out: takes the condition.
            unwatched: holes or a gap keep fibrillation from being judged.
        """
        passed = 1 if self.last_n is None else round((n - self.last_n) / (TICK_S * fs))
        self.last_n = n
        if passed <= 1 and not (unwatched or self.unwatched or self.unknown or self.active):
            return  # nearly always
        self._drop(n, fs)
        if passed > LONGEST_GAP_S / TICK_S:
            self.unwatched, passed = 0, 1
        while passed > 1:  # they lie in a gap
            self._shift(unwatched=True)
            passed -= 1
        self._shift(unwatched=unwatched)
        unwatched_s = self.unwatched.bit_count() * TICK_S
        unknown = len(self.unknown)
        share = unwatched_s / UNWATCHED_S
        if unknown >= UNKNOWN_LEAST:
            share = max(share, unknown / (UNKNOWN_PART * len(self.beats)))
        if share >= 1:
            self.active = True
            out.begin(LIMITED, max(0, n - round(LOOK_BACK_S * fs)), n, None, None)
        elif share < UNKNOWN_PART:
            self.active = False
            out.end(LIMITED, n)

    def forget(self) -> None:
        """All leads are detached, which is told: what was before does not count."""
        self.beats.clear()
        self.unknown.clear()
        self.unwatched, self.last_n, self.active = 0, None, False

    def _drop(self, n: int, fs: float) -> None:
        """Forget the beats that at ``n`` lie further back than is looked."""
        oldest = n - LOOK_BACK_S * fs
        for beats in (self.beats, self.unknown):
            while beats and beats[0] <= oldest:
                del beats[0]

    def _shift(self, *, unwatched: bool) -> None:
        self.unwatched = ((self.unwatched << 1) | unwatched) & _LOOK_BACK
