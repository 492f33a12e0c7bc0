"""Signal quality of every lead, second by second. Pure, and incremental.

Each second of each lead gets a state, the worst that applies, and an index from 0 to 1. The rules
follow the simple ones that did best in the PhysioNet/CinC Challenge 2011 (Silva et al., Computing
in Cardiology 38:273-276, 2011; Langley et al., ibid. 281-284; Moody, ibid. 361-363): flat line,
saturation, baseline jumps, high-frequency noise, amplitudes that no heart makes.

Limitations: motion artifact within the band and amplitude of QRS complexes is not told from them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import lent, njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

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


class MeasuredSecond(NamedTuple):
    """A second of signal by itself, whatever came before it.

    Attributes:
        states: of each lead, as of `Second`, but for jumps.
        indices: of each lead, likewise.
        medians: of each lead's samples, mV.
    """

    states: list[int]
    indices: list[float]
    medians: list[float]


@dataclass(slots=True)
class LeadQuality:
    """Quality of all leads of one device.

    Attributes:
        medians: of each lead's last second, mV; empty before the first.
    """

    medians: list[float] = field(default_factory=list)

    def on_second(self, measured: MeasuredSecond) -> Second:
        """Judge the next second: has a baseline jumped?"""
        states, index, medians = measured
        before, self.medians = self.medians, medians
        if len(before) == len(medians):
            for i, median in enumerate(medians):
                if abs(median - before[i]) > JUMP_MV and states[i] < JUMP:
                    states[i], index[i] = JUMP, 0.25 * index[i]
        return Second(states, index)

    def forget(self) -> None:
        """A stretch ends."""
        self.medians = []


def measure(samples: npt.NDArray[np.float32] | FloatArray, leadoff: int = 0) -> MeasuredSecond:
    """Measure a second.

    Args:
        samples: mV at 250 Hz as they come (baseline and all), shape (n_leads, 250).
        leadoff: bit mask of detached leads, which count as flat.
    """
    return measure_all(samples[None, None], [len(samples)], [leadoff])[0]


def measure_all(
    seconds: npt.NDArray[np.float32] | FloatArray, n_leads: Sequence[int], leadoff: Sequence[int]
) -> list[MeasuredSecond]:
    """Measure seconds of many devices, in one call.

    Args:
        seconds: as of `measure`, shape (n, 1 at least, leads at most, 250), of which the first is
            measured.
        n_leads: how many leads each has.
        leadoff: bit mask of the detached leads of each.
    """
    states = np.empty((len(n_leads), seconds.shape[2]), np.int64)
    index, medians = np.empty((2, *states.shape))
    masks = np.array((n_leads, leadoff), np.int64)
    _measure(seconds, masks[0], masks[1], states, index, medians)
    found = zip(states.tolist(), index.tolist(), medians.tolist(), n_leads, strict=True)
    return [MeasuredSecond(s[:n], i[:n], m[:n]) for s, i, m, n in found]


@njit
def _measure(
    seconds: npt.NDArray[np.float32] | FloatArray,
    n_leads: IntArray,
    leadoff: IntArray,
    states: IntArray,
    index: FloatArray,
    medians: FloatArray,
) -> None:
    """Measure as `measure_all` does; the last three take a second a row, shape (n, leads)."""
    seconds = lent(seconds)
    for k in range(n_leads.size):
        for i in range(n_leads[k]):
            samples = seconds[k, 0, i].astype(np.float64)
            medians[k, i] = np.median(samples)
            states[k, i], index[k, i] = FLAT, 0.0
            if not (leadoff[k] >> i) & 1:
                states[k, i], index[k, i] = _state(samples, medians[k, i])


@njit
def _state(samples: FloatArray, median: float) -> tuple[int, float]:
    """Return state and index of one lead's second, shape (250,), mV, by itself."""
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
