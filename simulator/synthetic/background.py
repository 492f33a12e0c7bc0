"""Noise of the electrodes: baseline wander, muscle noise, mains hum.

It arises at the electrodes and reaches the leads by their definition, so that Einthoven's law
holds for it too. Scales are such that each lead from two electrodes, and each chest lead against
Wilson's terminal, has the level asked for.
"""

from __future__ import annotations

import numpy as np
from scipy import signal as dsp

from simulator.synthetic.leads import LIMB_ELECTRODES, FloatArray, electrode_matrix
from simulator.synthetic.physiology import Physiology, SlowNoise

_MUSCLE_BAND_HZ = (20.0, 150.0)
# Level of a limb and of a chest electrode for a unit level on the leads: two limb electrodes
# differ by it, and a chest electrode differs by it from the mean of three limb electrodes.
_NOISE_LIMB, _NOISE_CHEST = np.sqrt(1 / 2), np.sqrt(5 / 6)
# The phases of the limbs are a third of a turn apart: they cancel in the mean.
_HUM_LIMB, _HUM_CHEST = np.sqrt(1 / 3), 1.0
_LIMB_PHASE = {name: i * 2 * np.pi / 3 for i, name in enumerate(LIMB_ELECTRODES)}


class Background:
    """Noise of one patient's electrodes. Blocks must be drawn in order.

    Args:
        seed: what makes it differ; each electrode's noise depends on its name and this alone.
        leads: names of the leads.
        fs: sampling rate in Hz.
        physiology: whose breathing moves the electrodes.
        mains_hz: frequency of the mains, Hz.
    """

    def __init__(
        self,
        seed: np.random.SeedSequence,
        leads: tuple[str, ...],
        fs: float,
        physiology: Physiology,
        mains_hz: float,
    ) -> None:
        self._electrodes, self._mixing = electrode_matrix(leads)
        self._physiology = physiology
        # Above half the sampling rate the device's own filter would have removed it.
        self._mains_hz = [hz for hz in (mains_hz, 3 * mains_hz) if hz < 0.45 * fs]
        self._rngs, self._wander, self._breath, self._phases = [], [], [], []
        for electrode in self._electrodes:
            rng = np.random.default_rng([*electrode.encode(), *seed.generate_state(4).tolist()])
            self._wander.append(SlowNoise.make(rng, np.geomspace(0.03, 0.4, 5)))
            self._breath.append(float(rng.uniform(-1.0, 1.0)))
            self._phases.append(_LIMB_PHASE.get(electrode, float(rng.uniform(0, 2 * np.pi))))
            self._rngs.append(rng)
        limb = np.array([[float(name in LIMB_ELECTRODES)] for name in self._electrodes])
        self._noise_scale: FloatArray = _NOISE_CHEST + limb * (_NOISE_LIMB - _NOISE_CHEST)
        self._hum_scale: FloatArray = _HUM_CHEST + limb * (_HUM_LIMB - _HUM_CHEST)
        high = min(_MUSCLE_BAND_HZ[1], 0.45 * fs)
        self._sos = dsp.butter(2, (min(20.0, high / 2), high), "bandpass", fs=fs, output="sos")
        self._muscle_gain = _unit_gain(self._sos)
        self._state = np.zeros((len(self._sos), len(self._electrodes), 2))

    def draw(
        self, times: FloatArray, wander: FloatArray, muscle: FloatArray, mains: FloatArray
    ) -> FloatArray:
        """Return the next block's noise on the leads (mV), shape (n_leads, n).

        Args:
            times: times of its samples, s.
            wander: RMS of the baseline wander, mV, for each sample.
            muscle: RMS of the muscle noise, mV, for each sample.
            mains: amplitude of the mains hum, mV, for each sample.
        """
        breathing = self._physiology.breathing(times)
        slow = np.array([noise.at(times) for noise in self._wander])
        slow = 0.8 * slow + np.outer(self._breath, breathing)
        total: FloatArray = self._noise_scale * (slow * wander + self._muscle(len(times)) * muscle)
        total += self._hum_scale * (self._hum(times) * mains)
        mixed: FloatArray = self._mixing @ total
        return mixed

    def hum(self, times: FloatArray) -> FloatArray:
        """Return mains hum of 1 mV as a detached lead picks it up, shape (n,)."""
        if not self._mains_hz:
            return np.zeros_like(times)
        return np.sin(2 * np.pi * self._mains_hz[0] * times)

    def _muscle(self, n: int) -> FloatArray:
        white = np.array([rng.standard_normal(n) for rng in self._rngs])
        shaped, self._state = dsp.sosfilt(self._sos, white, axis=1, zi=self._state)
        muscle: FloatArray = self._muscle_gain * shaped
        return muscle

    def _hum(self, times: FloatArray) -> FloatArray:
        total = np.zeros((len(self._electrodes), len(times)))
        for hz, size in zip(self._mains_hz, (1.0, 0.15), strict=False):
            total += size * np.sin(2 * np.pi * hz * times + np.array(self._phases)[:, None])
        return total


def _unit_gain(sos: FloatArray) -> float:
    """Return the factor that gives the filter's answer to unit white noise unit RMS."""
    impulse = np.zeros(4096)
    impulse[0] = 1
    return float(1 / np.sqrt(np.sum(dsp.sosfilt(sos, impulse) ** 2)))
