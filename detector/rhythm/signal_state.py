"""What is known of a device's electrodes and of its signal, whoever the patient is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.rhythm.rules.amplitude import Amplitude
from detector.rhythm.rules.lead_faults import LeadFaults
from detector.rhythm.rules.suspension import Restriction, Suspension
from ecg_monitor.ward.limits.model import Limits

LEADOFF_S = 1.0
"""Electrodes that are off for so long, all of them, are told, s."""


@dataclass(slots=True)
class SignalState:
    """State of one device's electrodes and signal.

    Attributes:
        amplitude: leads whose voltages cannot be those of an ECG.
        lead_faults: leads that show nothing, or something else than a heart.
        suspension: whether noise suspends the analysis.
        restriction: whether holes limit it.
        leadoff_since: sample index since which all electrodes are off; None: they are not.
    """

    amplitude: Amplitude
    lead_faults: LeadFaults
    suspension: Suspension
    restriction: Restriction = field(default_factory=Restriction)
    leadoff_since: int | None = None

    @classmethod
    def of(cls, leads: tuple[str, ...], limits: Limits) -> SignalState:
        """Return the state of leads of which nothing has come yet."""
        return cls(Amplitude(leads), LeadFaults(leads), Suspension(limits.noise))

    @property
    def faulty(self) -> frozenset[int]:
        """The leads that must not be trusted."""
        faulty = self.lead_faults.faulty
        return faulty | self.amplitude.faulty if self.amplitude.wrong else faulty

    def detached(self, n: int, fs: float) -> int | None:
        """Take a half-second tick with all electrodes off.

        Args:
            n: sample index of the tick.
            fs: sampling rate in Hz.

        Returns:
            sample index since which they are off, once that has lasted `LEADOFF_S`.
        """
        self.leadoff_since = n if self.leadoff_since is None else self.leadoff_since
        return self.leadoff_since if n - self.leadoff_since >= LEADOFF_S * fs else None
