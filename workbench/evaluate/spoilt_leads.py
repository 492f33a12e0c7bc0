"""Spoils one lead of several: jumps, electrode motion, a cable that came off.

A `Fault` is a name and a function of one lead's voltages. The jumps are drawn with a fixed seed:
the same recording always becomes the same signal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording

Volts = npt.NDArray[np.float64]
"""One lead, mV, shape (n,)."""

RANGE_MV = 5.0
_RAIL_MV = 4.9
_SEED = 5
_SHORTEST_S, _MEAN_S = 0.05, 0.6
_BURST_S, _EVERY_S = 10.0, 30.0
_QRS_S = 0.05
"""Half of the stretch in which the height of a QRS complex is measured."""
_MANY = 300
_LEAST_BEATS = 3
SPOILT = (1, 6, 9)
"""Rows that are spoilt, as far as a recording has them: the second lead of two; of twelve in the
usual order II, V1 and V4."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Properties of a recording that faults depend on.

    Attributes:
        fs: sampling rate, Hz.
        beats: R peaks, sample indices, int64, shape (n_beats,).
        noise: recorded noise at that rate, of any unit, shape (at least the recording's length,).
    """

    fs: float
    beats: npt.NDArray[np.int64]
    noise: Volts


Spoil = Callable[[Volts, Surroundings], Volts]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to spoil leads.

    Attributes:
        name: as the table has it.
        spoil: what becomes of a lead that is spoilt; several take turns.
        swapped: put the leads in reverse order instead.
    """

    name: str
    spoil: tuple[Spoil, ...] = ()
    swapped: bool = False

    def apply(self, recording: Recording, noise: Volts) -> Recording:
        """Return the recording with this fault.

        Args:
            recording: with reference beats.
            noise: see `Surroundings`.

        Raises:
            RecordError: it has one lead only, or fewer than three beats.
        """
        rows = [row for row in SPOILT if row < len(recording.leads)]
        if not rows:
            raise RecordError(f"{recording.name}: one of several leads is spoilt; it has one")
        if len(recording.beats) < _LEAST_BEATS:
            raise RecordError(f"{recording.name}: a noise is measured by its beats; it has none")
        if self.swapped:
            return replace(
                recording,
                leads=recording.leads[::-1],
                gain=recording.gain[::-1],
                baseline=recording.baseline[::-1],
                samples=recording.samples[::-1].copy(),
            )
        at = np.array([beat.sample for beat in recording.beats], np.int64)
        around = Surroundings(recording.fs, at, noise)
        samples = recording.samples.copy()
        for i, row in enumerate(rows if self.spoil else ()):
            gain, baseline = recording.gain[row], recording.baseline[row]
            mv = self.spoil[i % len(self.spoil)]((samples[row] - baseline) / gain, around)
            samples[row] = np.clip(np.rint(mv * gain + baseline), -32767, 32767)
        return replace(recording, samples=samples)


def rails(mv: Volts, around: Surroundings) -> Volts:
    """Jump to a rail, or some other level, and stay there for 0.65 s on average."""
    rng = np.random.default_rng(_SEED)
    out, at = mv.copy(), 0
    while at < len(mv):
        until = at + round((_SHORTEST_S + rng.exponential(_MEAN_S)) * around.fs)
        out[at:until] += rng.choice([-_RAIL_MV, _RAIL_MV, rng.uniform(-4, 4)])
        at = until
    return np.clip(out, -RANGE_MV, RANGE_MV)


def motion(snr_db: float) -> Spoil:
    """Add recorded noise at a ratio reckoned as in Moody's noise stress test (1984).

    The signal's power is an eighth of the square of the median height of its QRS complexes.
    """

    def spoil(mv: Volts, around: Surroundings) -> Volts:
        half = round(_QRS_S * around.fs)
        inside = [at for at in around.beats[:_MANY] if half <= at < len(mv) - half]
        height = np.median([np.ptp(mv[at - half : at + half]) for at in inside])
        noise = around.noise[: len(mv)] - around.noise[: len(mv)].mean()
        gain = float(np.sqrt(height**2 / 8 / noise.var() / 10 ** (snr_db / 10)))
        noisy: Volts = mv + gain * noise
        return noisy

    return spoil


def in_bursts(spoil: Spoil) -> Spoil:
    """Let a fault last for 10 of every 30 s."""

    def burst(mv: Volts, around: Surroundings) -> Volts:
        on = np.arange(len(mv)) / around.fs % _EVERY_S < _BURST_S
        return np.where(on, spoil(mv, around), mv)

    return burst


def off(mv: Volts, around: Surroundings) -> Volts:
    """Show 0.1 mV of the mains alone, as a cable that came off and is not reported."""
    t = np.arange(len(mv)) / around.fs
    hum: Volts = 0.1 * np.sin(2 * np.pi * 50.01 * t)
    return hum


def small(mv: Volts, around: Surroundings) -> Volts:  # noqa: ARG001
    """Shrink to a tenth."""
    return 0.1 * mv


FAULTS: tuple[Fault, ...] = (
    Fault("none"),
    Fault("leads swapped", swapped=True),
    Fault("from rail to rail", (rails,)),
    Fault("rails, 10 s of 30", (in_bursts(rails),)),
    *(Fault(f"motion at {db} dB", (motion(db),)) for db in (6, 0, -6)),
    Fault("motion at -6 dB, 10 s of 30", (in_bursts(motion(-6)),)),
    Fault("off, with 50 Hz", (off,)),
    Fault("a tenth of its height", (small,)),
    Fault("rails, motion, off in turn", (rails, motion(-6), off)),
)
"""Every fault; the first is the yardstick. The last differs from the second where more leads than
one are spoilt."""
