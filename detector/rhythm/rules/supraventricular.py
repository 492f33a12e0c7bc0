"""Supraventricular runs: premature atrial beats in a row, supraventricular tachycardia.

Definitions:

* PAC run: 3 or more supraventricular ectopic beats (S) in a row, faster than 100 bpm (Steinberg et
  al., 2017 ISHNE-HRS consensus on ambulatory ECG, doi:10.1016/j.hrthm.2017.03.038); told when it is
  over, since a long one is a tachycardia and is told as such; where the normal beats after it go on
  at its rate, the rate has changed and there was no run;
* supraventricular tachycardia: 5 or more beats in a row that are no PVC, faster than 180 bpm,
  with a sudden onset (the first RR interval at most 0.8 of the mean before it) or begun by an S
  beat; a sinus tachycardia comes gradually (Page et al., 2015 ACC/AHA/HRS guideline on
  supraventricular tachycardia, doi:10.1161/CIR.0000000000000311).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.ward.limits.model import SupraventricularLimits

REFERENCE_INTERVALS = 8
RETURN = 1.2
"""The interval that ends a run of PACs is at least so much longer than those of the run."""


@dataclass(slots=True)
class BeatRun:
    """Beats in a row; indices of the first and the newest."""

    beats: int = 0
    first: int = 0
    newest: int = 0

    def add(self, n: int) -> None:
        """Take the next of the beats, at sample index ``n``."""
        if not self.beats:
            self.first = n
        self.beats += 1
        self.newest = n


@dataclass(slots=True)
class SupraventricularRules(Rule):
    """Conditions that ask for beats labelled S, and for sudden changes of rate.

    Attributes:
        limits: of this patient.
        pacs: S beats in a row.
        fast: beats in a row that are as fast as a supraventricular tachycardia.
    """

    SECTION: ClassVar[str] = "supraventricular"

    limits: Configuration[SupraventricularLimits]
    pacs: BeatRun = field(default_factory=BeatRun)
    fast: BeatRun = field(default_factory=BeatRun)

    def on_beat(self, moment: Moment) -> None:
        """Take the newest beat."""
        beats, decided_n, out = moment.beats, moment.n, moment.out
        label = beats.labels[-1]
        if label == "S":
            self.pacs.add(beats.n[-1])
        elif not self.pacs.beats:  # nearly always
            pass
        elif label == "N" and self._rate_goes_on(beats.n[-1]):
            self.pacs = BeatRun()
        else:
            self._pacs_over(decided_n, out)
        rr = beats.rr_s
        if rr is None or rr >= 60.0 / self.limits.svt_bpm or label == "V":
            self._fast_over(decided_n, out)
        elif self.fast.beats or self._starts(beats):
            self.fast.add(beats.n[-1])
            if self.fast.beats >= self.limits.svt_beats:
                rate = beats.rate(self.limits.svt_beats)
                out.begin("svt", self.fast.first, decided_n, rate, self.limits.svt_bpm)

    def deny_beats(self, moment: Moment) -> None:
        """End both runs: which of their beats were none is not known."""
        self.forget(moment)

    def forget(self, moment: Moment) -> None:
        """End both runs."""
        self._pacs_over(moment.n, moment.out)
        self._fast_over(moment.n, moment.out)

    def _starts(self, beats: Beats) -> bool:
        rr = beats.rr_s
        before = beats.normal_rr(REFERENCE_INTERVALS, skip=1)
        if rr is None or not before or beats.labels[-2] == "V":
            return False
        sudden = rr <= self.limits.svt_onset * sum(before) / len(before)
        return sudden or beats.labels[-1] == "S"

    def _rate_goes_on(self, n: int) -> bool:
        """Whether a normal beat at ``n`` comes as soon after the PACs as they after one another."""
        if self.pacs.beats < 2:
            return False
        mean = (self.pacs.newest - self.pacs.first) / (self.pacs.beats - 1)
        return n - self.pacs.newest < RETURN * mean

    def _is_pac_run(self, fs: float) -> bool:
        if self.pacs.beats < self.limits.pac_run_beats:
            return False
        lasted_s = (self.pacs.newest - self.pacs.first) / fs
        return 60.0 * (self.pacs.beats - 1) > self.limits.pac_run_bpm * lasted_s

    def _pacs_over(self, decided_n: int, out: Conditions) -> None:
        if not self.pacs.beats:
            return
        if self._is_pac_run(out.fs):
            out.episode("pac_run", self.pacs.first, self.pacs.newest + 1)
            out.flash("pac_run", self.pacs.first, decided_n, self.pacs.beats)
        self.pacs = BeatRun()

    def _fast_over(self, decided_n: int, out: Conditions) -> None:
        if not self.fast.beats:
            return
        if self.fast.beats >= self.limits.svt_beats:
            out.episode("svt", self.fast.first, self.fast.newest + 1)
            out.linger("svt", decided_n)
        self.fast = BeatRun()
