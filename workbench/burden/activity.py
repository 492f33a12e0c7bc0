"""Made-up patients in sinus rhythm whose rest is broken by recorded noise of activity. Pure.

Nothing is wrong with these hearts, so whatever is told of them is false. The noise is that of the
Noise Stress Test Database (Moody, Muldrow and Mark, Computers in Cardiology 11:381-384, 1984): bw
baseline wander, ma muscle, em electrode motion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ecg_monitor.records import Recording
from simulator.faults.noise import FloatArray, NoiseMixer, noise_factors, noise_rms, qrs_amplitude
from simulator.synthetic.patient import SyntheticPatient

FS = 360.0
"""Sampling rate of the noise, and of the patients, Hz."""
LEADS = ("II", "V1")
GAIN = 200.0


class Bout(NamedTuple):
    """A stretch of each hour.

    Attributes:
        minutes: its length.
        noise: name of the noise; None at rest.
        snr_db: how much stronger the signal is, as `simulator.faults.noise` defines it.
    """

    minutes: int
    noise: str | None = None
    snr_db: float = float("inf")


HOUR = (
    Bout(40),
    Bout(5, "ma", 12.0),
    Bout(5, "bw", 6.0),
    Bout(5, "em", 12.0),
    Bout(5, "em", 6.0),
)
"""What every hour is made of: a third of it is activity."""


def active_patient(
    noises: Mapping[str, Recording], hours: int, seed: int, hour: Sequence[Bout] = HOUR
) -> Recording:
    """Return a patient in sinus rhythm for some hours.

    Args:
        noises: recordings of the kinds of noise in ``hour``, by name, at `FS`.
        hours: how many.
        seed: which patient.
        hour: what each of them is made of.
    """
    patient = SyntheticPatient("sinus", fs=FS, leads=LEADS, seed=seed, gain=GAIN)
    bouts = [*hour] * hours
    block = patient.generate(sum(bout.minutes for bout in bouts) * 60.0)
    signal: FloatArray = block.samples / GAIN
    amplitude = qrs_amplitude(signal, [beat.sample for beat in block.beats], FS)
    at = 0
    for bout in bouts:
        end = at + round(bout.minutes * 60 * FS)
        if bout.noise is not None:
            noise = noises[bout.noise]
            mv = noise.samples / np.array(noise.gain)[:, None]
            factors = noise_factors(amplitude, noise_rms(mv, FS), bout.snr_db)
            signal[:, at:end] += NoiseMixer(mv, factors, FS).noise_at(at, end - at)
        at = end
    samples = np.clip(np.rint(signal * GAIN), -32767, 32767).astype(np.int16)
    return Recording(f"active {seed}", FS, LEADS, (GAIN,) * 2, (0.0,) * 2, samples)
