"""Beat shapes: each wave of a heartbeat as a Gaussian in time with a direction in space.

A sum of Gaussians per beat as in McSharry et al., IEEE Trans Biomed Eng 50:289-294 (2003),
doi:10.1109/TBME.2003.808805, with amplitudes that are dipoles, as in Sameni et al., EURASIP J Adv
Signal Process 2007:043407, doi:10.1155/2007/43407, so that all leads come from one heart. Unlike
there, beats are placed one by one in time instead of by integrating a limit cycle: that is exact
at any rate, and lets each beat have its own shape. The amplitudes are ours, drawn by eye from
textbook 12-lead patterns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simulator.synthetic.leads import FloatArray, dipole_matrix

Part = Literal["p", "qrs", "t", "spike"]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Wave:
    """One Gaussian wave.

    Attributes:
        part: what it belongs to. Waves of the ``t`` part stretch with the square root of the RR
            interval (Bazett), the others do not.
        at_s: its peak, s after the beat's reference time, at an RR interval of 1 s.
        rise_s: standard deviation before its peak, s.
        fall_s: standard deviation after its peak, s.
        dipole: its peak amplitude along x, y, z, mV.
    """

    part: Part
    at_s: float
    rise_s: float
    fall_s: float
    dipole: Vector


@dataclass(frozen=True, slots=True)
class Shape:
    """A beat, or a part of one.

    Attributes:
        waves: the waves that add up to it.
        onset_s: begin of the QRS complex, s after the reference time (negative).
        j_s: end of the QRS complex (J point), s after the reference time.
        has_st: True where an ST shift of the scenario applies.
    """

    waves: tuple[Wave, ...]
    onset_s: float = 0.0
    j_s: float = 0.0
    has_st: bool = False


def _wave(part: Part, at_ms: float, width_ms: float, *dipole: float) -> Wave:
    x, y, z = dipole
    return Wave(part, at_ms / 1000, width_ms / 1000, width_ms / 1000, (x, y, z))


def _t_wave(at_ms: float, *dipole: float) -> Wave:
    """Return a T wave: it falls faster than it rises."""
    x, y, z = dipole
    return Wave("t", at_ms / 1000, 0.055, 0.034, (x, y, z))


def _wide(dipole: Vector, notch: Vector, t_share: float = 0.32) -> Shape:
    """Return a beat that spreads from a ventricular focus: wide, with T against the QRS."""
    x, y, z = dipole
    waves = (
        _wave("qrs", -38, 13, 0.32 * x + notch[0], 0.32 * y + notch[1], 0.32 * z + notch[2]),
        _wave("qrs", 0, 21, x, y, z),
        _wave("qrs", 40, 16, 0.32 * x - notch[0], 0.30 * y - notch[1], 0.30 * z - notch[2]),
        Wave("t", 0.315, 0.072, 0.048, (-t_share * x, -t_share * y, -t_share * z)),
    )
    return Shape(waves, onset_s=-0.070, j_s=0.080)


def _times(matrix: FloatArray, wave: Wave) -> Vector:
    """Return the wave's dipole multiplied by a matrix of shape (3, 3)."""
    x, y, z = (float(value) for value in matrix @ np.array(wave.dipole))
    return x, y, z


def _fusion(one: Shape, other: Shape) -> Shape:
    """Return the beat that two wave fronts make together: half of each."""
    waves = tuple(
        replace(wave, dipole=_times(0.5 * np.eye(3), wave)) for wave in (*one.waves, *other.waves)
    )
    return Shape(waves, min(one.onset_s, other.onset_s), max(one.j_s, other.j_s))


_NORMAL = Shape(
    (
        _wave("qrs", -24, 7, -0.14, -0.07, -0.24),
        _wave("qrs", 0, 10, 1.10, 0.86, 0.08),
        _wave("qrs", 19, 9, 0.22, -0.12, 0.62),
        _wave("qrs", 35, 8, -0.15, -0.14, 0.22),
        _t_wave(300, 0.30, 0.21, -0.12),
    ),
    onset_s=-0.042,
    j_s=0.052,
    has_st=True,
)

_LBBB = Shape(
    (
        _wave("qrs", -48, 12, 0.22, 0.20, 0.10),
        _wave("qrs", -18, 16, 0.85, 0.72, 0.38),
        _wave("qrs", 28, 19, 0.80, 0.66, 0.62),
        Wave("t", 0.310, 0.070, 0.045, (-0.34, -0.26, -0.30)),
    ),
    onset_s=-0.080,
    j_s=0.085,
    has_st=True,
)

_RBBB = Shape(
    (
        _wave("qrs", -24, 7, -0.13, -0.07, -0.24),
        _wave("qrs", 0, 10, 1.05, 0.84, 0.20),
        _wave("qrs", 20, 9, 0.12, -0.10, 0.40),
        _wave("qrs", 58, 17, -0.48, -0.06, -0.52),
        _t_wave(320, 0.34, 0.20, 0.16),
    ),
    onset_s=-0.042,
    j_s=0.098,
    has_st=True,
)

_VENTRICULAR = (
    _wide((0.55, 1.55, 0.95), (0.10, -0.05, -0.15)),  # right outflow tract: tall in II, QS in V1
    _wide((-0.75, -1.30, -0.85), (0.20, -0.10, 0.10)),  # left ventricle: deep in II, tall in V1
    _wide((1.15, -0.85, 0.55), (-0.15, 0.20, 0.10)),  # low septum: left axis
)

_PACED = _wide((0.60, -1.25, 0.75), (0.05, 0.15, 0.05))  # apex of the right ventricle

SHAPES: dict[str, Shape] = {
    "P": Shape((_wave("p", -12, 19, 0.04, 0.08, -0.05), _wave("p", 14, 21, 0.05, 0.07, 0.05))),
    # Atrial ectopic focus and retrograde conduction: other directions than the sinus node's.
    "P-ectopic": Shape(
        (_wave("p", -8, 17, 0.08, 0.03, 0.04), _wave("p", 12, 15, 0.02, 0.05, -0.08))
    ),
    "P-retrograde": Shape((_wave("p", 0, 18, -0.02, -0.12, -0.03),)),
    "N": _NORMAL,
    "L": _LBBB,
    "R": _RBBB,
    "paced": _PACED,
    "escape": _wide((0.05, -0.90, -0.70), (-0.10, 0.15, 0.10)),
    "F": _fusion(_NORMAL, _VENTRICULAR[0]),
    "paced-fusion": _fusion(_NORMAL, _PACED),
    "spike": Shape((_wave("spike", 0, 0.8, 0.0, 0.0, 0.0),)),
    **{f"V{form}": shape for form, shape in enumerate(_VENTRICULAR)},
}
"""All shapes by name. The dipole of ``spike`` is set by the scenario."""

P_HALF_S = 0.050
"""From the onset of the P wave to its reference time, s."""


def vary(shape: Shape, rotation: FloatArray, width: float) -> Shape:
    """Return the shape as another body has it: turned in the chest, a little wider or narrower."""
    waves = tuple(
        replace(
            wave,
            rise_s=wave.rise_s * width,
            fall_s=wave.fall_s * width,
            dipole=_times(rotation, wave),
        )
        for wave in shape.waves
    )
    return replace(shape, waves=waves)


def deflection(shape: Shape, part: Part, lead: str) -> tuple[float, float]:
    """Find the largest deflection of one part of a beat on one lead, at an RR interval of 1 s.

    Returns:
        Its amplitude with sign in mV, and its time in s after the beat's reference time.
    """
    waves = [wave for wave in shape.waves if wave.part == part]
    row = dipole_matrix((lead,))[0]
    times = np.arange(-0.15, 0.6, 0.0002)
    signal = np.zeros_like(times)
    for wave in waves:
        width = np.where(times < wave.at_s, wave.rise_s, wave.fall_s)
        amplitude = float(row @ np.array(wave.dipole))
        signal += amplitude * np.exp(-0.5 * ((times - wave.at_s) / width) ** 2)
    peak = int(np.argmax(np.abs(signal)))
    return float(signal[peak]), float(times[peak])
