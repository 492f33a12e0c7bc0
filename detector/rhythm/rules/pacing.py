"""Pacemakers: paced rhythm, pulses that do not capture, pulses that stay away.

Definitions:

* paced beat: a pulse within 350 ms ahead of the R peak, ventricular or atrial (the longest
  programmed AV delay is about 300 ms); paced rhythm: the dominant one, at least 6 of 8 beats, until
  2 of 8 are left; told as a rhythm and an episode, not as an alarm;
* pacer not capturing: no QRS complex for 1.75 mean RR intervals although there were pulses; pacer
  not pacing: neither QRS complex nor pulse for so long. Both only for patients known to be paced
  (Philips IntelliVue and HeartStart XL+, instructions for use, arrhythmia alarms; medium priority);
* known to be paced: since three beats in a row of this power-up followed pulses, or as the limits
  say (``pacing.paced``).

Deviations: where the pulses themselves come more often than beats, their interval counts in place
of the mean RR interval, else every second beat lost would be the new mean. A pulse must have been
followed by nothing for 0.3 s to count as lost. Nothing counts as not pacing while the pacemaker has
not waited a quarter longer than it usually does: its rate may be far below the patient's own.

Limitations: that pulses are undersensed (given although the heart beats) is not told. Atrial pulses
in AV block count as not capturing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import ClassVar

from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from detector.rhythm.rules.rate import DECISION_S
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.ward.limits.model import PacingLimits

AHEAD_S = 0.35
BEHIND_S = 0.02
"""A paced beat's pulse lies within this of the R peak."""
CAPTURE_S = 0.3
"""The R peak of a beat that a ventricular pulse brings follows within half of this."""
REFRACTORY_S = 0.25
"""A pulse so soon after an R peak cannot capture: the ventricle is refractory."""
CYCLE_S = 0.35
"""Pulses closer than this to the first one belong to one cycle: atrium and both ventricles."""
LONGER = 1.25
WINDOW = 8
"""Beats, intervals and waits that are looked at."""
DOMINANT, LEFT = 6, 2
IN_A_ROW = 3
LEAST = 3
"""No mean of fewer intervals."""
STANDSTILL_S = 4.0
"""A silence so long has been told while it lasted, here or as asystole. The first beat after it may
have been missed: its pulse is not called lost."""
KEPT_S = 15.0
"""Pulses are kept so long: more than the longest silence before asystole, 10 s."""


@dataclass(slots=True)
class PacingRules(Rule):
    """What pulses and R peaks tell of one device's pacemaker.

    Attributes:
        limits: of this patient.
        pulses: sample indices of the last pulses.
        cycles: sample index of the first pulse of each of the last cycles.
        paced: whether each of the last beats was paced.
        waits: seconds from the event before to the pulse, of the last paced beats.
        known: this patient has a pacemaker, as its pulses tell.
        since: sample index at which the paced rhythm that is there began.
        last_paced: sample index of the last paced beat.
    """

    SECTION: ClassVar[str] = "pacing"

    limits: Configuration[PacingLimits]
    pulses: list[int] = field(default_factory=list)
    cycles: list[int] = field(default_factory=list)
    paced: list[bool] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    known: bool = False
    since: int | None = None
    last_paced: int = 0

    @property
    def rhythm(self) -> str | None:
        """``paced`` while that is the rhythm."""
        return None if self.since is None else "paced"

    def on_pulse(self, moment: Moment, n: int) -> None:
        """Take a pulse; comes before what is decided at that sample or later."""
        fs = moment.fs
        if not self.cycles or n - self.cycles[-1] >= CYCLE_S * fs:
            self.cycles = [*self.cycles[-WINDOW:], n]
        self.pulses.append(n)
        while self.pulses[0] < n - KEPT_S * fs:
            self.pulses.pop(0)

    def on_peak(self, moment: Moment) -> None:
        """Take the newest R peak: what brought it, and the interval before it."""
        if not self.pulses and not self.paced:
            return
        beats, decided_n, out = moment.peaks, moment.n, moment.out
        shaken_n = moment.scrutiny.shaken_n
        n = beats.n[-1]
        brought = self._between(n - AHEAD_S * out.fs, n + BEHIND_S * out.fs)
        self.paced = [*self.paced[1 - WINDOW :], bool(brought)]
        if brought:
            self.last_paced = n
            self._note_wait(beats, brought[0], out.fs)
        self.known |= self.paced[-IN_A_ROW:] == [True] * IN_A_ROW
        self._follow(beats, out)
        self._judge(beats, brought, decided_n, out, shaken_n)

    def on_tick(self, moment: Moment) -> None:
        """Look at the silence since the last R peak."""
        if not self._is_paced(looked_for=moment.looked_for):
            return
        n, silent_s, fs, out = moment.n, moment.silent_s, moment.fs, moment.out
        onset = n - round(silent_s * fs)
        usual = self._usual_s(moment.peaks, 1)
        if usual is None:
            return
        if moment.scrutiny.shaken_n > onset:
            return
        certain_s = silent_s - DECISION_S
        limit = self.limits.silence_rr * usual
        if certain_s < limit:
            return
        since = onset + REFRACTORY_S * fs
        lost = self._between(since, n - (CAPTURE_S + DECISION_S) * fs)
        if lost:
            out.begin("pacer_not_capture", lost[0], n, silent_s, round(limit, 3))
        elif not self._between(since, n) and certain_s >= self._patience_s():
            limit = max(limit, self._patience_s())
            out.begin("pacer_not_pacing", onset, n, silent_s, round(limit, 3))

    def forget(self, moment: Moment) -> None:
        """End the paced rhythm; that there is a pacemaker stays known."""
        self._end_rhythm(moment.n, moment.out)
        self.pulses.clear()
        self.cycles.clear()
        self.paced.clear()

    def _judge(
        self,
        beats: Beats,
        brought: list[int],
        decided_n: int,
        out: Conditions,
        shaken_n: int,
    ) -> None:
        """Look at the interval that the newest beat ends."""
        if not self._is_paced(looked_for=True):
            return
        gap_s, usual = beats.rr(), self._usual_s(beats, 2)
        if gap_s is None or usual is None:
            return
        before, n = beats.n[-2], beats.n[-1]
        limit = self.limits.silence_rr * usual
        if gap_s < limit or shaken_n > before:
            for kind in ("pacer_not_capture", "pacer_not_pacing"):
                out.linger(kind, decided_n)
            return
        lost = self._between(before + REFRACTORY_S * out.fs, n - CAPTURE_S * out.fs)
        lost = [pulse for pulse in lost if pulse not in brought]
        waited_s = ((brought[0] if brought else n) - before) / out.fs
        long = gap_s >= STANDSTILL_S
        if long and lost:
            lost = [pulse for pulse in lost if pulse < lost[-1] - CYCLE_S * out.fs]
        if lost:
            kind, onset = "pacer_not_capture", lost[0]
        elif long or waited_s >= self._patience_s():
            kind, onset = "pacer_not_pacing", before
            limit = max(limit, self._patience_s())
        else:
            return
        out.episode(kind, onset, n)
        if long:
            out.linger(kind, decided_n)
        else:
            out.flash(kind, onset, decided_n, gap_s, round(limit, 3))

    def _follow(self, beats: Beats, out: Conditions) -> None:
        """Say where the paced rhythm begins and ends."""
        count = sum(self.paced)
        if self.since is None and count >= DOMINANT and self.limits.paced != "no":
            first = self.paced.index(True) - len(self.paced)
            self.since = beats.n[max(first, -len(beats.n))]
        elif self.since is not None and count <= LEFT and len(self.paced) == WINDOW:
            self._end_rhythm(self.last_paced + 1, out)

    def _end_rhythm(self, n: int, out: Conditions) -> None:
        if self.since is not None:
            out.episode("paced", self.since, n)
            self.since = None

    def _is_paced(self, *, looked_for: bool) -> bool:
        """Tell whether the patient is known to be paced, and the device would see it."""
        if self.limits.paced == "auto":
            return self.known
        return self.limits.paced == "yes" and looked_for

    def _between(self, start: float, end: float) -> list[int]:
        return [pulse for pulse in self.pulses if start <= pulse <= end]

    def _note_wait(self, beats: Beats, pulse: int, fs: float) -> None:
        """Remember how long the pacemaker waited for the heart before it gave this pulse."""
        events = [one for one in (*beats.n[-2:-1], *self.cycles) if one < pulse - CYCLE_S * fs]
        if events:
            self.waits = [*self.waits[1 - WINDOW :], (pulse - max(events)) / fs]

    def _patience_s(self) -> float:
        return LONGER * median(self.waits) if self.waits else 0.0

    def _usual_s(self, beats: Beats, newest: int) -> float | None:
        """Mean RR interval, or interval of the pulses if that is shorter; None: not known.

        Args:
            beats: the beats.
            newest: the newest interval that counts (1: the newest of all).
        """
        known = [beats.rr(back) for back in range(newest, newest + WINDOW)]
        rr = [one for one in known if one is not None]
        means = [sum(rr) / len(rr)] if len(rr) >= LEAST else []
        if len(self.cycles) > LEAST:
            pairs = zip(self.cycles, self.cycles[1:], strict=False)
            means.append(median(b - a for a, b in pairs) / beats.fs)
        return min(means, default=None)
