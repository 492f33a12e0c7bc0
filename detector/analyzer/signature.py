"""What one stream of a device looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ecg_monitor.core.types import Packet


@dataclass(frozen=True, slots=True)
class Signature:
    """What must not change within one stream; a change starts a new one."""

    boot: str
    fs: float
    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]

    @classmethod
    def of(cls, packet: Packet) -> Self:
        """Return the signature of a packet's stream."""
        return cls(packet.boot, packet.fs, packet.leads, packet.gain, packet.baseline)

    def fits(self, packet: Packet) -> bool:
        """Tell whether a packet belongs to the stream; without making an object per packet."""
        return (
            self.boot == packet.boot
            and self.fs == packet.fs
            and self.leads == packet.leads
            and self.gain == packet.gain
            and self.baseline == packet.baseline
        )
