"""Activity without separate beats: fibrillatory and flutter waves, ventricular fibrillation.

Each is a dipole as a function of absolute time, so that it is the same however it is cut.
"""

from __future__ import annotations

import numpy as np

from simulator.synthetic.leads import FloatArray, dipole_matrix
from simulator.synthetic.physiology import SlowNoise
from simulator.synthetic.segments import Segment


class Fibrillation:
    """Fibrillatory waves of the atria.

    A sawtooth of three harmonics whose rate and amplitude wander, after Stridh and Sörnmo, IEEE
    Trans Biomed Eng 48:105-111 (2001), doi:10.1109/10.900266; two of them with different axes,
    since the waves are not the same in all leads.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._hz = rng.uniform(5.6, 7.0) + np.array([0.0, rng.uniform(0.3, 0.8)])
        self._phases = rng.uniform(0, 2 * np.pi, 2)
        self._rate = [SlowNoise.make(rng, rng.uniform(0.05, 0.5, 4)) for _ in range(2)]
        self._size = [SlowNoise.make(rng, rng.uniform(0.08, 0.7, 4)) for _ in range(2)]
        self._axes = np.array([(-0.30, 0.30, -0.75), (0.10, 0.45, -0.15)])
        self._axes[0] /= dipole_matrix(("V1",))[0] @ self._axes[0]

    def dipole(self, times: FloatArray, segment: Segment) -> FloatArray:
        """Return the dipole (mV), shape (3, n), at the times (s)."""
        size = 0.09 if segment.fwave_mv is None else segment.fwave_mv
        total = np.zeros((3, len(times)))
        for i in range(2):
            phase = 2 * np.pi * self._hz[i] * times + self._phases[i]
            phase += 1.2 * self._rate[i].at(times)
            saw = np.sin(phase) + np.sin(2 * phase) / 3 + np.sin(3 * phase) / 6
            saw *= 1 + 0.35 * self._size[i].at(times)
            total += np.outer(self._axes[i], saw)
        dipole: FloatArray = 0.8 * size * total
        return dipole


class Flutter:
    """Flutter waves: a regular sawtooth, negative in II, III and aVF, positive in V1."""

    def __init__(self) -> None:
        axis = np.array([0.05, -1.0, -0.6])
        self._axis = axis / -(dipole_matrix(("II",))[0] @ axis)

    def dipole(self, times: FloatArray, segment: Segment) -> FloatArray:
        """Return the dipole (mV), shape (3, n), at times (s) after the segment's start."""
        size = 0.22 if segment.fwave_mv is None else segment.fwave_mv
        phase = 2 * np.pi * segment.atrial_per_min / 60 * times
        # Slow fall, quick rise: the sign that the axis turns over in the inferior leads.
        saw = np.sin(phase) - np.sin(2 * phase) / 2.4 + np.sin(3 * phase) / 6
        dipole: FloatArray = size * np.outer(self._axis, saw / 1.35)
        return dipole


class VentricularFibrillation:
    """Ventricular fibrillation: band-limited, disordered, without QRS complexes.

    Eight oscillators around the dominant frequency, each with its own wandering rate and its own
    axis, about as the wavefronts that roam the ventricles.
    """

    _COUNT = 8

    def __init__(self, rng: np.random.Generator) -> None:
        self._spread = rng.normal(0, 0.16, self._COUNT)
        self._phases = rng.uniform(0, 2 * np.pi, self._COUNT)
        self._wander_hz = rng.uniform(0.07, 0.35, self._COUNT)
        # Modulation index of a deviation of 0.4 .. 0.9 Hz.
        self._wander = rng.uniform(0.4, 0.9, self._COUNT) / self._wander_hz
        axes = rng.normal(0, 1, (3, self._COUNT))
        axes /= np.linalg.norm(axes, axis=0)
        self._axes = axes / np.sqrt(np.sum((dipole_matrix(("II",))[0] @ axes) ** 2) / 2)

    def dipole(self, times: FloatArray, segment: Segment) -> FloatArray:
        """Return the dipole (mV), shape (3, n), at the times (s)."""
        hz = segment.vf_hz * (1 + np.clip(self._spread, -0.35, 0.35))
        phase = 2 * np.pi * np.outer(hz, times) + self._phases[:, None]
        slow = 2 * np.pi * np.outer(self._wander_hz, times) + self._phases[::-1, None]
        phase += self._wander[:, None] * np.sin(slow)
        waves = np.sin(phase) + 0.2 * np.sin(2 * phase)
        dipole: FloatArray = 0.5 * segment.vf_mv * (self._axes @ waves)
        return dipole
