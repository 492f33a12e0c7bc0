"""What a single lead shows of its own: QRS complexes that the leads together do not.

The QRS detector joins its leads, so one that jumps from rail to rail can hide the beats of
another. Alarms that speak from the absence of beats therefore ask here: a lead counts as a witness
while most of the beats that were found resembled its familiar shapes
(`detector.rhythm.witness.likeness`), or while all other leads are no good
(`detector.rhythm.rules.lead_faults`), and what it shows is a complex when signal, derivative and
size fit one of them. T waves and P waves do not; nor does the pulse of a pacemaker that does not
capture, whose signal has no QRS complex.

A witness can withhold a bradycardia, and say that the leads disagree; it can put an asystole off
to `detector.rhythm.rules.rate.SHAKEN_S`, never away.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detector.rhythm.conditions import Conditions
from detector.rhythm.witness.disorder import Disorder
from detector.rhythm.witness.likeness import ALIKE, REACH, STEP, find_newest
from ecg_monitor.core.checkpoint.fields import Configuration

Samples = npt.NDArray[np.float32]

RATE = 250
SECOND = RATE // STEP
LATE = REACH + 3
"""Points that must follow the middle of a complex for it to be found."""
KEPT_S = 30.0
AFTER_S, AHEAD_S = 0.36, 0.25
"""How close to a beat no other complex is counted: its T wave, and its P wave."""
UNDECIDED_S = 0.5
"""A complex that is no older may yet be found: the QRS detector decides within so long. Else the
beat that ends a pause would deny it."""
MEMORY = 10.0
TRUSTED = 0.7
"""Part of about the last ten beats that a lead must have seen to be a witness."""
TRUSTED_BEATS = 8


@dataclass(slots=True)
class Witness:
    """Complexes that each lead has shown by itself.

    Attributes:
        names: of the leads.
        seen: part of the last beats that resembled a familiar shape of each lead.
        judged: how many beats each lead has been held against, up to `TRUSTED_BEATS`.
        found: sample indices of the complexes of each lead, oldest first.
        end_n: sample index up to which they are known.
    """

    names: Configuration[tuple[str, ...]] = ()
    seen: list[float] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)
    found: list[list[int]] = field(default_factory=list)
    end_n: int = 0

    def on_beat(self, likeness: Sequence[float]) -> None:
        """Take how well the newest beat fits each lead's familiar shapes (nan: not known)."""
        seen, judged = self.seen, self.judged
        for lead, value in enumerate(likeness[: len(seen)]):
            like = 1.0 if value >= ALIKE else 0.0
            seen[lead] += (like - seen[lead]) / MEMORY
            if judged[lead] < TRUSTED_BEATS and not math.isnan(value):
                judged[lead] += 1

    def on_second(
        self,
        n: int,
        window: Samples,
        known: Disorder,
        fs: float,
        faulty: frozenset[int] = frozenset(),
    ) -> None:
        """Look for complexes in the newest second.

        Args:
            n: sample index one past it.
            window: mV at 250 Hz without baseline wander up to it, useless leads flat, shape
                (n_leads, 500 at least).
            known: has the familiar shapes of each lead.
            fs: sampling rate of the device, Hz.
            faulty: rows of leads that are no good, and no witnesses.
        """
        if len(self.seen) != len(window):
            self.seen, self.judged = [0.0] * len(window), [0] * len(window)
            self.found = [[] for _ in window]
        self.end_n = n - round(LATE * STEP * fs / RATE)
        asked, oldest = 0, n - KEPT_S * fs
        for lead, found in enumerate(self.found):
            if lead >= len(known.shapes) or not self._trusted(lead, faulty):
                found.clear()
                continue
            asked |= 1 << lead
            while found and found[0] < oldest:
                del found[0]
        if not asked:
            return
        shapes = known.shapes, known.sizes, known.counts
        for lead, back in find_newest(window, asked, SECOND, LATE, *shapes).tolist():
            self.found[int(lead)].append(n - round(back * STEP * fs / RATE))

    def hidden(self, beats: Sequence[int], from_n: int, to_n: int, fs: float) -> tuple[int, int]:
        """Count the complexes that a lead shows and the joint beats do not have.

        Args:
            beats: R peaks, oldest first.
            from_n: sample index to count from.
            to_n: one past the last.
            fs: sampling rate, Hz.

        Returns:
            the most that any witness has, and the row of that lead.
        """
        missing, lead = self._missing(beats, from_n, to_n, fs)
        return len(missing), lead

    def contradicts(
        self, beats: Sequence[int], from_n: int, n: int, out: Conditions, least_s: float = 0.0
    ) -> bool:
        """Tell whether a lead shows beats that were not found, and say so (``leads_disagree``).

        Args:
            beats: R peaks found, oldest first.
            from_n: sample index since which they are missing.
            n: sample index that the analysis has reached.
            out: takes the condition.
            least_s: a silence of so long between the lead's own beats is believed all the same:
                the first beat after a standstill, which alone was overlooked, denies nothing.
        """
        decided_n = n - round(UNDECIDED_S * out.fs)
        missing, lead = self._missing(beats, from_n, decided_n, out.fs)
        if not missing:
            return False
        places = [from_n, *missing, decided_n]
        if least_s and max(b - a for a, b in pairwise(places)) >= least_s * out.fs:
            return False
        name = self.names[lead] if lead < len(self.names) else None
        out.begin("leads_disagree", from_n, n, len(missing), 0, name)
        out.linger("leads_disagree", n)
        return True

    def forget(self) -> None:
        """A stretch ends."""
        self.seen, self.judged, self.found = [], [], []

    def _missing(
        self, beats: Sequence[int], from_n: int, to_n: int, fs: float
    ) -> tuple[list[int], int]:
        """Return the most complexes that a witness has and the joint beats do not, and its row."""
        most: list[int] = []
        lead = 0
        for row, found in enumerate(self.found):
            missing = [
                n
                for n in found[bisect_left(found, from_n) :]
                if n < to_n and not _near(n, beats, fs)
            ]
            if len(missing) > len(most):
                most, lead = missing, row
        return most, lead

    def _trusted(self, lead: int, faulty: frozenset[int]) -> bool:
        if lead in faulty or self.judged[lead] < TRUSTED_BEATS:
            return False
        # Beside leads that are no good it need not share what was found: that may be theirs.
        alone = len(faulty) > 0 and len(faulty | {lead}) >= len(self.seen)
        return alone or self.seen[lead] >= TRUSTED


def _near(n: int, beats: Sequence[int], fs: float) -> bool:
    """Whether a complex is a beat, or one of its other waves."""
    place = bisect_left(beats, n)
    after = place > 0 and n - beats[place - 1] < AFTER_S * fs
    return after or (place < len(beats) and beats[place] - n < AHEAD_S * fs)
