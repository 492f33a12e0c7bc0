"""What an analyzer is given: who knows the limits, and who else takes the signal in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from detector.analyzer.signature import Signature
from detector.engine.reassembly import Chunk
from ecg_monitor.ward.limits.model import Limits


class LimitSource(Protocol):
    """Knows the alarm limits of every device."""

    def of(self, device: str) -> Limits:
        """Return the limits of a device."""


Listener = Callable[[str, Signature, Chunk], None]
"""Takes a device's samples in order as they are analysed: device id, what its stream looked like
until now, samples. Those of a source that is not followed, repeats, and what came late are not
among them."""
