"""Signal quality of every lead, second by second. Pure, and incremental.

Each second of each lead gets a state, the worst that applies, and an index from 0 to 1. The rules
follow the simple ones that did best in the PhysioNet/CinC Challenge 2011 (Silva et al., Computing
in Cardiology 38:273-276, 2011; Langley et al., ibid. 281-284; Moody, ibid. 361-363): flat line,
saturation, baseline jumps, high-frequency noise, amplitudes that no heart makes.

Limitations: motion artifact within the band and amplitude of QRS complexes is not told from them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit

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
_HIGH = RATE - _AVERAGE + 1
_TURNS = 2 * np.pi * np.outer((50.0, 60.0), np.arange(_HIGH)) / RATE
_COS, _SIN = np.cos(_TURNS), np.sin(_TURNS)  # shape (2, 246)


@dataclass(slots=True)
class Second:
    """Quality of one second.

    Attributes:
        states: of each lead, an index into `STATES`.
        index: of each lead, 0 (useless) .. 1 (clean).
    """

    states: list[int]
    index: list[float]

    @property
    def best(self) -> int:
        """Row of the best lead."""
        return self.index.index(max(self.index))


@dataclass(slots=True)
class LeadQuality:
    """Quality of all leads of one device.

    Attributes:
        median: of each lead's last second, mV; empty before the first.
    """

    median: FloatArray = field(default_factory=lambda: np.zeros(0))

    def on_second(self, samples: npt.NDArray[np.float32] | FloatArray, leadoff: int = 0) -> Second:
        """Judge one second.

        Args:
            samples: mV at 250 Hz as they come (baseline and all), shape (n_leads, 250).
            leadoff: bit mask of detached leads, which count as flat.
        """
        if len(self.median) != len(samples):
            self.median = np.full(len(samples), np.nan)
        found = np.empty((2, len(samples)))
        _judge(samples, leadoff, self.median, found)
        states, index = found.tolist()
        return Second([int(state) for state in states], index)

    def forget(self) -> None:
        """A stretch ends."""
        self.median = np.zeros(0)


@njit
def _judge(
    leads: npt.NDArray[np.float32] | FloatArray,
    leadoff: int,
    medians: FloatArray,
    found: FloatArray,
) -> None:
    """Judge a second of all leads.

    Args:
        leads: mV at 250 Hz, shape (n_leads, 250).
        leadoff: bit mask of detached leads, which count as flat.
        medians: of the second before, nan if there is none; becomes that of this one, shape
            (n_leads,).
        found: takes states and indices, shape (2, n_leads).
    """
    for i in range(leads.shape[0]):
        samples = leads[i].astype(np.float64)
        median = np.median(samples)
        state, index = FLAT, 0.0
        if not (leadoff >> i) & 1:
            state, index = _state(samples, median, medians[i])
        medians[i] = median
        found[0, i], found[1, i] = state, index


@njit
def _state(samples: FloatArray, median: float, before: float) -> tuple[int, float]:
    """Return state and index of one lead's second, shape (250,), mV, by its median and the last."""
    span = samples.max() - samples.min()
    if span < FLAT_MV:
        return SATURATED if abs(median) >= OFF_SCALE_MV else FLAT, 0.0
    if _at_rail(samples, median):
        return SATURATED, 0.0
    high = _above_25_hz(samples)
    noise = _rms(high)
    index = 1.0 / (1.0 + (noise / NOISE_MV) ** 2)
    if span > ARTIFACT_MV:
        return ARTIFACT, 0.25 * index
    if abs(median - before) > JUMP_MV:  # never, against nan
        return JUMP, 0.25 * index
    if noise > NOISE_MV:
        return MAINS if _mains_part(high) > MAINS_PART else NOISE, index
    return GOOD, index


@njit
def _above_25_hz(samples: FloatArray) -> FloatArray:
    """Return what lies above about 25 Hz, mV, shape (246,)."""
    high = np.empty(_HIGH)
    around = samples[:_AVERAGE].sum()
    for i in range(_HIGH):
        if i:
            around += samples[i + _AVERAGE - 1] - samples[i - 1]
        high[i] = samples[i + _AVERAGE // 2] - around / _AVERAGE
    return high


@njit
def _rms(high: FloatArray) -> float:
    """Return the rms of the quieter half of a second, mV."""
    length = _HIGH // _PARTS
    power = np.empty(_PARTS)
    for part in range(_PARTS):
        total = 0.0
        for i in range(part * length, (part + 1) * length):
            total += high[i] * high[i]
        power[part] = total / length
    return math.sqrt(np.median(power))


@njit
def _mains_part(high: FloatArray) -> float:
    """Return the part of the power that lies at 50 or 60 Hz, whichever has more."""
    strongest = 0.0
    for hum in range(2):
        even = (high * _COS[hum]).sum()
        odd = (high * _SIN[hum]).sum()
        strongest = max(strongest, even * even + odd * odd)
    return float(strongest / ((high * high).sum() * _HIGH / 2 + 1e-12))


@njit
def _at_rail(samples: FloatArray, median: float) -> bool:
    """Tell whether samples lie on an extreme value for 80 ms."""
    for extreme in (samples.max(), samples.min()):
        if abs(extreme - median) < RAIL_MV and abs(extreme) < OFF_SCALE_MV:
            continue
        run = 0
        for value in samples:
            run = run + 1 if abs(value - extreme) < 1e-3 else 0
            if run >= RAIL_SAMPLES:
                return True
    return False
