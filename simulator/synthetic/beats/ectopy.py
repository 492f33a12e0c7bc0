"""Premature beats: their timing, and their effect on the rhythm that they disturb."""

from __future__ import annotations

from dataclasses import replace

from simulator.synthetic.beats.heart import Activation, Cycle, Heart

_EVERY = {"bigeminy": 1, "trigeminy": 2, "quadrigeminy": 3}


class Ectopy:
    """Draws the premature beats of one segment.

    Args:
        heart: the heart whose segment prescribes them.
        compensatory: True if a PVC leaves the sinus node alone (full compensatory pause); False in
            atrial fibrillation, where the next beat simply follows.
    """

    def __init__(self, heart: Heart, *, compensatory: bool = True) -> None:
        self._heart = heart
        self._compensatory = compensatory
        self._conducted_in_row = 0

    def after(self, r: float, rr: float) -> tuple[Cycle, float] | None:
        """Decide what premature beats follow the conducted beat at ``r``, whose interval is ``rr``.

        Returns:
            The premature beats and the time of the next conducted one, or None if there are none.
        """
        segment = self._heart.segment
        self._conducted_in_row += 1
        count = self._pvc_count(rr)
        if count:
            found = self._ventricular(r, rr, count)
        elif segment.pac_per_min and self._heart.per_beat(segment.pac_per_min, rr):
            found = self._atrial(r, rr)
        else:
            return None
        if found[0].activations[-1].time >= self._heart.end:
            return None
        self._conducted_in_row = 0
        return found

    def _pvc_count(self, rr: float) -> int:
        segment = self._heart.segment
        if segment.pvc in _EVERY:
            return 1 if self._conducted_in_row >= _EVERY[segment.pvc] else 0
        # Never two in a row: it would make a couplet out of singles.
        if segment.pvc == "none" or self._conducted_in_row < 2:
            return 0
        if not self._heart.per_beat(segment.pvc_per_min, rr):
            return 0
        return {"single": 1, "couplets": 2, "runs": segment.run_beats}[segment.pvc]

    def _ventricular(self, r: float, rr: float, count: int) -> tuple[Cycle, float]:
        heart, segment = self._heart, self._heart.segment
        if count == 1 and heart.rng.random() < segment.fusion:
            # Both fronts meet: the P wave is on time and the beat only just early.
            p, beat = heart.conducted(r + 0.94 * rr, rr).activations
            return Cycle(beat.time, (p, replace(beat, shape="F", symbol="F"))), r + 1.95 * rr
        form = int(heart.rng.integers(segment.pvc_forms))
        coupling = max((0.56 + 0.03 * form) * rr, min(0.36, 0.75 * rr))
        step = 60 / segment.run_rate
        first = r + coupling + heart.rng.normal(0, 0.008)
        times = [first] + [first + i * step + heart.rng.normal(0, 0.006) for i in range(1, count)]
        beats = [Activation(t, f"V{form}", step, "V") for t in times]
        beats[-1] = replace(beats[-1], rr_s=min(rr, 0.8))
        last = times[-1]
        if count == 1 and self._compensatory:
            # The sinus node goes on: its P wave meets refractory ventricles, its next one not.
            hidden = Activation(heart.p_time(r + rr, rr), "P", rr)
            return Cycle(first, (hidden, *beats)), r + 2 * rr
        resumed = last + max(1.1 * rr, 0.5)
        if count < 3:
            return Cycle(first, tuple(beats)), resumed
        # Ahead of the R peaks, so that each beat lies in the rhythm to which it belongs.
        rhythms = ((first - 0.1, "(VT"), (resumed - 0.1, segment.aux))
        return Cycle(first, tuple(beats), rhythms, (("vt", first, last),)), resumed

    def _atrial(self, r: float, rr: float) -> tuple[Cycle, float]:
        heart = self._heart
        time = r + rr * float(heart.rng.uniform(0.62, 0.72))
        cycle = heart.conducted(time, 0.7 * rr, "P-ectopic")
        p, beat = cycle.activations
        # It discharges the sinus node, which starts over: the pause is not compensatory.
        return replace(cycle, activations=(p, replace(beat, symbol="A"))), time + 1.08 * rr
