"""Slow processes of a body as functions of absolute time: breathing and heart rate variability.

All are sums of sinusoids with random phases, hence defined at any time without a state: the same
however the signal is cut, for as long as one likes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.synthetic.leads import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SlowNoise:
    """Sum of sinusoids with random phases: zero mean, unit variance.

    Attributes:
        frequencies: Hz, shape (k,).
        phases: radians, shape (k,).
        weights: amplitudes, shape (k,).
    """

    frequencies: FloatArray
    phases: FloatArray
    weights: FloatArray

    @classmethod
    def make(cls, rng: np.random.Generator, frequencies: FloatArray) -> SlowNoise:
        """Draw phases and weights for the given frequencies (Hz)."""
        weights = rng.uniform(0.5, 1.0, len(frequencies))
        weights *= np.sqrt(2 / np.sum(weights**2))
        return cls(frequencies, rng.uniform(0, 2 * np.pi, len(frequencies)), weights)

    def at(self, times: FloatArray) -> FloatArray:
        """Return the values at the times (s), shape (n,)."""
        angles = np.outer(2 * np.pi * self.frequencies, times) + self.phases[:, None]
        values: FloatArray = self.weights @ np.sin(angles)
        return values


class Physiology:
    """Breathing and heart rate variability of one patient.

    RR intervals vary as two bands, as in McSharry et al. 2003: LF around 0.1 Hz (Mayer waves) and
    HF at the respiration rate (respiratory sinus arrhythmia: faster while breathing in).

    Args:
        rng: source of the phases.
        respiration_rate: breaths per minute.
    """

    def __init__(self, rng: np.random.Generator, respiration_rate: float) -> None:
        self._respiration_hz = respiration_rate / 60
        self._phase = rng.uniform(0, 2 * np.pi)
        self._sigh = SlowNoise.make(rng, rng.uniform(0.005, 0.02, 3))
        self._lf = SlowNoise.make(rng, rng.normal(0.1, 0.01, 5))

    def breathing(self, times: FloatArray) -> FloatArray:
        """Return lung filling at the times (s), -1 (expired) .. 1 (inspired), shape (n,)."""
        angle = 2 * np.pi * self._respiration_hz * times + self._phase + 0.5 * self._sigh.at(times)
        return np.sin(angle)

    def rr_factor(self, time: float, hrv: float, lf_hf: float) -> float:
        """Return by what the mean RR interval is multiplied for the beat after ``time`` (s).

        Args:
            time: time of the R peak that begins the interval, s.
            hrv: standard deviation over mean of the RR intervals.
            lf_hf: ratio of LF to HF power.
        """
        if hrv == 0:
            return 1.0
        times = np.array([time])
        low = np.sqrt(lf_hf / (1 + lf_hf)) * self._lf.at(times)[0]
        high = -np.sqrt(2 / (1 + lf_hf)) * self.breathing(times)[0]
        return float(1 + np.clip(hrv * (low + high), -0.5, 0.5))
