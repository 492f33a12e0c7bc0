"""Watches the waveform: the quality of every lead, and fibrillation on those that are usable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.limits import VfLimits
from detector.rhythm.conditions import Conditions
from detector.rhythm.fibrillation import FibrillationRules
from detector.rhythm.quality import ARTIFACT, FLAT, GOOD, LeadQuality, Second


@dataclass(slots=True)
class Watch:
    """What the waveform of one device shows.

    Attributes:
        quality: of every lead.
        fibrillation: on all usable leads.
        poor: no lead was good in the last second.
    """

    quality: LeadQuality
    fibrillation: FibrillationRules
    poor: bool = False

    @classmethod
    def of(cls, limits: VfLimits) -> Watch:
        """Start with no signal."""
        return cls(LeadQuality(), FibrillationRules(limits))

    def on_second(
        self,
        n: int,
        raw: npt.NDArray[np.float32],
        wide: npt.NDArray[np.float32],
        leadoff: int,
        out: Conditions,
    ) -> Second:
        """Take a second; arguments as of `detector.alarms.AlarmRules.on_second`.

        Returns:
            quality of each lead; a detached one counts as flat.
        """
        second = self.quality.on_second(raw.astype(np.float64))
        for row in range(len(raw)):
            if (leadoff >> row) & 1:
                second.states[row], second.index[row] = FLAT, 0.0
        # A flat line is no noise: it is an asystole, or a detached lead, which say so themselves.
        useless = (second.states != GOOD) & (second.states != FLAT)
        self.poor = bool(useless.any() and not (second.states == GOOD).any())
        self.fibrillation.on_second(wide, second.states < ARTIFACT, n, out)
        return second

    def forget(self, n: int, out: Conditions) -> None:
        """A stretch ends at ``n``."""
        self.quality.forget()
        self.fibrillation.forget(n, out)
        self.poor = False

    def save(self) -> dict[str, Any]:
        """Return the state as a CBOR-ready map."""
        return {
            "quality": self.quality.save(),
            "fibrillation": self.fibrillation.save(),
            "poor": self.poor,
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Put a saved state back."""
        self.quality.load(saved["quality"])
        self.fibrillation.load(saved["fibrillation"])
        self.poor = saved["poor"]
