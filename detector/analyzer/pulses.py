"""Pacemaker pulses of one stream: when they are shown to the rules, and which beats they brought.

A beat is paced in the ventricle if a pulse comes shortly ahead of its R peak: bedside monitors call
a beat "V-paced" that would otherwise be ventricular if a pulse was detected (GE CARESCAPE and
ApexPro operator's manuals, "Pacemaker troubleshooting"). AAMI EC57 puts paced beats into class Q.
Pulses that take no notice of the heart lie ahead of other beats by chance: a beat that looks
ventricular must follow its pulse as some before it did, and none is paced that comes sooner than a
pacemaker drives.

Limitation: a beat that an atrial pulse brought and the heart's own conduction led on stays what its
shape says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from ecg_monitor.core.checkpoint.fields import Configuration

AHEAD_S = 0.15
"""A pulse brings a QRS complex whose R peak follows within this: about 40 ms to its onset, and up
to 100 ms on to the peak of a wide complex; from an atrial pulse it is longer."""
BEHIND_S = 0.02
"""The R peak of a complex that begins steeply may be placed this far ahead of the pulse."""
STEADY_S, STEADY_BEATS = 0.02, 2
"""The delay from pulse to R peak is as usual if so many of the last have been within this of it.
The R peak may lie on either wave of a wide complex; pulses that ignore the heart seldom agree."""
FASTEST_S = 0.4
"""Ventricular pacing follows the atria up to 150 per minute at most, as usually programmed."""
DELAYS = 8
KEPT_S = 4.0
"""Pulses are kept until the beats around them have been labelled (1.4 s after the R peak)."""


class PulseOrigin(IntEnum):
    """Whether a pulse brought a beat."""

    NO = 0
    PERHAPS = 1
    """One lies ahead of it."""
    SURELY = 2
    """It follows it as usual."""


@dataclass(slots=True)
class Pulses:
    """Pulses of one stream.

    Attributes:
        fs: sampling rate, Hz.
        since: index of the first chunk whose device looks for pulses; None: it does not.
        at: sample indices of the last ones, ascending.
        shown: how many of them the rules have seen.
        delays: from pulse to R peak of the last paced beats, samples.
    """

    fs: Configuration[float]
    since: int | None = None
    at: list[int] = field(default_factory=list)
    shown: int = 0
    delays: list[int] = field(default_factory=list)

    def add(self, n0: int, pulses: tuple[int, ...]) -> None:
        """Take the pulses of the next chunk, which begins at sample ``n0``."""
        self.since = n0 if self.since is None else self.since
        self.at.extend(pulses)

    def until(self, n: int) -> list[int]:
        """Return the pulses up to sample ``n`` that have not been shown; forget old ones."""
        end = self.shown
        while end < len(self.at) and self.at[end] <= n:
            end += 1
        fresh = self.at[self.shown : end]
        old = 0
        while old < end and self.at[old] < n - KEPT_S * self.fs:
            old += 1
        del self.at[:old]
        self.shown = end - old
        return fresh

    def origin(self, n: int, rr_s: float | None) -> PulseOrigin:
        """Tell whether a ventricular pulse brought the beat whose R peak lies at ``n``.

        To be called once for every beat, in order.

        Args:
            n: sample index of the R peak.
            rr_s: RR interval before it, None if there is none.
        """
        early, late = n - AHEAD_S * self.fs, n + BEHIND_S * self.fs
        near = [n - pulse for pulse in self.at if early <= pulse <= late]
        if not near or (rr_s is not None and rr_s < FASTEST_S):
            return PulseOrigin.NO
        delay = near[-1]
        alike = sum(abs(delay - one) <= STEADY_S * self.fs for one in self.delays)
        usual = alike >= STEADY_BEATS or len(self.delays) < DELAYS
        self.delays = [*self.delays[1 - DELAYS :], delay]
        return PulseOrigin.SURELY if usual else PulseOrigin.PERHAPS

    def break_off(self) -> None:
        """The unbroken stretch ends: what brought its beats has been asked."""
        self.at.clear()
        self.shown = 0
