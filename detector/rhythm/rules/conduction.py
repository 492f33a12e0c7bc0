"""Conduction: prolonged QRS complex and QT interval, AV block.

* prolonged QRS: at least 120 ms (Surawicz et al., AHA/ACCF/HRS recommendations, Circulation
  119:e235-e240, 2009, doi:10.1161/CIRCULATIONAHA.108.191095) and wider than the patient's own
  complex by as much as repeated measurements do not differ by chance;
* prolonged QT: QTc above 500 ms for five minutes: the risk of torsade de pointes rises (Drew et
  al., Circulation 121:1047-1060, 2010, doi:10.1161/CIRCULATIONAHA.109.192704); corrected after
  Fridericia, and with a narrow QRS complex, since a wide one prolongs QT by itself;
* AV block I: PR interval over 200 ms; an episode;
* AV block II: a P wave at the time expected without a QRS complex, then a pause that the usual P
  wave ends, at least twice in a minute (Kusumoto et al., ACC/AHA/HRS guideline on bradycardia,
  Circulation 140:e382-e482, 2019, doi:10.1161/CIR.0000000000000628). Before the pause the rhythm
  was regular, or every second interval is such a pause (3:2 conduction). In 2:1 block a second P
  wave stands halfway between two conducted ones, for at least eight regular beats below 50 bpm.

Limitations: complete block has no PR interval, hence no usual P wave: it is told by
`detector.rhythm.rules.dissociation`. At rates over 50 bpm the second P wave of 2:1 block may lie on
the T wave and is not looked for. While there is atrial fibrillation nothing is said of P waves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import ClassVar

from detector.delineation.stream import PWave
from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.types import Measurement
from ecg_monitor.ward.limits.model import ConductionLimits

REFERENCE = 30
"""Measurements (5 min) whose median is the width of the patient's own QRS complex."""
BACK_MS = 10.0
"""How far an interval must come back before its condition ends."""
LIKE_P = 0.85
"""Correlation with the usual P wave from which a wave is one."""
ALMOST_P = 0.96
"""The same where every second beat looks premature: bigeminy of PACs has no P wave in the pause."""
TWICE = 2.0
"""The pause of 3:2 conduction is two PP intervals less what PR grows by, the interval before it one
and that: it is shorter than twice as long."""
PAUSE = 1.5
"""A QRS complex was dropped if the RR interval after steady ones is so many times the last."""
STEADY = 0.15
"""RR intervals are steady if they differ by no more than this part."""
HALVED = 8
"""So many beats in a row with a second P wave halfway are a 2:1 block."""
DROPPED = 2
DROPPED_WITHIN_S = 60.0
FIBRILLATING = frozenset({"af", "atrial_flutter"})


@dataclass(slots=True)
class Persistence:
    """A value that is beyond its limit for some time.

    Attributes:
        since: sample index since when it has been, None: it is not.
        told: it has lasted.
    """

    since: int | None = None
    told: bool = False

    def take(self, n: int, delay: float, *, beyond: bool, back: bool) -> bool:
        """Take the next value; return whether it has been beyond for ``delay`` samples."""
        if self.told:
            self.told = not back
        elif not beyond:
            self.since = None
        else:
            self.since = n if self.since is None else self.since
            self.told = n - self.since >= delay
        return self.told

    def clear(self) -> None:
        """Forget the values that came, and that one was beyond."""
        self.since, self.told = None, False


@dataclass(slots=True)
class ConductionRules(Rule):
    """Conditions that intervals and P waves tell.

    Attributes:
        limits: of this patient.
        widths: QRS widths until the reference is known, ms.
        usual_ms: the patient's own QRS width, None until it is known.
        wide: the QRS complex is too wide; ``long_qt`` and ``long_pr`` likewise.
        dropped: sample indices of the beats before which a QRS complex was dropped.
        halved: beats in a row that a second P wave follows halfway to the next.
        blocked: first and newest of the dropped beats of a block, None while there is none.
    """

    SECTION: ClassVar[str] = "conduction"

    limits: Configuration[ConductionLimits]
    widths: list[float] = field(default_factory=list)
    usual_ms: float | None = None
    wide: Persistence = field(default_factory=Persistence)
    long_qt: Persistence = field(default_factory=Persistence)
    long_pr: Persistence = field(default_factory=Persistence)
    dropped: list[int] = field(default_factory=list)
    halved: int = 0
    blocked: tuple[int, int] | None = None

    def on_measurement(self, moment: Moment, measurement: Measurement) -> None:
        """Take the intervals of an average."""
        limits, n, decided_n, out = self.limits, measurement.n, moment.n, moment.out
        delay = limits.interval_delay_s * out.fs
        width = measurement.qrs_ms
        if self.usual_ms is None:
            self.widths.append(width)
            if len(self.widths) >= REFERENCE:
                self.usual_ms = median(self.widths)
                self.widths = []
        else:
            limit = max(limits.qrs_ms, self.usual_ms + limits.qrs_rise_ms)
            beyond, back = width >= limit, width < limit - BACK_MS
            if self.wide.take(n, delay, beyond=beyond, back=back):
                out.begin("qrs_wide", self.wide.since or n, decided_n, width, limit)
            else:
                out.end("qrs_wide", decided_n)
        if (qtc := measurement.qtc_ms) is not None:
            narrow = width < limits.qrs_ms
            beyond, back = qtc > limits.qtc_ms and narrow, qtc < limits.qtc_ms - BACK_MS
            if self.long_qt.take(n, limits.qtc_delay_s * out.fs, beyond=beyond, back=back):
                out.begin("qtc_long", self.long_qt.since or n, decided_n, qtc, limits.qtc_ms)
            else:
                out.end("qtc_long", decided_n)
        pr = measurement.pr_ms
        onset = self.long_pr.since
        before = self.long_pr.told
        beyond = pr is not None and pr > limits.pr_ms
        back = pr is None or pr < limits.pr_ms - BACK_MS
        if not self.long_pr.take(n, delay, beyond=beyond, back=back) and before:
            out.episode("av_block_1", onset or n, n)
            self.long_pr.clear()

    def on_beat(self, moment: Moment) -> None:
        """Take the newest beat and its P wave."""
        beats, p_wave, decided_n, out = moment.beats, moment.p_wave, moment.n, moment.out
        if p_wave.halfway < LIKE_P > p_wave.dropped and not self.dropped:  # nearly always
            self.halved = 0
            return
        n = beats.n[-1]
        self.halved = self.halved + 1 if _halved(beats, p_wave) else 0
        dropped = self.halved >= HALVED or _dropped(beats, p_wave)
        if dropped and not FIBRILLATING & out.present.keys():
            self.dropped.append(n)
        if self.dropped:
            self.dropped = [one for one in self.dropped if n - one < DROPPED_WITHIN_S * out.fs]
        if len(self.dropped) >= DROPPED:
            first = self.blocked[0] if self.blocked else self.dropped[0]
            self.blocked = first, self.dropped[-1]
            out.begin("av_block_2", self.dropped[0], decided_n, len(self.dropped), DROPPED)
        else:
            self._block_over(out)
            out.linger("av_block_2", decided_n)

    def deny_beats(self, moment: Moment) -> None:
        """Forget the dropped beats: which were none is not known."""
        self.forget(moment)

    def forget(self, moment: Moment) -> None:
        """End what lasts; the patient's own width stays known."""
        n, out = moment.n, moment.out
        if self.long_pr.told:
            out.episode("av_block_1", self.long_pr.since or n, n)
        for lasting in (self.wide, self.long_qt, self.long_pr):
            lasting.clear()
        self._block_over(out)
        self.dropped.clear()
        self.halved = 0

    def _block_over(self, out: Conditions) -> None:
        if self.blocked is not None:
            out.episode("av_block_2", *self.blocked)
            self.blocked = None


def _is_p(likeness: float, p_wave: PWave) -> bool:
    """Tell whether a wave of this likeness, and the one before the QRS complex, are P waves."""
    return likeness >= LIKE_P and (p_wave.likeness or 0.0) >= LIKE_P


def _halved(beats: Beats, p_wave: PWave) -> bool:
    """Tell whether a P wave without a QRS complex follows the newest beat, as in 2:1 block."""
    if not _is_p(p_wave.halfway, p_wave):
        return False
    newest, before = beats.rr(1), beats.rr(2)
    if newest is None or before is None or beats.labels[-1] != "N":
        return False
    return abs(newest - before) <= STEADY * before


def _dropped(beats: Beats, p_wave: PWave) -> bool:
    """Tell whether a P wave without a QRS complex came in the interval before the newest beat."""
    if not _is_p(p_wave.dropped, p_wave):
        return False
    pause, usual, before = (beats.rr(back) for back in (1, 2, 3))
    if pause is None or usual is None or before is None:
        return False
    # Beats in groups look premature to the labeller: S says nothing against a regular rhythm.
    if beats.labels[-1] != "N" or any(label not in ("N", "S") for label in beats.labels[-4:]):
        return False
    regular = abs(before - usual) <= STEADY * usual
    every_second = abs(before - pause) <= STEADY * pause
    if pause < PAUSE * usual or not (regular or every_second):
        return False
    paired = not regular and "S" in beats.labels[-4:]
    if paired and (pause > TWICE * usual or not _pairs_go_on(beats, usual)):
        return False
    least = ALMOST_P if paired else LIKE_P
    return p_wave.dropped >= least and (p_wave.likeness or 0.0) >= least


def _pairs_go_on(beats: Beats, usual: float) -> bool:
    """Tell whether the interval before the pause is that before the last pause: no single PAC."""
    again = beats.rr(4)
    return again is not None and abs(again - usual) <= STEADY * usual
