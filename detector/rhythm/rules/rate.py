"""Rate and silence: asystole, pause, missed beat, extreme and limit tachycardia and bradycardia.

Definitions:

* asystole and extreme bradycardia: no QRS complex for 4 s; below 40 bpm over 5 beats (Clifford et
  al., The PhysioNet/CinC Challenge 2015, Computing in Cardiology 42:273-276, 2015);
* extreme tachycardia: above 140 bpm over 13 beats: bedside monitors average the last 12 RR
  intervals (Philips IntelliVue MP2, instructions for use, specifications, "Heart Rate Averaging
  Method"; Mindray BeneHeart D60, appendix A; both as IEC 60601-2-27, 201.7.9.2.9.101, has them
  disclose it). The challenge takes 17 beats: a rhythm that begins suddenly is told 2 s sooner;
* pause: an RR interval of 3 s (Kusumoto et al., 2018 ACC/AHA/HRS guideline on bradycardia,
  doi:10.1161/CIR.0000000000000628);
* tachycardia and bradycardia: the mean rate over 5 beats beyond the patient's limit, for 4 s:
  IEC 60601-2-27 (201.12.1.101.15) asks for at most 10 s from a step to the alarm;
* a silence in which no lead was still (`detector.rhythm.witness.scrutiny`) may be one of the
  electrode: it is no pause, it makes no rate, and it is an asystole only after 8.5 s, so that
  asystole is told within 10 s however the baseline moves;
* nor is it believed that beats are absent while one lead shows them
  (`detector.rhythm.witness.witness`): then the leads disagree, which is told, and again an asystole
  is told after 8.5 s all the same;
* time in which noise as steep as QRS complexes covers every lead
  (`detector.rhythm.witness.activity`) proves nothing: the rest must be an asystole, a pause or a
  low rate by itself, of a long silence half of its last 8 s. Where it is none, and without the
  noise an alarm of high priority would be due, the rhythm analysis is suspended in its place,
  which is told;
* missed beat: an RR interval of 1.75 mean RR intervals in a rhythm without PVCs that is regular to
  15 % before and after it (after Drew et al., AHA practice standards, Circulation 110:2721-2746,
  2004).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from detector.rhythm.witness.witness import Witness
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.ward.limits.model import RateLimits

DECISION_S = 0.35
"""A beat is known so long after its R peak at the latest: a silence must have lasted longer."""
DOUBTED_S = 2.0
"""A shorter RR interval is believed even if the baseline jumped in it: few movements hide beats."""
SHAKEN_S = 8.5
"""A silence that began with a jump of the baseline is an asystole after so long."""
HIDING_S = 0.25
"""An interval with more covered time may hide a beat, s."""
REGULAR = 0.15
"""A rhythm is regular if no RR interval is farther than this part from their mean."""
REGULAR_INTERVALS = 6
LIMITED_RATES = ("bradycardia", "tachycardia", "extreme_bradycardia", "extreme_tachycardia")
OF_RATES = frozenset(("asystole", "pause", *LIMITED_RATES))
"""What R peaks begin and end."""
ROUNDING = 1.0 + 1e-9
"""More than the error of a few operations on numbers of 64 bits, so that none is judged by it."""


@dataclass(slots=True)
class RateRules(Rule):
    """Conditions that ask for R peaks only.

    Attributes:
        limits: of this patient.
        beyond: sample index since which the rate has been beyond each limit.
    """

    SECTION: ClassVar[str] = "rate"
    ASKED_IN_NOISE: ClassVar[bool] = True
    KEPT_IN_NOISE: ClassVar[bool] = True

    limits: Configuration[RateLimits]
    beyond: dict[str, int] = field(default_factory=dict)

    def on_beat(self, moment: Moment) -> None:
        """Take the newest beat: of its label it matters that it is no PVC."""
        if not moment.suspended:
            self._missed(moment.beats, moment.n, moment.out)

    def on_peak(self, moment: Moment) -> None:
        """Take the newest R peak; those before a silence that proves nothing are dropped."""
        beats, out = moment.peaks, moment.out
        silence = beats.rr_s
        if silence is None or silence < DOUBTED_S:
            if self._is_calm(beats, out):
                return
        elif moment.scrutiny.shaken_n > beats.n[-2]:
            beats.keep_newest()
        out.end("asystole", moment.n)
        self._pause(moment)
        self._rates(moment)

    def _is_calm(self, beats: Beats, out: Conditions) -> bool:
        """Tell whether a beat that no pause precedes begins nothing and ends nothing."""
        if self.beyond or not OF_RATES.isdisjoint(out.present):
            return False
        limits, rr_s = self.limits, beats.rr_s
        if rr_s is not None and rr_s >= limits.pause_s:
            return False
        slow = beats.rate(limits.extreme_low_beats)
        same = limits.limit_beats == limits.extreme_low_beats
        rate = slow if same else beats.rate(limits.limit_beats)
        if rate is not None and not limits.low_bpm <= rate <= limits.high_bpm:
            return False
        if slow is not None and slow < limits.extreme_low_bpm:
            return False
        fast = beats.rate(limits.extreme_high_beats)
        return fast is None or fast <= limits.extreme_high_bpm

    def _rates(self, moment: Moment) -> None:
        """Hold the rates over the newest beats against their limits."""
        limits, beats, decided_n, out = self.limits, moment.peaks, moment.n, moment.out
        witness = moment.scrutiny.witness
        count = limits.extreme_low_beats
        slow = beats.rate(count)
        if slow is not None:
            kind, limit = "extreme_bradycardia", limits.extreme_low_bpm
            if _unproven(slow, limit, count, moment):
                out.withhold(kind)
            elif not _denied(slow, limit, count, beats, decided_n, out, witness):
                self._low(kind, slow, limit, count, moment)
        count = limits.extreme_high_beats
        fast = beats.rate(count)
        if fast is not None:
            self._high("extreme_tachycardia", fast, limits.extreme_high_bpm, count, moment)
        rate = slow if limits.limit_beats == limits.extreme_low_beats else None
        count = limits.limit_beats
        rate = beats.rate(count) if rate is None else rate
        if rate is None:
            return
        slow_now = rate < limits.low_bpm and not _unproven(rate, limits.low_bpm, count, moment)
        if slow_now and _denied(rate, limits.low_bpm, count, beats, decided_n, out, witness):
            slow_now = False
        if self._lasting("bradycardia", slow_now, decided_n, out):
            self._low("bradycardia", rate, limits.low_bpm, count, moment)
        elif rate > limits.low_bpm + limits.hysteresis_bpm:
            out.linger("bradycardia", decided_n)
        if self._lasting("tachycardia", rate > limits.high_bpm, decided_n, out):
            self._high("tachycardia", rate, limits.high_bpm, count, moment)
        elif rate < limits.high_bpm - limits.hysteresis_bpm:
            out.linger("tachycardia", decided_n)

    def on_tick(self, moment: Moment) -> None:
        """Look at the silence since the last R peak."""
        limits, n, silent_s, out = self.limits, moment.n, moment.silent_s, moment.out
        certain_s = silent_s - DECISION_S
        if certain_s < limits.pause_s and certain_s < limits.asystole_s:
            return
        witness = None if moment.scrutiny.stands_still else moment.scrutiny.witness
        onset = n - round(silent_s * moment.fs)
        proven_s = self._proven_s(certain_s, onset, moment)
        if certain_s >= limits.asystole_s > proven_s:
            out.withhold("asystole")
        if moment.scrutiny.shaken_n > onset and silent_s < SHAKEN_S:
            return
        doubtful = proven_s >= limits.pause_s and silent_s < SHAKEN_S
        told_s = limits.asystole_s if proven_s >= limits.asystole_s else limits.pause_s
        if doubtful and witness and witness.contradicts([onset], onset, n, out, told_s):
            return
        if proven_s >= limits.asystole_s:
            out.begin("asystole", onset, n, silent_s, limits.asystole_s)
        elif proven_s >= limits.pause_s:
            out.begin("pause", onset, n, silent_s, limits.pause_s)

    def forget(self, moment: Moment) -> None:  # noqa: ARG002 (as of `Rule`)
        """Forget how long rates have been beyond their limits."""
        self.beyond.clear()

    def _proven_s(self, certain_s: float, onset: int, moment: Moment) -> float:
        """Return how much of a silence, or of its newest part, noise does not cover, s."""
        part_s = 2 * max(self.limits.asystole_s, self.limits.pause_s)
        newest = max(onset, moment.n - round(part_s * moment.fs))
        covered_s = moment.scrutiny.activity.covered_s(newest, moment.n, moment.fs)
        return min(certain_s, part_s) - covered_s

    def _pause(self, moment: Moment) -> None:
        """Look at the interval that the newest R peak ends."""
        beats, out, limits = moment.peaks, moment.out, self.limits
        rr = beats.rr_s
        if rr is not None and rr >= limits.pause_s:
            first, last = beats.n[-2:]
            proven_s = rr - moment.scrutiny.activity.covered_s(first, last, moment.fs)
            witness = moment.scrutiny.witness
            if proven_s < limits.pause_s or witness.contradicts(
                beats.n[-2:], first, moment.n, out, limits.pause_s
            ):
                return
            out.episode("pause", first, last)
            if rr < limits.asystole_s:
                out.flash("pause", first, moment.n, rr, limits.pause_s)
        out.linger("pause", moment.n)

    def _missed(self, beats: Beats, decided_n: int, out: Conditions) -> None:
        """Look at the interval before the newest: the rhythm must have gone on after it."""
        newest = beats.rr_s
        long = None if newest is None else beats.rr(2)
        if long is None or newest is None:
            return
        # The mean is at least as much of a newest interval that is regular.
        if long * (1.0 + REGULAR) * ROUNDING < self.limits.missed_beat_rr * newest:
            return
        before = beats.normal_rr(REGULAR_INTERVALS, skip=2)
        if len(before) < REGULAR_INTERVALS:
            return
        mean = sum(before) / len(before)
        irregular = max(abs(value - mean) for value in (*before, newest)) > REGULAR * mean
        if irregular or "V" in beats.labels[-REGULAR_INTERVALS - 3 :]:
            return
        if self.limits.missed_beat_rr * mean <= long < self.limits.pause_s:
            out.flash(
                "missed_beat", beats.n[-3], decided_n, long / mean, self.limits.missed_beat_rr
            )

    def _lasting(self, kind: str, beyond: bool, decided_n: int, out: Conditions) -> bool:
        """Tell whether a rate has been beyond its limit, and no other, for the delay."""
        if not beyond or out.silenced(kind):
            self.beyond.pop(kind, None)
            return False
        since = self.beyond.setdefault(kind, decided_n)
        return decided_n - since >= self.limits.delay_s * out.fs

    def _low(self, kind: str, rate: float, limit: float, count: int, moment: Moment) -> None:
        """Hold the rate over ``count`` beats against a lower limit."""
        if rate < limit:
            moment.out.begin(kind, _onset(moment.peaks, count), moment.n, rate, limit)
        elif rate > limit + self.limits.hysteresis_bpm:
            moment.out.linger(kind, moment.n)

    def _high(self, kind: str, rate: float, limit: float, count: int, moment: Moment) -> None:
        """Hold the rate over ``count`` beats against an upper limit."""
        if rate > limit:
            moment.out.begin(kind, _onset(moment.peaks, count), moment.n, rate, limit)
        elif rate < limit - self.limits.hysteresis_bpm:
            moment.out.linger(kind, moment.n)


def _denied(
    rate: float,
    limit: float,
    count: int,
    beats: Beats,
    decided_n: int,
    out: Conditions,
    witness: Witness | None,
) -> bool:
    """Whether a rate over ``count`` beats is too low without those that a single lead shows."""
    if rate >= limit or witness is None:
        return False
    onset = _onset(beats, count)
    hidden, _ = witness.hidden(beats.n, onset, beats.n[-1], beats.fs)
    lasted_s = (beats.n[-1] - onset) / beats.fs
    if not hidden or rate + 60.0 * hidden / lasted_s < limit:
        return False
    return witness.contradicts(beats.n, onset, decided_n, out)


def _unproven(rate: float, limit: float, count: int, moment: Moment) -> bool:
    """Whether a rate over ``count`` beats is too low only by intervals that noise covers.

    Half of the intervals must be free of it, and too long by themselves.
    """
    if rate >= limit:
        return False
    beats, activity = moment.peaks, moment.scrutiny.activity
    since = beats.since(count) or 0
    free = [
        b - a
        for a, b, joined in zip(
            beats.n[since:], beats.n[since + 1 :], beats.joined[since + 1 :], strict=False
        )
        if joined and activity.covered_s(a, b, beats.fs, beats.n) <= HIDING_S
    ]
    return 2 * len(free) < count - 1 or 60.0 * beats.fs * len(free) >= limit * sum(free)


def _onset(beats: Beats, count: int) -> int:
    """Return the sample index at which the intervals of `Beats.rate` begin, which is known."""
    since = beats.since(count)
    return beats.n[0 if since is None else since]
