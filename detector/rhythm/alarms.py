"""Alarm conditions of one device: the rules of `detector.rhythm`, called in their order. Pure.

R peaks come first, the same beats with their labels later; half-second ticks tell of silence and
quality; seconds of signal, if the caller has them, show fibrillation and noise. A detached
electrode is a technical condition of its own (lead-off) and ends the others: nothing can be said
of the heart. So does the end of an unbroken stretch of signal.

To add an alarm: write its rule in `detector.rhythm`, its row in `ecg_monitor.ward.alarms.rows`, and
its limit, if it has one, as a field in `ecg_monitor.ward.limits.sections`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.delineation.stream import UNSEEN, PWave
from detector.engine.state import LEADOFF, POOR
from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.rules.amplitude import Amplitude
from detector.rhythm.rules.conduction import ConductionRules
from detector.rhythm.rules.dissociation import DissociationRules
from detector.rhythm.rules.irregular import IrregularRules
from detector.rhythm.rules.lead_faults import LeadFaults
from detector.rhythm.rules.pacing import PacingRules
from detector.rhythm.rules.rate import RateRules
from detector.rhythm.rules.st import StRules
from detector.rhythm.rules.supraventricular import SupraventricularRules
from detector.rhythm.rules.suspension import GOES_ON, Suspension
from detector.rhythm.rules.ventricular import VentricularRules
from detector.rhythm.waveform.shapes import AFTER, BEFORE
from detector.rhythm.waveform.watch import Watch
from detector.rhythm.witness.scrutiny import Scrutiny
from ecg_monitor.core.types import BeatLabel, Event, Measurement
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.policy import RANK
from ecg_monitor.ward.limits.model import Limits, default_limits, limits_from_map, limits_to_map

Samples = npt.NDArray[np.float32]
LEADOFF_S = 1.0


class AlarmRules:
    """Alarm conditions and rhythm episodes of one device."""

    def __init__(
        self, fs: float, limits: Limits | None = None, leads: tuple[str, ...] = ()
    ) -> None:
        """Start a stream.

        Args:
            fs: sampling rate in Hz.
            limits: of this patient; None: the built-in ones for adults.
            leads: names of the leads, for what is told of one.
        """
        self._fs = fs
        self._limits = limits or default_limits()
        self._risen: set[str] = set()
        self._out = Conditions(fs, self._limits.priorities)
        self._amplitude = Amplitude(leads)
        self._lead_faults = LeadFaults(leads)
        self._suspension = Suspension(self._limits.noise)
        self._leadoff_since: int | None = None
        self._from_n = 0
        self._learn()

    def _learn(self) -> None:
        """Make what learns of the patient, as it is before the first beat."""
        fs, limits = self._fs, self._limits
        self._peaks = Beats(fs)
        self._beats = Beats(fs)
        self._rate = RateRules(limits.rate)
        self._ventricular = VentricularRules(limits.ventricular)
        self._supraventricular = SupraventricularRules.of(limits.supraventricular)
        self.irregular = IrregularRules(limits.af)
        self._st = StRules(limits.st)
        self._conduction = ConductionRules(limits.conduction)
        self._dissociation = DissociationRules()
        self._pacing = PacingRules(limits.pacing)
        self._watch = Watch.of(limits.vf)
        self._scrutiny = Scrutiny.of(self._lead_faults.names)

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._limits

    @property
    def rhythm(self) -> str | None:
        """The rhythm, if it is one that is no alarm (``paced``)."""
        return self._pacing.rhythm

    @property
    def stands_still(self) -> bool:
        """The beats that are found are P waves: the ventricles stand still."""
        return self._scrutiny.standstill.onset_n is not None

    @property
    def rests(self) -> bool:
        """Nothing is said of the heart: the voltages are impossible (`rhythm.amplitude`)."""
        return self._amplitude.rests

    def change_limits(self, limits: Limits) -> None:
        """Judge what comes from here on by other limits; what was learnt of the rhythm stays.

        A condition that is present ends or goes on as its rule finds under the new limits, by
        the next beat or tick; one that has been turned off ends, and one whose priority has been
        raised is told again.
        """
        rank, former = RANK, self._out.priorities
        self._limits = limits
        self._out.priorities = limits.priorities
        self._risen |= {
            kind
            for kind in self._out.present.keys() & limits.priorities.keys() & former.keys()
            if rank[limits.priorities[kind]] > rank[former[kind]]
        }
        for section, rules in self._limited().items():
            rules.limits = getattr(limits, section)

    def begin_anew(self, n: int) -> Iterable[Event]:
        """Forget the patient: what comes from ``n`` on may be another's signal.

        What is known of the electrodes and of the signal's quality stays. Conditions of the heart
        end; one that still holds is found again, and is then of the signal that comes.

        Returns:
            the conditions and episodes that end.
        """
        self._forget_rhythm(n)
        self._watch.fibrillation.forget(n, self._out)
        self._out.end_all(n, but=OF_DEVICE)
        self._out.forget_ends(but=OF_DEVICE)
        quality = self._watch.quality
        self._learn()
        self._watch.quality = quality
        self._from_n = n
        return self._out.take()

    def on_pulses(self, pulses: Iterable[int]) -> None:
        """Take the pacemaker pulses up to what is decided next."""
        for n in pulses:
            self._pacing.on_pulse(n, self._fs)

    def on_peak(self, n: int, decided_n: int) -> Iterable[Event]:
        """Take an R peak as soon as it is found; its label may come later, with `on_beat`.

        Returns:
            the conditions that begin or end.
        """
        if n >= self._from_n and not self.rests and not self._scrutiny.standstill.denies(n):
            self._add_peak(n, "N", decided_n)
        self._withhold(decided_n)
        return self._out.take()

    def on_beat(
        self, n: int, decided_n: int, label: BeatLabel = "N", p_wave: PWave = UNSEEN
    ) -> Iterable[Event]:
        """Take a labelled beat; one whose peak has not been told counts as found now.

        Args:
            n: sample index of its R peak.
            decided_n: sample index that the analysis has reached.
            label: AAMI class, whatever the rhythm.
            p_wave: what precedes it.

        Returns:
            the conditions that begin or end, and the episodes that have ended.
        """
        if n < self._from_n or self.rests or self._scrutiny.standstill.denies(n):
            return self._out.take()
        if not self._peaks.n or self._peaks.n[-1] < n:
            self._add_peak(n, label, decided_n)
        self._beats.add(n, self.irregular.called(label))
        repeats = self._watch.on_beat(n, label, self._fs, self._beats.rr())
        self._scrutiny.on_beat(n, self._fs)
        self._out.doubted_n = self._scrutiny.doubted_n
        if not self._suspension.active:
            self._rate.on_beat(self._beats, decided_n, self._out)
            wide = label == "V"
            around = self._watch.around(n, BEFORE, AFTER, self._fs) if wide else None
            self._ventricular.on_beat(self._beats, decided_n, self._out, around)
            self._supraventricular.on_beat(self._beats, decided_n, self._out)
            self.irregular.on_beat(self._beats, decided_n, self._out, repeats)
            self._conduction.on_beat(self._beats, p_wave, decided_n, self._out)
        self._withhold(decided_n)
        return self._out.take()

    def on_measurement(self, measurement: Measurement, decided_n: int) -> Iterable[Event]:
        """Take what an average of normal beats has shown; comes before the beat that ended it.

        Returns:
            the conditions that begin or end, and the episodes that have ended.
        """
        if not self._suspension.active and not self.rests:
            self._st.on_measurement(measurement, decided_n, self._out)
            self._conduction.on_measurement(measurement, decided_n, self._out)
        return self._out.take()

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
        if quality == LEADOFF:
            self._leadoff_since = n if self._leadoff_since is None else self._leadoff_since
            if n - self._leadoff_since >= LEADOFF_S * self._fs:
                self._forget(n, but=frozenset({"leadoff"}))
                self._out.begin("leadoff", self._leadoff_since, n)
            return self._out.take()
        self._leadoff_since = None
        self._out.end("leadoff", n)
        if self.rests:
            return self._out.take()
        self._out.expire(n)
        for kind in sorted(self._risen):
            self._out.tell_again(kind, n)
        self._risen.clear()
        noisy = quality == POOR or self._watch.poor or self._scrutiny.doubted_n is not None
        if self._suspension.on_tick(n, self._fs, self._out, poor=noisy):
            self._suspend(n)
        silent_s = min(silent_s, max(0, n - self._from_n) / self._fs)
        silent_s = self._scrutiny.standstill.silent_s(n, silent_s, self._fs)
        shaken_n = self._scrutiny.shaken_n
        witness = None if self.stands_still else self._scrutiny.witness
        self._rate.on_tick(n, silent_s, self._fs, self._out, shaken_n=shaken_n, witness=witness)
        if not self._suspension.active:
            self._pacing.on_tick(
                n, silent_s, self._peaks, self._out, looked_for=looked_for, shaken_n=shaken_n
            )
            self._ventricular.on_tick(n, silent_s, self._fs, self._out)
        return self._out.take()

    def on_second(
        self,
        n: int,
        raw: Samples,
        wide: Samples,
        leadoff: int = 0,
        wrong: int = 0,
        span_mv: float = 0.0,
    ) -> Iterable[Event]:
        """Take a second of signal; comes before the tick at its end.

        Args:
            n: sample index one past it.
            raw: mV at 250 Hz as it came, shape (n_leads, 250).
            wide: the same without baseline wander.
            leadoff: bit mask of detached leads.
            wrong: bit mask of leads whose voltages cannot be those of an ECG.
            span_mv: what the worst of those spans, mV.
        """
        self._amplitude.on_second(n, wrong, span_mv, leadoff, self._out)
        if self.rests:
            self._forget(n, but=frozenset({"amplitude"}))
            self._from_n = n
            return self._out.take()
        second = self._watch.on_second(n, raw, wide, leadoff | wrong, self._out)
        last_n = self._peaks.n[-1] if self._peaks.n else None
        self._lead_faults.on_second(n, second.states.tolist(), leadoff, self._out, wrong)
        seen, faulty = self._watch.fibrillation, self._lead_faults.faulty | self._amplitude.faulty
        self._scrutiny.on_second(n, second, seen, last_n, self._fs, faulty)
        self._look_for_standstill(n)
        self._out.doubted_n = self._scrutiny.doubted_n
        if self._ventricular.in_run and not self._suspension.active:
            self._ventricular.on_cycle(self._watch.cycle_bpm(), n, self._out)
        if not self._suspension.active:
            waves = self._watch.flutter
            self._dissociation.on_second(waves.window, waves.usable, self._peaks, n, self._out)
        if self.irregular.irregular is not None and not self._suspension.active:
            regular = self._watch.flutter.measure(self._beats, n)
            if regular is not None:
                self.irregular.on_waves(regular, n, self._out)
        self._withhold(n)
        return self._out.take()

    def on_stretch_end(self, n: int) -> Iterable[Event]:
        """The signal breaks off at ``n``: nothing is known of the heart until it returns."""
        self._leadoff_since = None
        self._forget(n)
        self._amplitude.forget()
        return self._out.take()

    def save(self) -> dict[str, Any]:
        """Return the state as a CBOR-ready map."""
        return {
            **{name: part.save() for name, part in self._parts().items()},
            "leadoff_since": self._leadoff_since,
            "from_n": self._from_n,
            "limits": limits_to_map(self._limits),
            "risen": sorted(self._risen),
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Put a saved state back, with the limits that were in force."""
        self.change_limits(limits_from_map(saved["limits"]))
        self._risen = set(saved["risen"])
        for name, part in self._parts().items():
            part.load(saved[name])
        self._leadoff_since = saved["leadoff_since"]
        self._from_n = saved["from_n"]
        self._scrutiny.see(self._watch.fibrillation)
        self._out.doubted_n = self._scrutiny.doubted_n

    def _add_peak(self, n: int, label: BeatLabel, decided_n: int) -> None:
        self._peaks.add(n, label)
        shaken_n, witness = self._scrutiny.shaken_n, self._scrutiny.witness
        self._rate.on_peak(self._peaks, decided_n, self._out, shaken_n=shaken_n, witness=witness)
        if not self._suspension.active:
            self._pacing.on_peak(self._peaks, decided_n, self._out, shaken_n=shaken_n)

    def _look_for_standstill(self, n: int) -> None:
        found = self._scrutiny.look_for_standstill(
            n, self._peaks.n, self._fs, self._limits.rate.asystole_s
        )
        if found is None or self._peaks.n[-1] <= found:
            return
        self._peaks.keep_until(found)
        self._beats.keep_until(found)
        for rules in (self._ventricular, self._supraventricular, self.irregular, self._conduction):
            rules.forget(n, self._out)

    def _withhold(self, n: int) -> None:
        """Suspend where beats that are more likely noise would have made an alarm."""
        if self._out.withheld and not self._suspension.active:
            self._suspension.at_once(n, self._out)
            self._suspend(n)
        self._out.withheld = False

    def _suspend(self, n: int) -> None:
        self._forget_ectopy(n)
        self._out.end_all(n, but=GOES_ON)

    def _parts(self) -> dict[str, Any]:
        return {
            "conditions": self._out,
            "peaks": self._peaks,
            "beats": self._beats,
            "rate": self._rate,
            "ventricular": self._ventricular,
            "supraventricular": self._supraventricular,
            "irregular": self.irregular,
            "st": self._st,
            "conduction": self._conduction,
            "dissociation": self._dissociation,
            "pacing": self._pacing,
            "watch": self._watch,
            "scrutiny": self._scrutiny,
            "amplitude": self._amplitude,
            "lead_faults": self._lead_faults,
            "suspension": self._suspension,
        }

    def _limited(self) -> dict[str, Any]:
        """The rules of each section of the limits."""
        return {
            "rate": self._rate,
            "ventricular": self._ventricular,
            "supraventricular": self._supraventricular,
            "af": self.irregular,
            "st": self._st,
            "conduction": self._conduction,
            "pacing": self._pacing,
            "vf": self._watch.fibrillation,
            "noise": self._suspension,
        }

    def _forget_rhythm(self, n: int) -> None:
        self._forget_ectopy(n)
        self.irregular.forget(n, self._out)

    def _forget_ectopy(self, n: int) -> None:
        self._ventricular.forget(n, self._out)
        self._supraventricular.forget(n, self._out)
        self._st.forget()
        self._conduction.forget(n, self._out)
        self._dissociation.forget(n, self._out)
        self._pacing.forget(n, self._out)

    def _forget(self, n: int, *, but: frozenset[str] = frozenset()) -> None:
        self._peaks.clear()
        self._beats.clear()
        self._rate.forget()
        self._forget_rhythm(n)
        self._watch.forget(n, self._out)
        self._scrutiny.forget()
        self._lead_faults.forget()
        self._out.doubted_n = None
        self._suspension.forget()
        self._out.end_all(n, but=but)
