"""What the beats of a run say together, where the label of one alone would end it.

Each beat is labelled by itself, against what beats of this patient look like. Of a ventricular
tachycardia the first beat is often a fusion, and from beat to beat its shape may change: one beat
in the middle is then called N, though nothing about it is like a normal beat. So the beats of a
fast run are weighed together:

* every one of them that is not labelled V is unlike this patient's normal beats on at least one
  lead: the correlation of its QRS complex with theirs is below `LIKE_NORMAL`; and its probability
  of V is not below `LEAST` on all leads. One beat that looks normal ends the run, however sure the
  others are;
* the log odds that the beat is ventricular, on the lead that speaks most for it, are `ENOUGH` on
  average. One beat says `SURE` at most, so that no beat decides alone;
* they repeat one another: the correlation of a QRS complex with the one before, on the lead where
  it is greatest, is `REPEATS` on average. Movement of an electrode makes beats that are unlike
  normal ones as well, but no two of them alike;
* all but a few of them are labelled V: of five, four.

A complex that the QRS detector overlooked (`detector.rhythm.witness.overlooked`) between two beats
that are labelled V and repeat one another is a beat of the run as well, and counts as they do.

Beats that conduct with aberration, or with a bundle branch block that comes with the rate, are
unlike normal ones as well, but little speaks for V in them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from detector.rhythm.beats import BeatLikeness, Beats

LIKE_NORMAL = 0.8
SURE = 3.0
"""Log odds that one beat may bring, either way: 20 to 1."""
ENOUGH = 0.4
REPEATS = 0.75
LEAST = 0.01
KEPT = 20
"""Beats kept: the most that the limits allow a tachycardia to ask for."""
LABELS = frozenset("NSVF")


@dataclass(frozen=True, slots=True)
class RunningBeat:
    """One beat of what may be a run.

    Attributes:
        n: sample index of its R peak.
        log_odds: of its being ventricular, -`SURE` to `SURE`.
        repeats: correlation of its QRS complex with that of the beat before.
        called: it is labelled V.
    """

    n: int
    log_odds: float
    repeats: float
    called: bool


class CountedRun(NamedTuple):
    """Beats in a row that are ventricular together.

    Attributes:
        first: sample index of the first.
        newest: of the newest.
        beats: how many they are.
        others: how many of them are not labelled V.
    """

    first: int
    newest: int
    beats: int
    others: int


@dataclass(slots=True)
class RunEvidence:
    """The newest beats in a row that are unlike normal ones.

    Attributes:
        beats: the beats, newest last; empty where the newest looks normal, or nothing is known.
    """

    beats: list[RunningBeat] = field(default_factory=list)

    def on_beat(self, beats: Beats, looks: BeatLikeness | None, *, cut: bool) -> None:
        """Take the newest beat.

        Args:
            beats: the last beats.
            looks: how the newest looks beside normal ones; None: that is not known.
            cut: holes in the signal lie in its QRS complex.
        """
        label = beats.labels[-1]
        called = label == "V"
        known = looks is not None and not cut and label in LABELS
        if looks is None or not known or not (called or _may_be_one(looks)):
            self.beats.clear()
            return
        if not beats.joined[-1]:
            self.beats.clear()
        share = looks.ventricular
        odds = math.log((share + 0.005) / (1.0 - share + 0.005))
        odds = max(-SURE, min(SURE, odds))
        self.beats.append(RunningBeat(beats.n[-1], odds, looks.repeats, called))
        del self.beats[:-KEPT]

    def gap(self) -> tuple[int, int] | None:
        """Return the R peaks of the newest two beats, if they are labelled V and alike."""
        if len(self.beats) < 2:
            return None
        before, newest = self.beats[-2:]
        alike = before.called and newest.called and newest.repeats >= REPEATS
        return (before.n, newest.n) if alike else None

    def insert(self, n: int, likeness: float) -> None:
        """Take a complex between the newest two beats that was overlooked.

        Args:
            n: sample index of its middle.
            likeness: its correlation with the newest beat.
        """
        before, newest = self.beats[-2:]
        odds = (before.log_odds + newest.log_odds) / 2.0
        self.beats.insert(-1, RunningBeat(n, odds, likeness, called=True))
        del self.beats[:-KEPT]

    def forget(self) -> None:
        """Forget the beats."""
        self.beats.clear()

    def run(self, count: int, others: int, *, repeats: bool = False) -> CountedRun | None:
        """Return the last ``count`` beats if they are ventricular together, else None.

        Args:
            count: how many beats.
            others: how many of them at most are not labelled V.
            repeats: the waveform is known to repeat, whatever the complexes found in it look like.
        """
        if len(self.beats) < count:
            return None
        last = self.beats[-count:]
        called = sum(beat.called for beat in last)
        if count - called > others:
            return None
        if sum(beat.log_odds for beat in last) < ENOUGH * count:
            return None
        alike = sum(beat.repeats for beat in last[1:])
        if not repeats and alike < REPEATS * (count - 1):
            return None
        return CountedRun(last[0].n, last[-1].n, count, count - called)


def _may_be_one(looks: BeatLikeness) -> bool:
    """Return whether a beat that is not labelled V may be one of a run."""
    return looks.likeness < LIKE_NORMAL and looks.ventricular >= LEAST
