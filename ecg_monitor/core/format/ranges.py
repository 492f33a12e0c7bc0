"""The ranges that physics and the format allow for every number about a signal, declared once.

Ingest refuses a packet with a number outside its range, and a recording with one cannot be made: a
gain of 1e-38 is finite and greater than 0, yet the voltages that come of it are not. What is merely
unusual for an ECG (a wrong unit) lies inside: it is analysed, and told as `amplitude`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a number may have, both ends included.

    Attributes:
        low: smallest value.
        high: largest value.
        unit: of the values; empty if they have none.
        why: where the ends come from.
    """

    low: float
    high: float
    unit: str
    why: str

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the range; NaN lies in none."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        ends = f"{_shown(self.low)} .. {_shown(self.high)}"
        return f"{ends} {self.unit}" if self.unit else ends


RANGES: Mapping[str, Range] = {
    "seq": Range(0, 2**53 - 1, "", "the integers that every JSON implementation keeps exactly"),
    "n0": Range(0, 2**43 - 1, "", "139 years at 2000 Hz: also of a device that counts since 1970"),
    "t0": Range(0, 253_402_300_799, "Unix s", "the years 1970 .. 9999: ms and µs are no Unix s"),
    "fs": Range(50, 2000, "Hz", "the QRS complex has its power below 25 Hz; resampling's tables"),
    "gain": Range(
        1e-3, 1e6, "ADC units per mV", "steps of 1 V .. 1 nV: coarser or finer than any converter"
    ),
    "baseline": Range(-(2**31), 2**31 - 1, "ADC units", "converters have 32 bits at most"),
    "samples": Range(-32768, 32767, "ADC units", "int16"),
    "leads": Range(1, 16, "leads", "12 leads of a diagnostic ECG and four more"),
    "packet": Range(0, 1, "s", "a packet holds one second at most: alarms must not wait for it"),
    "payload": Range(
        1, 512 * 1024, "bytes", "16 leads x 1 s x 2000 Hz: 64 kB in CBOR, 230 in JSON"
    ),
    "pulses": Range(0, 32, "pulses", "three chambers (resynchronization) at 400/min give 21"),
}
"""By field of the packet; ``packet``, ``payload`` and ``pulses`` are of the packet as a whole."""

OFFSET_MV = 100_000.0
"""How far from 0 mV the whole range of a lead may lie, mV: electrodes have up to 300 mV against one
another (IEC 60601-2-27, 201.12.1.101.2), converter values without a gain may look like some volts.
Farther off, the 32-bit floats of the analysis have steps of over 0.008 mV."""


def scale_problem(gain: float, baseline: float) -> str | None:
    """Return what is wrong with the scale of a lead, for people; None if it may be an ECG's.

    Args:
        gain: ADC units per mV.
        baseline: ADC value at 0 mV.
    """
    if not RANGES["gain"].holds(gain):
        return f"the gain must be {RANGES['gain']}, got {gain:g}"
    if not RANGES["baseline"].holds(baseline):
        return f"the baseline must be {RANGES['baseline']}, got {baseline:g}"
    samples = RANGES["samples"]
    nearest = max((samples.low - baseline) / gain, (baseline - samples.high) / gain)
    if nearest > OFFSET_MV:
        return (
            f"with a gain of {gain:g} and a baseline of {baseline:g} every sample is over "
            f"{OFFSET_MV / 1000:g} V away from 0"
        )
    return None


def _shown(value: float) -> str:
    """Return an end of a range as people write it: powers of two as such."""
    sign, size = "-" if value < 0 else "", abs(value)
    for text, whole in (("{}", size), ("{}-1", size + 1)):
        mantissa, power = math.frexp(whole)
        if mantissa == 0.5 and power > 30:
            return sign + text.format(f"2**{power - 1}")
    return f"{value:.0f}" if value == round(value) else f"{value:g}"
