"""What one stream of a device looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from detector.engine.reassembly import Form
from ecg_monitor.core.types import Packet


@dataclass(frozen=True, slots=True)
class Signature:
    """What one stream is, and how its samples are read now.

    Attributes:
        boot: power-up of the device.
        fs: sampling rate, Hz.
        leads: those that are analysed.
        gain: ADC units per mV, one per lead, as of the newest sample.
        baseline: ADC value at 0 mV, likewise.
    """

    boot: str
    fs: float
    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]

    @classmethod
    def of(cls, packet: Packet) -> Self:
        """Return the signature of a packet's stream."""
        return cls(packet.boot, packet.fs, packet.leads, packet.gain, packet.baseline)

    @property
    def form(self) -> Form:
        """How its samples are read."""
        return Form(self.leads, self.gain, self.baseline)
