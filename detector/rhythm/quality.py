"""Signal quality of every lead, second by second. Pure, and incremental.

Each second of each lead gets a state, the worst that applies, and an index from 0 to 1. The rules
follow the simple ones that did best in the PhysioNet/CinC Challenge 2011 (Silva et al., Computing
in Cardiology 38:273-276, 2011; Langley et al., ibid. 281-284; Moody, ibid. 361-363): flat line,
saturation, baseline jumps, high-frequency noise, amplitudes that no heart makes.

Limitations: motion artifact within the band and amplitude of QRS complexes is not told from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RATE = 250
STATES = ("good", "noise", "mains", "jump", "artifact", "saturated", "flat")
"""From good to useless."""
GOOD, NOISE, MAINS, JUMP, ARTIFACT, SATURATED, FLAT = range(7)

FLAT_MV = 0.02
"""Range of a second that counts as flat: far below the smallest QRS complex (0.15 mV)."""
RAIL_MV = 1.0
"""Samples at the rail lie at least this far from the second's median."""
RAIL_SAMPLES = 20
"""So many samples (80 ms) on the same extreme value, one after another, are a rail."""
OFF_SCALE_MV = 5.0
"""IEC 60601-2-27 asks for an input range of +-5 mV; a flat line beyond it is saturated."""
JUMP_MV = 1.0
"""Change of the median from one second to the next: more than breathing makes."""
ARTIFACT_MV = 5.0
"""Range of a second; QRS complexes may have up to 5 mV (IEC 60601-2-27)."""
NOISE_MV = 0.06
"""Rms above about 25 Hz in the quietest half of the second, thus outside QRS complexes."""
MAINS_PART = 0.7
"""Part of that noise which lies at 50 or 60 Hz when it is the mains."""
_AVERAGE = 5
_PARTS = 10
_MAINS_WAVES = np.exp(
    -2j * np.pi * np.outer(np.arange(RATE - _AVERAGE + 1), (50.0, 60.0)) / RATE
)  # shape (246, 2)


@dataclass(frozen=True, slots=True)
class Second:
    """Quality of one second.

    Attributes:
        states: of each lead, an index into `STATES`, shape (n_leads,).
        index: of each lead, 0 (useless) .. 1 (clean), shape (n_leads,).
    """

    states: npt.NDArray[np.int64]
    index: FloatArray

    @property
    def best(self) -> int:
        """Row of the best lead."""
        return int(np.argmax(self.index))


@dataclass(slots=True)
class LeadQuality:
    """Quality of all leads of one device.

    Attributes:
        median: of each lead's last second, mV; empty before the first.
    """

    median: FloatArray = field(default_factory=lambda: np.zeros(0))

    def on_second(self, samples: FloatArray) -> Second:
        """Judge one second.

        Args:
            samples: mV at 250 Hz as they come (baseline and all), shape (n_leads, 250).
        """
        median = np.median(samples, axis=1)
        before = self.median if len(self.median) == len(median) else median
        self.median = median
        span = np.ptp(samples, axis=1)
        noise, mains = _noise(samples)
        states = np.full(len(samples), GOOD)
        states[noise > NOISE_MV] = NOISE
        states[(noise > NOISE_MV) & (mains > MAINS_PART)] = MAINS
        states[np.abs(median - before) > JUMP_MV] = JUMP
        states[span > ARTIFACT_MV] = ARTIFACT
        states[_at_rail(samples, median)] = SATURATED
        flat = span < FLAT_MV
        states[flat] = FLAT
        states[flat & (np.abs(median) >= OFF_SCALE_MV)] = SATURATED
        index = 1.0 / (1.0 + (noise / NOISE_MV) ** 2)
        index[(states == JUMP) | (states == ARTIFACT)] *= 0.25
        index[states >= SATURATED] = 0.0
        return Second(states, index)

    def forget(self) -> None:
        """A stretch ends."""
        self.median = np.zeros(0)

    def save(self) -> dict[str, Any]:
        """Return the state as a JSON-ready map."""
        return {"median": self.median.tolist()}

    def load(self, saved: Mapping[str, Any]) -> None:
        """Put a saved state back."""
        self.median = np.array(saved["median"], np.float64)


def _noise(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rms above about 25 Hz, mV, and the part of it at 50 or 60 Hz, per lead."""
    sums = np.cumsum(samples - samples[:, :1], axis=1)
    sums = np.concatenate([np.zeros((len(samples), 1)), sums], axis=1)
    smooth = (sums[:, _AVERAGE:] - sums[:, :-_AVERAGE]) / _AVERAGE + samples[:, :1]
    high = samples[:, _AVERAGE // 2 : -(_AVERAGE // 2)] - smooth
    whole = high.shape[1] // _PARTS * _PARTS
    power = (high[:, :whole] ** 2).reshape(len(high), _PARTS, -1).mean(axis=2)
    quiet: FloatArray = np.sqrt(np.median(power, axis=1))
    at_mains = np.abs(high @ _MAINS_WAVES) ** 2
    total = (high**2).sum(axis=1) * high.shape[1] / 2 + 1e-12
    return quiet, at_mains.max(axis=1) / total


def _at_rail(samples: FloatArray, median: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell the leads whose samples lie on an extreme value for 80 ms."""
    found = np.zeros(len(samples), np.bool_)
    for i, row in enumerate(samples):
        for extreme in (row.max(), row.min()):
            if abs(extreme - median[i]) < RAIL_MV and abs(extreme) < OFF_SCALE_MV:
                continue
            on = np.concatenate(([0], np.abs(row - extreme) < 1e-3, [0])).astype(np.int8)
            edges = np.flatnonzero(np.diff(on))
            runs = edges[1::2] - edges[::2]
            found[i] |= bool(len(runs)) and int(runs.max()) >= RAIL_SAMPLES
    return found
