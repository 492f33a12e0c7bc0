"""Alarm conditions of one device: prepares the moments, and asks the rules in order. Pure.

R peaks come first, the same beats with their labels later; half-second ticks tell of silence and
quality; seconds of signal, if the caller has them, show fibrillation and noise. A detached
electrode is a technical condition of its own (lead-off) and ends the others: nothing can be said
of the heart. So does the end of an unbroken stretch of signal.

ARCHITECTURE.md, "How to", says what a new alarm needs: a rule, its place in `RULES`, and a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, TypeVar

import numpy as np
import numpy.typing as npt

from detector.delineation.stream import UNSEEN, PWave
from detector.engine.state import LEADOFF, POOR
from detector.rhythm.beats import HIDDEN, NO_HOLES, BeatLikeness, Beats, Holes
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule, RuleMethods, asked
from detector.rhythm.rules.conduction import ConductionRules
from detector.rhythm.rules.dissociation import DissociationRules
from detector.rhythm.rules.irregular import IrregularRules
from detector.rhythm.rules.pacing import PacingRules
from detector.rhythm.rules.rate import RateRules
from detector.rhythm.rules.st import StRules
from detector.rhythm.rules.supraventricular import SupraventricularRules
from detector.rhythm.rules.suspension import LIMITED
from detector.rhythm.rules.ventricular import VentricularRules
from detector.rhythm.signal_state import SignalState
from detector.rhythm.waveform.quality import MeasuredSecond
from detector.rhythm.waveform.watch import Watch
from detector.rhythm.witness.scrutiny import Scrutiny
from ecg_monitor.core.checkpoint.fields import Configuration, Derived, TupleOf
from ecg_monitor.core.types import BeatLabel, Event, Measurement
from ecg_monitor.ward.alarms.catalogue import GOES_ON_IN_NOISE, OF_DEVICE
from ecg_monitor.ward.limits.model import Limits, default_limits

Samples = npt.NDArray[np.float32]
R = TypeVar("R", bound=Rule)

RULES: tuple[type[Rule], ...] = (
    RateRules,
    VentricularRules,
    SupraventricularRules,
    IrregularRules,
    StRules,
    ConductionRules,
    DissociationRules,
    PacingRules,
)
"""The rules of the heart, in the order in which they are asked: what is told of one moment comes in
this order, and `ConductionRules` asks whether `IrregularRules` has found fibrillation."""


@dataclass(init=False, slots=True)
class AlarmRules:
    """Alarm conditions and rhythm episodes of one device.

    Attributes:
        moment: the device as the rules see it.
        rules: the rules of `RULES`, in order.
        signal: what is known of the electrodes and of the signal's quality.
        irregular: the one of them that knows where no beat is premature.
    """

    moment: Moment
    rules: Annotated[tuple[Rule, ...], TupleOf(RULES)]
    _names: Configuration[tuple[str, ...]]
    signal: SignalState
    _from_n: int
    _asked: Derived[RuleMethods]
    irregular: Derived[IrregularRules]
    _pacing: Derived[PacingRules]

    def __init__(
        self, fs: float, limits: Limits | None = None, leads: tuple[str, ...] = ()
    ) -> None:
        """Start a stream.

        Args:
            fs: sampling rate in Hz.
            limits: of this patient; None: the built-in ones for adults.
            leads: names of the leads, for what is told of one.
        """
        limits = limits or default_limits()
        self._names = leads
        self.signal = SignalState.of(leads, limits)
        self._from_n = 0
        self._learn(Conditions(fs, limits.priorities), fs, limits)

    def _learn(self, out: Conditions, fs: float, limits: Limits) -> None:
        """Make what learns of the patient, as it is before the first beat."""
        watch, scrutiny = Watch.of(limits.vf), Scrutiny.of(self._names)
        self.moment = Moment(fs, limits, out, Beats(fs), Beats(fs), watch, scrutiny)
        self.rules = tuple(rule.of(limits) for rule in RULES)
        self.irregular, self._pacing = self.rule(IrregularRules), self.rule(PacingRules)
        self._asked = asked(self.rules)

    def rule(self, kind: type[R]) -> R:
        """Return the rule of a class."""
        return next(rule for rule in self.rules if isinstance(rule, kind))

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self.moment.limits

    @property
    def rhythm(self) -> str | None:
        """The rhythm, if it is one that is no alarm (``paced``)."""
        return self._pacing.rhythm

    @property
    def limited(self) -> bool:
        """Holes in the signal limit the analysis (`Restriction`)."""
        return self.signal.restriction.active

    @property
    def _doubted_n(self) -> int | None:
        # Holes, which are told, make complexes unlike one another.
        believed = self.moment.scrutiny.disorder.since_n is None or self.limited
        return None if believed else self.moment.scrutiny.doubted_n

    @property
    def stands_still(self) -> bool:
        """The beats that are found are P waves: the ventricles stand still."""
        return self.moment.scrutiny.standstill.onset_n is not None

    @property
    def rests(self) -> bool:
        """Nothing is said of the heart: the voltages are impossible (`rules.amplitude`)."""
        return self.signal.amplitude.rests

    def change_limits(self, limits: Limits) -> None:
        """Judge what comes from here on by other limits; what was learnt of the rhythm stays.

        A condition that is present ends or goes on as its rule finds under the new limits, by
        the next beat or tick; one that has been turned off ends, and one whose priority has been
        raised is told again.
        """
        self.moment.out.note_risen(limits.priorities)
        self._set_limits(limits)

    def _set_limits(self, limits: Limits) -> None:
        self.moment.limits = limits
        self.moment.out.priorities = limits.priorities
        self.moment.watch.fibrillation.limits = limits.vf
        self.signal.suspension.limits = limits.noise
        for rule in self.rules:
            rule.set_limits(limits)

    def after_restore(self) -> None:
        """Put the limits that were in force, and what follows from the signal, back in place."""
        moment = self.moment
        self._set_limits(moment.limits)
        moment.scrutiny.see(moment.watch.fibrillation)
        moment.out.doubted_n = self._doubted_n

    def begin_anew(self, n: int) -> Iterable[Event]:
        """Forget the patient: what comes from ``n`` on may be another's signal.

        What is known of the electrodes and of the signal's quality stays. Conditions of the heart
        end; one that still holds is found again, and is then of the signal that comes.

        Returns:
            the conditions and episodes that end.
        """
        moment = self._at(n)
        out, quality = moment.out, moment.watch.quality
        self._forget_rhythm()
        moment.watch.fibrillation.forget(n, out)
        out.end_all(n, but=OF_DEVICE)
        out.forget_ends(but=OF_DEVICE)
        self._learn(out, moment.fs, moment.limits)
        self.moment.watch.quality = quality
        self._from_n = n
        return out.take()

    def on_pulses(self, pulses: Iterable[int]) -> None:
        """Take the pacemaker pulses up to what is decided next."""
        for n in pulses:
            for take in self._asked[False]["on_pulse"]:  # they come before the noise is judged
                take(self.moment, n)

    def on_peak(self, n: int, decided_n: int, *, joined: bool = True) -> Iterable[Event]:
        """Take an R peak as soon as it is found; its label may come later, with `on_beat`.

        Arguments as there, ``joined`` as of `Holes`. Returns the conditions that begin or end.
        """
        moment = self._at(decided_n)
        if n >= self._from_n and not (self.rests or moment.scrutiny.standstill.denies(n)):
            moment.peaks.add(n, "N", joined=joined)
            self._ask("on_peak")
        if moment.out.withheld:
            self._withhold()
        return moment.out.take()

    def on_beat(
        self,
        n: int,
        decided_n: int,
        label: BeatLabel = "N",
        p_wave: PWave = UNSEEN,
        holes: Holes = NO_HOLES,
        looks: BeatLikeness | None = None,
    ) -> Iterable[Event]:
        """Take a labelled beat; one whose peak has not been told counts as found now.

        Args:
            n: sample index of its R peak.
            decided_n: sample index that the analysis has reached.
            label: AAMI class, whatever the rhythm.
            p_wave: what precedes it.
            holes: what holes in the signal leave unknown of it.
            looks: how it looks beside this patient's normal beats; None: that is not known.

        Returns:
            the conditions that begin or end, and the episodes that have ended.
        """
        moment = self._at(decided_n)
        peaks, beats, out, scrutiny = moment.peaks, moment.beats, moment.out, moment.scrutiny
        if n < self._from_n or self.signal.amplitude.rests or scrutiny.denies(n, moment.fs):
            return out.take()
        if not peaks.n or peaks.n[-1] < n:
            peaks.add(n, label, joined=holes.joined)
            self._ask("on_peak")
        called: str = HIDDEN if holes.hidden else label
        if called == "S":
            called = self.irregular.called(label, beats.until(n, joined=holes.joined))
        first = not beats.n
        beats.add(n, called, joined=holes.joined)
        moment.perhaps = self.signal.restriction.on_beat(n, moment.fs, holes, first=first)
        moment.repeats = moment.watch.on_beat(n, label, moment.fs, beats.rr_s)
        moment.cut, moment.looks, moment.p_wave = holes.cut, looks, p_wave
        scrutiny.on_beat(n, moment.fs)
        out.doubted_n = self._doubted_n
        self._ask("on_beat")
        if out.withheld:
            self._withhold()
        return out.take()

    def on_measurement(self, measurement: Measurement, decided_n: int) -> Iterable[Event]:
        """Take what an average of normal beats has shown; comes before the beat that ended it.

        Returns:
            the conditions that begin or end, and the episodes that have ended.
        """
        moment = self._at(decided_n)
        if not self.rests:
            suspended = moment.suspended = self.signal.suspension.active
            for take in self._asked[suspended]["on_measurement"]:
                take(moment, measurement)
        return moment.out.take()

    def on_tick(
        self, n: int, silent_s: float, quality: int, *, looked_for: bool = False
    ) -> Iterable[Event]:
        """Take a half-second tick.

        Args:
            n: sample index of the tick.
            silent_s: seconds since the last R peak, or since the stretch began.
            quality: code of `detector.engine.state`.
            looked_for: the device looks for pacemaker pulses.
        """
        moment = self._at(n)
        out, scrutiny, fs, signal = moment.out, moment.scrutiny, moment.fs, self.signal
        if quality == LEADOFF:
            if (since := signal.detached(n, fs)) is not None:
                self._forget(but=frozenset({"leadoff"}))
                signal.restriction.forget()
                out.begin("leadoff", since, n)
            return out.take()
        signal.leadoff_since = None
        out.end("leadoff", n)
        if signal.amplitude.rests:
            return out.take()
        signal.restriction.on_tick(n, fs, out, unwatched=moment.watch.unwatched)
        if out.present:
            out.expire(n)
        out.tell_risen(n)
        noisy = quality == POOR or moment.watch.poor or self._doubted_n is not None
        if signal.suspension.on_tick(n, fs, out, poor=noisy):
            self._suspend()
        if (since_s := (n - self._from_n) / fs) < silent_s:
            silent_s = max(0.0, since_s)
        moment.silent_s = scrutiny.standstill.silent_s(n, silent_s, fs)
        moment.looked_for = looked_for
        self._ask("on_tick")
        if moment.out.withheld:
            self._withhold()
        return out.take()

    def on_second(
        self,
        n: int,
        measured: MeasuredSecond,
        wide: Samples,
        leadoff: int = 0,
        wrong: int = 0,
        span_mv: float = 0.0,
        *,
        holed: int = 0,
    ) -> Iterable[Event]:
        """Take a second of signal; comes before the tick at its end.

        Args:
            n: sample index one past it.
            measured: what it shows by itself, leads that are detached or ``wrong`` being flat.
            wide: mV at 250 Hz without baseline wander, shape (n_leads, 250).
            leadoff: bit mask of detached leads.
            wrong: bit mask of leads whose voltages cannot be those of an ECG.
            span_mv: what the worst of those spans, mV.
            holed: bit mask of leads with so many holes that the waveform must not be judged.
        """
        moment = self._at(n)
        out, watch, scrutiny = moment.out, moment.watch, moment.scrutiny
        self.signal.amplitude.on_second(n, wrong, span_mv, leadoff, out)
        if self.signal.amplitude.rests:
            self._forget(but=frozenset({"amplitude"}))
            self._from_n = n
            return out.take()
        second = watch.on_second(n, measured, wide, out, holed)
        last_n = moment.peaks.n[-1] if moment.peaks.n else None
        self.signal.lead_faults.on_second(n, second.states, leadoff, out, wrong)
        scrutiny.on_second(n, second, watch.fibrillation, last_n, moment.fs, self.signal.faulty)
        self._look_for_standstill()
        out.doubted_n = self._doubted_n
        self._ask("on_second")
        if moment.out.withheld:
            self._withhold()
        return out.take()

    def on_stretch_end(self, n: int, *, for_good: bool = False) -> Iterable[Event]:
        """The signal breaks off at ``n``, ``for_good`` or until a gap is over, which limits it."""
        moment, self.signal.leadoff_since = self._at(n), None
        self._forget(but=frozenset() if for_good else frozenset({LIMITED}))
        self.signal.amplitude.forget()
        return moment.out.take()

    def _at(self, n: int) -> Moment:
        """Return the moment at which the analysis has reached sample index ``n``."""
        self.moment.n = n
        return self.moment

    def _ask(self, name: str) -> None:
        """Ask the rules of a moment, in order."""
        moment = self.moment
        suspended = moment.suspended = self.signal.suspension.active
        for ask in self._asked[suspended][name]:
            ask(moment)

    def _look_for_standstill(self) -> None:
        moment = self.moment
        asystole_s = moment.limits.rate.asystole_s
        found = moment.scrutiny.look_for_standstill(moment.n, moment.peaks.n, moment.fs, asystole_s)
        if found is None or moment.peaks.n[-1] <= found:
            return
        moment.peaks.keep_until(found)
        moment.beats.keep_until(found)
        for deny in self._asked[False]["deny_beats"]:
            deny(moment)

    def _withhold(self) -> None:
        """Suspend where noise would have made an alarm; it lasts for as long as it would."""
        moment, before = self.moment, self.signal.suspension.active
        self.signal.suspension.at_once(moment.n, moment.out)
        if not before:
            self._suspend()
        moment.out.withheld = False

    def _suspend(self) -> None:
        self._forget_ectopy()
        self.moment.out.end_all(self.moment.n, but=GOES_ON_IN_NOISE)

    def _forget_ectopy(self) -> None:
        for rule in self.rules:
            if not rule.KEPT_IN_NOISE:
                rule.forget(self.moment)

    def _forget_rhythm(self) -> None:
        for rule in sorted(self.rules, key=lambda rule: rule.KEPT_IN_NOISE):
            rule.forget(self.moment)

    def _forget(self, *, but: frozenset[str] = frozenset()) -> None:
        moment, n = self.moment, self.moment.n
        moment.peaks.clear()
        moment.beats.clear()
        self._forget_rhythm()
        moment.watch.forget(n, moment.out)
        moment.scrutiny.forget()
        self.signal.lead_faults.forget()
        moment.out.doubted_n = None
        self.signal.suspension.forget()
        moment.out.end_all(n, but=but)
