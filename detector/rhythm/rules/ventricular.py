"""Ventricular ectopy: PVC rate, R-on-T, couplets, runs, ventricular tachycardia, bi- and trigeminy.

Definitions:

* run: 3 or more PVCs in a row; faster than 100 bpm it is ventricular tachycardia, sustained from
  30 s on, else non-sustained; up to 100 bpm it is an accelerated idioventricular rhythm. Once it
  has begun, the rate is that of its beats, or of its waveform (`detector.rhythm.waveform.cycle`) if
  that is faster: complexes that run into one another are easily missed (Buxton et al.,
  ACC/AHA/HRS clinical data standards for electrophysiology, Circulation 114:2534-2570,
  2006). A run of 5 or more is alarmed as ``vt`` with high priority (Clifford et al., The
  PhysioNet/CinC Challenge 2015), one of 3 or 4 as ``ventricular_run`` with medium priority. A slow
  run whose last 5 beats are faster than that is another run from the first of them on. One of
  5 beats may be labelled otherwise (`detector.rhythm.witness.run_evidence`), and complexes that
  were overlooked between two of them count (`detector.rhythm.witness.overlooked`);
* couplet: 2 PVCs in a row; bigeminy and trigeminy: every second or third beat is a PVC, for 3
  cycles (Drew et al., AHA practice standards for ECG monitoring in hospital settings,
  Circulation 110:2721-2746, 2004);
* multiform PVCs: see `detector.rhythm.waveform.shapes`;
* R-on-T: a PVC closer to the beat before it than 0.9 of that beat's expected QT interval,
  0.39 s * sqrt(RR) (Bazett 1920; the R wave falls near the apex of the T wave, Smirk and Palmer,
  Am J Cardiol 6:620-629, 1960), at 100 bpm or less: faster, every PVC is near a T wave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

from detector.rhythm.beats import HIDDEN, Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from detector.rhythm.rules.pattern import Pattern
from detector.rhythm.waveform.shapes import AFTER, BEFORE, Shapes
from detector.rhythm.witness.overlooked import LONGEST_S, RATE, REACH, between
from detector.rhythm.witness.run_evidence import CountedRun, RunEvidence
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.ward.limits.model import VentricularLimits

RUN = 3
PVC_WINDOW_S = 60.0
PVC_BACK = 0.8
"""The PVC rate must fall below this part of its limit before the alarm ends."""
QT_S = 0.39
R_ON_T_BPM = 100.0
RUN_OVER_S = 2.0
"""A run is over when no beat has followed for so long."""
BRIDGED_RR = 2.5
"""A run of two PVCs or more goes on after so many of its RR intervals: a hole in the signal hides
one beat at most then, or one beat could not be classified for it, or not for sure. That beat counts
as one more."""
STAYS_FAST = 0.9
"""A run that was told as a tachycardia is one until its rate falls below this part of the limit:
one whose rate is at the limit would otherwise end and begin with every other beat."""
OTHER_IN = 5
"""One in so many beats of a run may be labelled otherwise than V (`RunEvidence`)."""
FAST_KINDS = ("vt_sustained", "vt")
RUN_KINDS = (*FAST_KINDS, "ventricular_run", "idioventricular")


@dataclass(slots=True)
class VentricularRules(Rule):
    """Conditions that ask for beats labelled V.

    Attributes:
        limits: of this patient.
        pvcs: sample indices of the PVCs of the last minute.
        run: sample indices of the PVCs in a row that end with the newest beat: first, second
            and newest, with their number in ``run_beats``.
        run_beats: PVCs in this run.
        run_rr: sum of its RR intervals that are known, samples, and their number.
        pending: the last beat may be one of the run: holes left its class unknown or unsure.
        cycle_bpm: rate at which the waveform of this run repeats, bpm; 0 if it is not known to.
        fast: this run was told as a tachycardia.
        evidence: what its beats say together.
        shapes: of the PVCs.
        bigeminy: see `Pattern`; ``trigeminy`` likewise.
    """

    SECTION: ClassVar[str] = "ventricular"

    limits: Configuration[VentricularLimits]
    pvcs: list[int] = field(default_factory=list)
    run: list[int] = field(default_factory=list)
    run_beats: int = 0
    run_rr: tuple[int, int] = (0, 0)
    pending: int = 0
    cycle_bpm: float = 0.0
    fast: bool = False
    evidence: RunEvidence = field(default_factory=RunEvidence)
    shapes: Shapes = field(default_factory=Shapes)
    bigeminy: Pattern = field(default_factory=lambda: Pattern("bigeminy", 2))
    trigeminy: Pattern = field(default_factory=lambda: Pattern("trigeminy", 3))

    def on_beat(self, moment: Moment) -> None:
        """Take the newest beat; of a PVC, its shape too."""
        beats, decided_n, out = moment.beats, moment.n, moment.out
        self.shapes.beats += 1
        label = beats.labels[-1]
        if label == "V" and not moment.cut:
            self._take_shape(moment)
        self.evidence.on_beat(beats, moment.looks, cut=moment.cut)
        if label == "V" or self.run or self.evidence.beats:
            self._take_beat(moment)
        if self.pvcs or out.present:
            self._pvc_rate(beats.n[-1], beats.fs, decided_n, out)
        if "V" in beats.labels[-4:]:  # nearly never: no pattern goes on without
            self.bigeminy.on_beat(beats, decided_n, out)
            self.trigeminy.on_beat(beats, decided_n, out)

    def _take_shape(self, moment: Moment) -> None:
        """Take the shape of a PVC."""
        n, out = moment.beats.n[-1], moment.out
        around = moment.watch.around(n, BEFORE, AFTER, moment.fs)
        if around is not None:
            self.shapes.take(around)
            if self.shapes.prevailing > 1:
                out.flash("multiform_pvc", n, moment.n, self.shapes.prevailing, 1)

    def _take_beat(self, moment: Moment) -> None:
        """Take the newest beat into a run, or end the run."""
        beats, decided_n, out = moment.beats, moment.n, moment.out
        overlooked = self._look_between(moment)
        found = self._counted(beats.fs)
        if beats.labels[-1] == "V":
            self.pvcs.append(beats.n[-1])
            self._r_on_t(beats, decided_n, out)
            self._extend(beats, decided_n, out, overlooked=overlooked)
            if found and not self.fast:
                self._begin_with(found, decided_n, out)
        elif found:
            if self.fast:
                self._extend(beats, decided_n, out)
            else:
                self._begin_with(found, decided_n, out)
        elif self._may_be_one(moment) and not self.pending and self._goes_on(beats):
            self._count_interval(beats)
            self.pending = 1
        else:
            self._close(decided_n, out)

    @staticmethod
    def _may_be_one(moment: Moment) -> bool:
        """Return whether holes leave open that the newest beat is a PVC."""
        return moment.beats.labels[-1] == HIDDEN or moment.perhaps

    @property
    def in_run(self) -> bool:
        """Whether the newest beats are a run of PVCs."""
        return self.run_beats >= RUN

    def on_second(self, moment: Moment) -> None:
        """Look at the waveform of a run of PVCs."""
        if not (self.run_beats or self.evidence.beats):  # nearly always
            return
        if self.in_run:
            self.on_cycle(moment.watch.cycle_bpm(), moment.n, moment.out)
            return
        found = self.evidence.run(RUN, 1, repeats=True)
        if found is None:
            return
        bpm = moment.watch.cycle_bpm()
        if bpm > self.limits.vt_bpm:
            self.cycle_bpm = bpm
            self._begin_with(found, moment.n, moment.out)

    def on_cycle(self, bpm: float, n: int, out: Conditions) -> None:
        """Take the rate at which the waveform of a run repeats (0: it does not), at ``n``."""
        self.cycle_bpm = bpm
        if bpm:
            self._tell(n, out)

    def on_tick(self, moment: Moment) -> None:
        """End a run that no beat follows, and let PVCs of more than a minute ago go."""
        if moment.silent_s > RUN_OVER_S:
            self._close(moment.n, moment.out)
        if self.pvcs or moment.out.present:
            self._pvc_rate(moment.n, moment.fs, moment.n, moment.out)

    def deny_beats(self, moment: Moment) -> None:
        """Forget them all: which of the PVCs were none is not known."""
        self.forget(moment)

    def forget(self, moment: Moment) -> None:
        """End the run, and forget the PVCs and their shapes."""
        n, out = moment.n, moment.out
        self._close(n, out)
        self.evidence.forget()
        self.pvcs.clear()
        self.shapes.forget()
        for pattern in (self.bigeminy, self.trigeminy):
            pattern.forget(n, out)

    def _extend(
        self, beats: Beats, decided_n: int, out: Conditions, *, overlooked: bool = False
    ) -> None:
        """Take the newest beat into the run, with the complex ``overlooked`` before it, if any."""
        if self.run and (self.pending or not beats.joined[-1]):
            if self._goes_on(beats):
                total, count = self.run_rr
                cycles = round((beats.n[-1] - self.run[-1]) * count / total)
                self.run_beats += max(self.pending, cycles - 1)
            else:
                self._close(decided_n, out)
        # It holds a tachycardia, whose rate would fall with each one; to begin one takes evidence.
        more = int(overlooked and self.fast)
        if self.run:
            self._count_interval(beats, 1 + more)
        self.pending = 0
        self.run = [*self.run[:1], beats.n[-1]]
        self.run_beats += 1 + more
        self._quickens(beats, out)
        if self.in_run:
            self._tell(decided_n, out)

    def _look_between(self, moment: Moment) -> bool:
        """Return whether a complex of a run was overlooked between the newest two beats."""
        gap, fs = self.evidence.gap(), moment.fs
        if gap is None or gap[1] - gap[0] > LONGEST_S * fs:
            return False
        apart = round((gap[1] - gap[0]) * RATE / fs)
        around = moment.watch.around(gap[1], apart + REACH, 2 * REACH, fs)
        found = None if around is None else between(around, REACH, apart + REACH)
        if found is not None:
            self.evidence.insert(gap[1] - round(found.back * fs / RATE), found.likeness)
        return found is not None

    def _counted(self, fs: float) -> CountedRun | None:
        """Return the tachycardia that ends with the newest beat by its beats' evidence, or None."""
        count = self.limits.vt_beats
        found = self.evidence.run(count, count // OTHER_IN)
        if found is None:
            return None
        minutes = (found.newest - found.first) / fs / 60.0
        return found if found.beats - 1 > self.limits.vt_bpm * minutes else None

    def _begin_with(self, found: CountedRun, decided_n: int, out: Conditions) -> None:
        """Let the run be that of ``found``."""
        self.run = [found.first, found.newest]
        self.run_beats = found.beats
        self.run_rr, self.pending = (found.newest - found.first, found.beats - 1), 0
        self._tell(decided_n, out)

    def _quickens(self, beats: Beats, out: Conditions) -> None:
        """Begin a run anew with the last beats of a slow one, if they alone make a tachycardia.

        The mean over all of it would hide them: the longer the slow run, the longer.
        """
        count = self.limits.vt_beats
        if self.fast or self.run_beats <= count or self.cycle_bpm > self.limits.vt_bpm:
            return
        since = beats.since(count)
        newest = beats.rate(count)
        if since is None or newest is None or beats.n[since] <= self.run[0]:
            return
        if newest <= self.limits.vt_bpm or self._mean_bpm(out.fs) > self.limits.vt_bpm:
            return
        out.episode("idioventricular", self.run[0], beats.n[since])
        self.run[0] = beats.n[since]
        self.run_beats = count
        self.run_rr = round(60.0 * (count - 1) * out.fs / newest), count - 1

    def _mean_bpm(self, fs: float) -> float:
        """Return the mean rate of the run's beats, bpm."""
        total, count = self.run_rr
        return 60.0 * count / (total / fs)

    def _goes_on(self, beats: Beats) -> bool:
        """Whether no more than one beat is unknown since the newest PVC of a run of two or more."""
        total, count = self.run_rr
        return count > 0 and beats.n[-1] - self.run[-1] <= BRIDGED_RR * total / count

    def _count_interval(self, beats: Beats, cycles: int = 1) -> None:
        """Take the newest interval, of so many cycles, into those of the run, if it is known."""
        if beats.joined[-1]:
            total, count = self.run_rr
            self.run_rr = total + beats.n[-1] - beats.n[-2], count + cycles

    def _tell(self, decided_n: int, out: Conditions) -> None:
        """Tell the run by its kind."""
        rate, kind = self._run_kind(out.fs)
        for other in RUN_KINDS:
            if other != kind:
                out.end(other, decided_n)
        out.begin(kind, self.run[0], decided_n, rate, self.limits.vt_bpm)
        self.fast |= kind in FAST_KINDS

    def _run_kind(self, fs: float) -> tuple[float, str]:
        """Return the rate of the run, bpm, and what it is called."""
        lasted_s = (self.run[-1] - self.run[0]) / fs
        rate = max(self._mean_bpm(fs), self.cycle_bpm)
        if rate <= self.limits.vt_bpm * (STAYS_FAST if self.fast else 1.0):
            return rate, "idioventricular"
        if lasted_s >= self.limits.vt_sustained_s:
            return rate, "vt_sustained"
        complexes = 1 + rate * lasted_s / 60.0
        # Half a complex of tolerance: the rate of the waveform comes in steps of its sampling.
        enough = max(self.run_beats, complexes + 0.5) >= self.limits.vt_beats
        return rate, "vt" if enough else "ventricular_run"

    def _close(self, decided_n: int, out: Conditions) -> None:
        """The run of PVCs is over."""
        if not self.run:
            return
        if self.run_beats == 2:
            out.episode("couplet", self.run[0], self.run[-1] + 1)
            out.flash("couplet", self.run[0], decided_n)
        elif self.run_beats >= RUN:
            kind = self._run_kind(out.fs)[1]
            out.episode(kind, self.run[0], self.run[-1] + 1)
        for kind in RUN_KINDS:
            out.linger(kind, decided_n)
        self.run.clear()
        self.run_beats = 0
        self.run_rr, self.pending = (0, 0), 0
        self.cycle_bpm = 0.0
        self.fast = False

    def _pvc_rate(self, n: int, fs: float, decided_n: int, out: Conditions) -> None:
        if not self.pvcs and "pvc_rate" not in out.present:
            return
        window = n - round(PVC_WINDOW_S * fs)
        while self.pvcs and self.pvcs[0] <= window:
            self.pvcs.pop(0)
        count, limit = len(self.pvcs), self.limits.pvc_per_min
        if count > limit:
            out.begin("pvc_rate", self.pvcs[-1], decided_n, count, limit)
        elif count < PVC_BACK * limit:
            out.linger("pvc_rate", decided_n)

    def _r_on_t(self, beats: Beats, decided_n: int, out: Conditions) -> None:
        coupling = beats.rr()
        before = beats.normal_rr(REFERENCE_INTERVALS, skip=1)
        if coupling is None or not before or beats.labels[-2] == "V":
            return
        mean = sum(before) / len(before)
        limit = self.limits.r_on_t_qt * QT_S * math.sqrt(mean)
        if coupling < limit and 60.0 / mean <= R_ON_T_BPM:
            out.flash("r_on_t", beats.n[-1], decided_n, coupling, round(limit, 3))


REFERENCE_INTERVALS = 8
"""RR intervals whose mean says how fast the basic rhythm is."""
