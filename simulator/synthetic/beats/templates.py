"""Scales beat shapes for one patient and one segment, and projects them on the leads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.synthetic.beats.heart import CONDUCTED, Activation
from simulator.synthetic.beats.shapes import SHAPES, deflection, vary
from simulator.synthetic.leads import FloatArray, dipole_matrix
from simulator.synthetic.segments import Segment

_REACH = 4.5
"""Standard deviations after which a Gaussian is taken as zero: 0.00004 of its peak."""
_SPIKE_DIPOLE = (0.30, 0.90, -0.20)
_ST_RISE_S = 0.006
_ST_FALL_S = 0.035


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The waves of one shape on the patient's leads.

    Attributes:
        at_s: peaks of the waves after the reference time at an RR interval of 1 s, shape (k,).
        rise_s: standard deviations before the peaks, shape (k,).
        fall_s: standard deviations after the peaks, shape (k,).
        stretches: True for waves that stretch with the square root of RR, shape (k,).
        amplitudes: peaks on the leads, mV, shape (n_leads, k).
        st: ST shift on the leads, mV, shape (n_leads,), or None.
        j_s: J point after the reference time, s.
        breathes: whether breathing modulates it.
    """

    at_s: FloatArray
    rise_s: FloatArray
    fall_s: FloatArray
    stretches: np.ndarray[tuple[int], np.dtype[np.bool_]]
    amplitudes: FloatArray
    st: FloatArray | None
    j_s: float
    breathes: bool

    def span(self, activation: Activation) -> tuple[float, float]:
        """Return first and last time (s) at which the activation shows."""
        at, rise, fall = self._timed(activation.rr_s)
        end = float(np.max(at + _REACH * fall))
        if self.st is not None:
            end = max(end, self._st_end(activation.rr_s) + 6 * _ST_FALL_S)
        return activation.time + float(np.min(at - _REACH * rise)), activation.time + end

    def draw(self, times: FloatArray, rr_s: float) -> FloatArray:
        """Return the signal (mV), shape (n_leads, n), at times (s) after the reference time."""
        at, rise, fall = self._timed(rr_s)
        apart = times - at[:, None]
        apart /= np.where(apart < 0, rise[:, None], fall[:, None])
        signal: FloatArray = self.amplitudes @ np.exp(-0.5 * apart * apart)
        if self.st is not None:
            rise_at = self.j_s + 2 * _ST_RISE_S
            step = np.tanh((times - rise_at) / _ST_RISE_S)
            step -= np.tanh((times - self._st_end(rr_s)) / _ST_FALL_S)
            signal += np.outer(self.st, 0.5 * step)
        return signal

    def _timed(self, rr_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        factor = np.where(self.stretches, _stretch(rr_s), 1.0)
        return self.at_s * factor, self.rise_s * factor, self.fall_s * factor

    def _st_end(self, rr_s: float) -> float:
        """Return where the ST shift is half gone: behind the top of the T wave."""
        return max(self.j_s + 0.12, 0.33 * _stretch(rr_s))


class Body:
    """One patient's heart and chest: shapes as they look from these leads.

    Args:
        rng: source of what makes this body differ from others.
        leads: names of the leads.
        fs: sampling rate in Hz; spikes are not made narrower than it can show.
        variety: how much bodies differ, 0 .. 1.
    """

    def __init__(
        self, rng: np.random.Generator, leads: tuple[str, ...], fs: float, variety: float
    ) -> None:
        turn = _rotation(np.radians(rng.normal(0, 8 * variety, 3)))
        width = float(np.clip(1 + 0.06 * variety * rng.normal(), 0.85, 1.15))
        self._shapes = {name: vary(shape, turn, width) for name, shape in SHAPES.items()}
        self._leads = leads
        self._projection = dipole_matrix(leads)
        self._spike_s = max(0.0008, 0.5 / fs)
        self._peaks: dict[str, float] = {}

    def r_time(self, activation: Activation) -> float:
        """Return the time (s) of the R peak of a beat on the first lead."""
        name = activation.shape
        if name not in self._peaks:
            self._peaks[name] = deflection(self._shapes[name], "qrs", self._leads[0])[1]
        return activation.time + self._peaks[name]

    def pulse_start(self, time: float) -> float:
        """Return the time (s) from which on a pacemaker pulse given at ``time`` shows."""
        return time - 4 * self._spike_s

    def template(self, name: str, segment: Segment) -> Template:
        """Return a shape scaled as the segment wants it, on the leads."""
        shape = self._shapes[name]
        main = _main_shape(segment)
        qrs_gain = segment.qrs_mv / abs(deflection(self._shapes[main], "qrs", "II")[0])
        t_gain = qrs_gain
        if segment.t_mv is not None and name == main:
            t_gain = segment.t_mv / deflection(shape, "t", "II")[0]
        gains = {"p": min(1.0, qrs_gain), "qrs": qrs_gain, "t": t_gain, "spike": 1.0}
        dipoles = np.array([wave.dipole for wave in shape.waves]).T
        widths = np.array([(wave.rise_s, wave.fall_s) for wave in shape.waves]).T
        if name == "spike":
            direction = np.array(_SPIKE_DIPOLE)
            dipoles = (
                direction[:, None] * segment.spike_mv / (dipole_matrix(("II",))[0] @ direction)
            )
            widths = np.full((2, 1), self._spike_s)
        st = self._st(segment) if shape.has_st and segment.st_mv else None
        return Template(
            at_s=np.array([wave.at_s for wave in shape.waves]),
            rise_s=widths[0],
            fall_s=widths[1],
            stretches=np.array([wave.part == "t" for wave in shape.waves]),
            amplitudes=self._projection @ dipoles * [gains[wave.part] for wave in shape.waves],
            st=st,
            j_s=shape.j_s,
            breathes=name != "spike",
        )

    def _st(self, segment: Segment) -> FloatArray:
        """Return the ST shift on the leads: an injury dipole along the axis of ``st_lead``."""
        axis = dipole_matrix((segment.st_lead,))[0]
        shift: FloatArray = self._projection @ axis * (segment.st_mv / (axis @ axis))
        return shift


def _main_shape(segment: Segment) -> str:
    """Return the shape that the segment's amplitudes are about."""
    if segment.rhythm == "vt":
        return f"V{segment.vt_form}"
    if segment.rhythm == "ivr" or (
        segment.rhythm == "av-block-3" and segment.escape == "ventricular"
    ):
        return "escape"
    if segment.rhythm == "paced" and segment.pacing != "atrial":
        return "paced"
    return CONDUCTED[segment.conduction][0]


def _stretch(rr_s: float) -> float:
    return float(np.sqrt(np.clip(rr_s, 0.2, 1.4)))


def _rotation(angles: FloatArray) -> FloatArray:
    """Return the rotation by small angles (radians) about x, y and z in turn."""
    matrix = np.eye(3)
    for axis, angle in enumerate(angles):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(3)
        turn[one, one] = turn[two, two] = np.cos(angle)
        turn[one, two], turn[two, one] = -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    return matrix
