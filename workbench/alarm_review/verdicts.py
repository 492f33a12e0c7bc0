"""Judges a high-priority alarm by the reference annotations: true, arguable or false. Pure.

============================ =====================================================================
kind                         true when, around the alarm, the annotator has ...
============================ =====================================================================
``asystole``                 no beat for the limit (4 s)
``extreme_bradycardia``      as many beats in a row as the rule takes, slower than the limit
``extreme_tachycardia``      as many beats in a row as the rule takes, faster than the limit
``vt``, ``vt_sustained``     5 ventricular beats (V, E, r) in a row above 100 bpm (the sustained:
                             over 30 s), or the rhythm VT or VFL
``vf``                       the rhythm VFL, VF or VFIB
============================ =====================================================================

Arguable, with a reason, when what a clinician would want to see is there though the
definition is not met to the letter:

* a pause of 3 s for an asystole;
* a rate within 5 % of the limit (the mean depends on the beat that it begins with);
* 3 or 4 ventricular beats in a row above 100 bpm (a salvo), 5 or more from 90 to 100 bpm
  (an accelerated idioventricular rhythm at the border), a run of 5 that counts fusion beats (F) or
  aberrated atrial beats (a), for a ventricular tachycardia;
* for ventricular fibrillation, a ventricular tachycardia (rhythm, or a run as above), which calls
  for the same hands.

Everything else is false. "Around" is from the onset to the decision, with 0.15 s to spare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ecg_monitor.ward.limits.model import Limits
from workbench.alarm_review.context import SLACK_S, Reference, VentricularRun

Outcome = Literal["true", "arguable", "false"]

PAUSE_S = 3.0
NEAR = 0.05
VENTRICULAR = "VEr"
WIDE = VENTRICULAR + "Fa"
VT_RHYTHMS = frozenset({"(VT", "(VFL", "(VF", "(VFIB"})
VF_RHYTHMS = VT_RHYTHMS - {"(VT"}
SALVO = 3
SLOW_VT_BPM = 90.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of judging one alarm.

    Attributes:
        outcome: true, arguable or false.
        reason: what the annotator has there, in words.
    """

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm as the analyzer raised it.

    Attributes:
        kind: what it is.
        onset_s: time of the onset.
        decided_s: signal time that the analysis had reached when it decided.
    """

    kind: str
    onset_s: float
    decided_s: float


def judge(alarm: RaisedAlarm, reference: Reference, limits: Limits) -> Verdict:
    """Return the verdict on a high-priority alarm.

    Raises:
        KeyError: there is no rule for its kind (`JUDGED` lists them).
    """
    return _RULES[alarm.kind](alarm, reference, limits)


def _asystole(alarm: RaisedAlarm, reference: Reference, limits: Limits) -> Verdict:
    silent = reference.longest_silence(alarm.onset_s + SLACK_S, alarm.decided_s - SLACK_S)
    reason = f"no reference beat for {silent:.2f} s"
    if silent >= limits.rate.asystole_s - SLACK_S:
        return Verdict("true", reason)
    return Verdict("arguable" if silent >= PAUSE_S else "false", reason)


def _slow(alarm: RaisedAlarm, reference: Reference, limits: Limits) -> Verdict:
    limit, beats = limits.rate.extreme_low_bpm, limits.rate.extreme_low_beats
    return _rate(alarm, reference, beats, limit, sign=-1)


def _fast(alarm: RaisedAlarm, reference: Reference, limits: Limits) -> Verdict:
    limit, beats = limits.rate.extreme_high_bpm, limits.rate.extreme_high_beats
    return _rate(alarm, reference, beats, limit, sign=1)


def _rate(
    alarm: RaisedAlarm, reference: Reference, beats: int, limit: float, *, sign: int
) -> Verdict:
    """Hold the most extreme reference rate against a limit; ``sign`` is 1 if it is an upper one."""
    rates = reference.rates(beats, alarm.onset_s - SLACK_S, alarm.decided_s + SLACK_S)
    if not len(rates):
        return Verdict("false", f"fewer than {beats} reference beats")
    rate = float((sign * rates).max() * sign)
    reason = f"{beats} reference beats at {rate:.1f} bpm"
    if sign * rate > sign * limit:
        return Verdict("true", reason)
    near = sign * rate > sign * limit - NEAR * limit
    return Verdict("arguable" if near else "false", reason)


def _tachycardia(alarm: RaisedAlarm, reference: Reference, limits: Limits) -> Verdict:
    start, end = alarm.onset_s - SLACK_S, alarm.decided_s + SLACK_S
    rhythms = [name for name in reference.rhythms(start, end) if name in VT_RHYTHMS]
    if rhythms:
        return Verdict("true", f"rhythm {rhythms[0]}")
    pure = max(reference.runs(VENTRICULAR, start, end), key=_size, default=None)
    wide = max(reference.runs(WIDE, start, end), key=_size, default=None)
    if pure is None or wide is None:
        symbols = "".join(reference.symbols[reference.between(start, end)])
        return Verdict("false", f"no ventricular beat, but {symbols}")
    reason = f"{pure.beats} ventricular beats in a row at {pure.bpm:.0f} bpm"
    rule = limits.ventricular
    enough, fast = pure.beats >= rule.vt_beats, pure.bpm > rule.vt_bpm
    sustained = pure.end_s - pure.start_s >= rule.vt_sustained_s
    if enough and fast and (sustained or alarm.kind != "vt_sustained"):
        return Verdict("true", reason)
    if (fast and pure.beats >= SALVO) or (enough and pure.bpm > SLOW_VT_BPM):
        return Verdict("arguable", reason)
    if wide.beats >= rule.vt_beats and wide.bpm > rule.vt_bpm:
        mixed = f"{wide.beats} ventricular, fusion or aberrated beats at {wide.bpm:.0f} bpm"
        return Verdict("arguable", mixed)
    return Verdict("false", reason)


def _fibrillation(alarm: RaisedAlarm, reference: Reference, limits: Limits) -> Verdict:
    start, end = alarm.onset_s - SLACK_S, alarm.decided_s + SLACK_S
    rhythms = [name for name in reference.rhythms(start, end) if name in VF_RHYTHMS]
    if rhythms:
        return Verdict("true", f"rhythm {rhythms[0]}")
    verdict = _tachycardia(alarm, reference, limits)
    return Verdict("false" if verdict.outcome == "false" else "arguable", verdict.reason)


def _size(run: VentricularRun) -> tuple[int, float]:
    return run.beats, run.bpm


_RULES: Mapping[str, Callable[[RaisedAlarm, Reference, Limits], Verdict]] = {
    "asystole": _asystole,
    "extreme_bradycardia": _slow,
    "extreme_tachycardia": _fast,
    "vt": _tachycardia,
    "vt_sustained": _tachycardia,
    "vf": _fibrillation,
}
JUDGED = frozenset(_RULES)
"""Kinds of alarm that there is a rule for: all of high priority."""
