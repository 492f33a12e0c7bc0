"""Alarm conditions of one device: the rules of `detector.rhythm`, called in their order. Pure.

R peaks come first, the same beats with their labels later; half-second ticks tell of silence and
quality; seconds of signal, if the caller has them, show fibrillation and noise. A detached
electrode is a technical condition of its own (lead-off) and ends the others: nothing can be said
of the heart. So does the end of an unbroken stretch of signal.

To add an alarm: write its rule in `detector.rhythm`, its limit in `ecg_monitor.limits`
(model, check, ``limits.toml``), its place in the alarm chains in `detector.rhythm.conditions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.delineation.stream import UNSEEN, PWave
from detector.engine.state import LEADOFF, POOR
from detector.limits import Limits, default_limits
from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from detector.rhythm.conduction import ConductionRules
from detector.rhythm.irregular import IrregularRules
from detector.rhythm.rate import RateRules
from detector.rhythm.shapes import AFTER, BEFORE
from detector.rhythm.st import StRules
from detector.rhythm.supraventricular import SupraventricularRules
from detector.rhythm.suspension import GOES_ON, Suspension
from detector.rhythm.ventricular import VentricularRules
from detector.rhythm.watch import Watch
from ecg_monitor.alerts.policy import RANK
from ecg_monitor.limits.model import limits_from_map, limits_to_map
from ecg_monitor.types import BeatLabel, Event, Measurement

Samples = npt.NDArray[np.float32]
LEADOFF_S = 1.0


class AlarmRules:
    """Alarm conditions and rhythm episodes of one device."""

    def __init__(self, fs: float, limits: Limits | None = None) -> None:
        """Start a stream.

        Args:
            fs: sampling rate in Hz.
            limits: of this patient; None: the built-in ones for adults.
        """
        limits = limits or default_limits()
        self._fs = fs
        self._limits = limits
        self._risen: set[str] = set()
        self._out = Conditions(fs, limits.priorities)
        self._peaks = Beats(fs)
        self._beats = Beats(fs)
        self._rate = RateRules(limits.rate)
        self._ventricular = VentricularRules(limits.ventricular)
        self._supraventricular = SupraventricularRules.of(limits.supraventricular)
        self._irregular = IrregularRules(limits.af)
        self._st = StRules(limits.st)
        self._conduction = ConductionRules(limits.conduction)
        self._watch = Watch.of(limits.vf)
        self._suspension = Suspension(limits.noise)
        self._leadoff_since: int | None = None

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._limits

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

    def on_peak(self, n: int, decided_n: int) -> Iterable[Event]:
        """Take an R peak as soon as it is found; its label may come later, with `on_beat`.

        Returns:
            the conditions that begin or end.
        """
        self._add_peak(n, "N", decided_n)
        return self._out.take()

    def on_beat(
        self, n: int, decided_n: int, label: BeatLabel = "N", p_wave: PWave = UNSEEN
    ) -> Iterable[Event]:
        """Take a labelled beat; one whose peak has not been told counts as found now.

        Args:
            n: sample index of its R peak.
            decided_n: sample index that the analysis has reached.
            label: AAMI class.
            p_wave: what precedes it.

        Returns:
            the conditions that begin or end, and the episodes that have ended.
        """
        if not self._peaks.n or self._peaks.n[-1] < n:
            self._add_peak(n, label, decided_n)
        self._beats.add(n, label)
        repeats = self._watch.on_beat(n, label, self._fs)
        if not self._suspension.active:
            self._rate.on_beat(self._beats, decided_n, self._out)
            wide = label == "V"
            around = self._watch.around(n, BEFORE, AFTER, self._fs) if wide else None
            self._ventricular.on_beat(self._beats, decided_n, self._out, around)
            self._supraventricular.on_beat(self._beats, decided_n, self._out)
            self._irregular.on_beat(self._beats, decided_n, self._out, repeats)
            self._conduction.on_beat(self._beats, p_wave, decided_n, self._out)
        return self._out.take()

    def on_measurement(self, measurement: Measurement, decided_n: int) -> Iterable[Event]:
        """Take what an average of normal beats has shown; comes before the beat that ended it.

        Returns:
            the conditions that begin or end, and the episodes that have ended.
        """
        if not self._suspension.active:
            self._st.on_measurement(measurement, decided_n, self._out)
            self._conduction.on_measurement(measurement, decided_n, self._out)
        return self._out.take()

    def on_tick(self, n: int, silent_s: float, quality: int) -> Iterable[Event]:
        """Take a half-second tick.

        Args:
            n: sample index of the tick.
            silent_s: seconds since the last R peak, or since the stretch began.
            quality: code of `detector.engine.state`.
        """
        if quality == LEADOFF:
            self._leadoff_since = n if self._leadoff_since is None else self._leadoff_since
            if n - self._leadoff_since >= LEADOFF_S * self._fs:
                self._forget(n, but=frozenset({"leadoff"}))
                self._out.begin("leadoff", self._leadoff_since, n)
            return self._out.take()
        self._leadoff_since = None
        self._out.end("leadoff", n)
        self._out.expire(n)
        for kind in sorted(self._risen):
            self._out.tell_again(kind, n)
        self._risen.clear()
        if self._suspension.on_tick(
            n, self._fs, self._out, poor=quality == POOR or self._watch.poor
        ):
            self._forget_rhythm(n)
            self._out.end_all(n, but=GOES_ON)
        self._rate.on_tick(n, silent_s, self._fs, self._out, shaken_n=self._watch.shaken_n)
        if not self._suspension.active:
            self._ventricular.on_tick(n, silent_s, self._fs, self._out)
        return self._out.take()

    def on_second(self, n: int, raw: Samples, wide: Samples, leadoff: int = 0) -> Iterable[Event]:
        """Take a second of signal; comes before the tick at its end.

        Args:
            n: sample index one past it.
            raw: mV at 250 Hz as it came, shape (n_leads, 250).
            wide: the same without baseline wander.
            leadoff: bit mask of detached leads.
        """
        self._watch.on_second(n, raw, wide, leadoff, self._out)
        if self._ventricular.in_run and not self._suspension.active:
            self._ventricular.on_cycle(self._watch.cycle_bpm(), n, self._out)
        return self._out.take()

    def on_stretch_end(self, n: int) -> Iterable[Event]:
        """The signal breaks off at ``n``: nothing is known of the heart until it returns."""
        self._leadoff_since = None
        self._forget(n)
        return self._out.take()

    def save(self) -> dict[str, Any]:
        """Return the state as a CBOR-ready map."""
        parts = {name: part.save() for name, part in self._parts().items()}
        return {
            **parts,
            "leadoff_since": self._leadoff_since,
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

    def _add_peak(self, n: int, label: BeatLabel, decided_n: int) -> None:
        self._peaks.add(n, label)
        self._rate.on_peak(self._peaks, decided_n, self._out, shaken_n=self._watch.shaken_n)

    def _parts(self) -> dict[str, Any]:
        return {
            "conditions": self._out,
            "peaks": self._peaks,
            "beats": self._beats,
            "rate": self._rate,
            "ventricular": self._ventricular,
            "supraventricular": self._supraventricular,
            "irregular": self._irregular,
            "st": self._st,
            "conduction": self._conduction,
            "watch": self._watch,
            "suspension": self._suspension,
        }

    def _limited(self) -> dict[str, Any]:
        """The rules of each section of the limits."""
        return {
            "rate": self._rate,
            "ventricular": self._ventricular,
            "supraventricular": self._supraventricular,
            "af": self._irregular,
            "st": self._st,
            "conduction": self._conduction,
            "vf": self._watch.fibrillation,
            "noise": self._suspension,
        }

    def _forget_rhythm(self, n: int) -> None:
        self._ventricular.forget(n, self._out)
        self._supraventricular.forget(n, self._out)
        self._irregular.forget(n, self._out)
        self._st.forget()
        self._conduction.forget(n, self._out)

    def _forget(self, n: int, *, but: frozenset[str] = frozenset()) -> None:
        self._peaks.clear()
        self._beats.clear()
        self._rate.forget()
        self._forget_rhythm(n)
        self._watch.forget(n, self._out)
        self._suspension.forget()
        self._out.end_all(n, but=but)
