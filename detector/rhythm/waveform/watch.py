"""Watches the waveform: quality of every lead, fibrillation, and what precedes normal beats."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform.atrial import RATE, Atrial
from detector.rhythm.waveform.cycle import SAMPLES, cycle_bpm
from detector.rhythm.waveform.fibrillation import WINDOW_S, FibrillationRules
from detector.rhythm.waveform.flutter import Flutter
from detector.rhythm.waveform.quality import (
    FLAT,
    GOOD,
    JUMP,
    SATURATED,
    LeadQuality,
    MeasuredSecond,
    Second,
)
from ecg_monitor.ward.limits.model import VfLimits


@dataclass(slots=True)
class Watch:
    """What the waveform of one device shows.

    Attributes:
        quality: of every lead.
        fibrillation: on all usable leads.
        atrial: on all usable leads.
        flutter: likewise.
        end_n: sample index one past the last second.
        poor: no lead was good in the last second.
        shaken_n: sample index one past the last second in which the baseline of every lead jumped,
            or the lead was useless.
        spoilt_s: for so many seconds more, holes or a gap keep fibrillation from being judged.
    """

    quality: LeadQuality
    fibrillation: FibrillationRules
    atrial: Atrial = field(default_factory=Atrial)
    flutter: Flutter = field(default_factory=Flutter)
    end_n: int = 0
    poor: bool = False
    shaken_n: int = 0
    spoilt_s: int = 0

    @property
    def unwatched(self) -> bool:
        """Whether no lead can be judged for fibrillation, because of holes or a gap."""
        return self.spoilt_s > 0 and self.end_n > 0 and WINDOW_S not in self.fibrillation.usable

    @classmethod
    def of(cls, limits: VfLimits) -> Watch:
        """Start with no signal."""
        return cls(LeadQuality(), FibrillationRules(limits))

    def on_second(
        self,
        n: int,
        measured: MeasuredSecond,
        wide: npt.NDArray[np.float32],
        out: Conditions,
        holed: int = 0,
    ) -> Second:
        """Take a second; arguments as of `detector.rhythm.alarms.AlarmRules.on_second`.

        Returns:
            quality of each lead; a detached one counts as flat.
        """
        second = self.quality.on_second(measured)
        states = second.states
        self.poor = False
        if GOOD not in states:
            # A flat line is no noise: it is an asystole, or a detached lead, which say so.
            alive = [state for state in states if state != FLAT]
            self.poor = bool(alive)
            if alive and min(alive) >= JUMP:
                self.shaken_n = n
        holed &= (1 << len(states)) - 1
        if holed:
            self.spoilt_s = WINDOW_S
        elif self.spoilt_s:
            self.spoilt_s -= 1
        # A lead with an artifact can still tell QRS complexes: what it shows is no fibrillation.
        usable = [state < SATURATED and not (holed >> i) & 1 for i, state in enumerate(states)]
        self.fibrillation.on_second(wide, usable, n, out)
        self.flutter.on_second(wide, usable)
        self.end_n = n
        return second

    def on_beat(self, n: int, label: str, fs: float, rr_s: float | None) -> float:
        """Take a labelled beat; return how much repeats ahead of normal ones (`Atrial`).

        Args:
            n: sample index of its R peak.
            label: AAMI class.
            fs: sampling rate of the device, Hz.
            rr_s: RR interval before it, s; None: a stretch begins with it, it is not taken.
        """
        seen = self.fibrillation
        if label == "N" and rr_s is not None and seen.usable:
            back = round((self.end_n - n) * RATE / fs)
            self.atrial.on_beat(seen.window, back, seen.usable, round(rr_s * RATE))
        return self.atrial.repeats

    def around(self, n: int, before: int, after: int, fs: float) -> npt.NDArray[np.float64] | None:
        """Return the signal around a beat, mV at 250 Hz, shape (n_leads, before + after).

        Args:
            n: sample index of its R peak.
            before: samples before it.
            after: samples after it.
            fs: sampling rate of the device, Hz.

        Returns:
            None where the last seconds do not hold it. Useless leads are flat.
        """
        seen = self.fibrillation
        start = seen.window.shape[1] - round((self.end_n - n) * RATE / fs) - before
        if not seen.usable or start < 0 or start + before + after > seen.window.shape[1]:
            return None
        found = seen.window[:, start : start + before + after].astype(np.float64)
        found[[seconds == 0 for seconds in seen.usable]] = 0.0
        return found

    def cycle_bpm(self) -> float:
        """Return the rate at which a wide waveform repeats, bpm; 0 if none does (`cycle`)."""
        seen = self.fibrillation
        rates = [
            cycle_bpm(seen.window[i, -SAMPLES:].astype(np.float64))
            for i, seconds in enumerate(seen.usable)
            if seconds * RATE >= SAMPLES
        ]
        return min((rate for rate in rates if rate > 0), default=0.0)

    def forget(self, n: int, out: Conditions) -> None:
        """A stretch ends at ``n``."""
        self.quality.forget()
        self.fibrillation.forget(n, out)
        self.atrial.forget()
        self.flutter.forget()
        self.poor = False
        self.shaken_n = 0
        self.spoilt_s = WINDOW_S
