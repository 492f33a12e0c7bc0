"""What the rules of `detector.rhythm.rules` look at, and what each of them may be asked.

`Moment` is one device as it is when something has come: an R peak, a labelled beat, a measurement,
a half-second tick, a second of signal. `Rule` is asked of each kind of them what it makes of it,
and tells what it finds to ``moment.out``. `detector.rhythm.alarms` prepares the moments and asks
the rules in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

from detector.delineation.stream import UNSEEN, PWave
from detector.rhythm.beats import BeatLikeness, Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform.watch import Watch
from detector.rhythm.witness.scrutiny import Scrutiny
from ecg_monitor.core.checkpoint.fields import Configuration, Derived
from ecg_monitor.core.types import Measurement
from ecg_monitor.ward.limits.model import Limits


@dataclass(slots=True)
class Moment:
    """One device, as the rules see it.

    Attributes:
        fs: sampling rate of the device, Hz.
        limits: the limits of this patient that are in force.
        out: takes the conditions and episodes.
        peaks: the last R peaks of the unbroken stretch; the newest is what `Rule.on_peak` is about.
        beats: the last beats with their labels; the newest is what `Rule.on_beat` is about.
        watch: the last seconds of the waveform, and what they show.
        scrutiny: whether the beats that were found, or their absence, may be believed.
        n: sample index that the analysis has reached.
        suspended: arrhythmia analysis is suspended (`detector.rhythm.rules.suspension`).
        p_wave: what precedes the newest of ``beats``.
        cut: holes in the signal lie in the QRS complex of the newest of ``beats``.
        looks: how the newest of ``beats`` looks beside normal ones; None: that is not known.
        perhaps: the newest of ``beats`` may be a PVC though it was not called one: holes in the
            signal have changed what its class hangs on.
        repeats: how much of the signal ahead of normal beats repeats, 0 .. 1 (`Atrial`).
        silent_s: at a tick, the seconds without a QRS complex.
        looked_for: the device looks for pacemaker pulses.
    """

    fs: Configuration[float]
    limits: Limits
    out: Conditions
    peaks: Beats
    beats: Beats
    watch: Watch
    scrutiny: Scrutiny
    n: Derived[int] = 0
    suspended: Derived[bool] = False
    p_wave: Derived[PWave] = UNSEEN
    cut: Derived[bool] = False
    looks: Derived[BeatLikeness | None] = None
    perhaps: Derived[bool] = False
    repeats: Derived[float] = 0.0
    silent_s: Derived[float] = 0.0
    looked_for: Derived[bool] = False


class Rule:
    """One rule: a dataclass of the state that it keeps, and the moments that it is asked about.

    What a rule does not override it is not asked.
    """

    __slots__ = ()

    SECTION: ClassVar[str] = ""
    """Section of the limits that the rule has as ``limits``; empty: it has none."""
    ASKED_IN_NOISE: ClassVar[bool] = False
    """It is asked while arrhythmia analysis is suspended."""
    KEPT_IN_NOISE: ClassVar[bool] = False
    """It does not `forget` when arrhythmia analysis is suspended."""

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """Return the rule for a patient with these limits, of whom nothing is known."""
        make = cast("Any", cls)
        made: Self = make(getattr(limits, cls.SECTION)) if cls.SECTION else make()
        return made

    def set_limits(self, limits: Limits) -> None:
        """Judge by these limits from here on."""
        if self.SECTION:
            cast("Any", self).limits = getattr(limits, self.SECTION)

    def on_pulse(self, moment: Moment, n: int) -> None:
        """Take a pacemaker pulse at sample index ``n``, before what is decided there or later."""

    def on_peak(self, moment: Moment) -> None:
        """Take the newest R peak; its label may come later, with `on_beat`."""

    def on_beat(self, moment: Moment) -> None:
        """Take the newest labelled beat."""

    def on_measurement(self, moment: Moment, measurement: Measurement) -> None:
        """Take what an average of normal beats has shown."""

    def on_tick(self, moment: Moment) -> None:
        """Take a half-second tick."""

    def on_second(self, moment: Moment) -> None:
        """Take a second of signal, which ``moment.watch`` has seen."""

    def deny_beats(self, moment: Moment) -> None:
        """Take it that the beats after the newest that is left were none."""

    def forget(self, moment: Moment) -> None:
        """End what is going on: nothing is known from here on."""


MOMENTS = ("on_pulse", "on_peak", "on_beat", "on_measurement", "on_tick", "on_second", "deny_beats")
"""What `Rule` may be asked, but for `Rule.forget`."""
RuleMethods = dict[bool, dict[str, tuple[Callable[..., None], ...]]]
"""Methods of rules by whether the analysis is suspended, and by name."""


def asked(rules: Iterable[Rule]) -> RuleMethods:
    """Return which methods of rules are to be called: those overridden, of rules asked then."""
    some = tuple(rules)
    return {
        suspended: {
            name: tuple(
                getattr(rule, name)
                for rule in some
                if getattr(type(rule), name) is not getattr(Rule, name)
                and (rule.ASKED_IN_NOISE or not suspended)
            )
            for name in MOMENTS
        }
        for suspended in (False, True)
    }
