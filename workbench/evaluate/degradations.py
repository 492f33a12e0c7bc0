"""Degrades ECG as other devices and databases do: rates, converters, bands, mains, drift, leads.

A `Degradation` is a name, the leads that are used, and steps on a `Signal` in mV. Steps are pure
and take no random numbers: the same recording always becomes the same signal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import signal as dsp

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import to_int16

_BEYOND = 0.95
"""Share of the Nyquist frequency beyond which a low-pass filter has nothing left to do."""
_WANDER_HZ = (0.07, 0.15, 0.31)
"""Frequencies of respiration and slow electrode drift, Hz."""
_MAINS_DRIFT = 2e-4
"""Relative deviation of the mains frequency: 0.01 Hz of 50, as grids have it."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """ECG on its way through a device.

    Attributes:
        mv: voltages in mV, shape (n_leads, n).
        fs: sampling rate in Hz.
        gain: ADC units per mV of the converter at the end.
        bits: resolution of that converter; what is beyond its range is cut off.
    """

    mv: npt.NDArray[np.float64]
    fs: float
    gain: float = 200.0
    bits: int = 32


Step = Callable[[Signal], Signal]


@dataclass(frozen=True, slots=True)
class Degradation:
    """One way to spoil a recording.

    Attributes:
        name: how the command line knows it.
        steps: what happens to the signal, in order.
        leads: rows of the recording that are kept, in this order.
    """

    name: str
    steps: tuple[Step, ...] = ()
    leads: tuple[int, ...] = (0,)

    def apply(self, recording: Recording) -> Recording:
        """Return the recording as that device would have made it.

        The reference annotations are dropped: at another rate they would be off.

        Raises:
            RecordError: it lacks one of the leads.
        """
        if max(self.leads) >= len(recording.leads):
            raise RecordError(
                f"{recording.name}: degradation {self.name} needs {max(self.leads) + 1} leads, "
                f"it has {', '.join(recording.leads)}"
            )
        rows = list(self.leads)
        gain = np.array(recording.gain)[rows, None]
        baseline = np.array(recording.baseline)[rows, None]
        signal = Signal((recording.samples[rows] - baseline) / gain, recording.fs, gain.min())
        for step in self.steps:
            signal = step(signal)
        limit = 2.0 ** (signal.bits - 1)
        values = np.clip(np.rint(signal.mv * signal.gain), -limit, limit - 1)
        valid = np.ones(values.shape[1], np.bool_)
        samples, gains, baselines = zip(
            *(to_int16(row, valid, signal.gain, 0.0) for row in values), strict=True
        )
        return replace(
            recording,
            fs=signal.fs,
            leads=tuple(recording.leads[row] for row in rows),
            gain=gains,
            baseline=baselines,
            samples=np.stack(samples),
            beats=(),
            rhythms=(),
            invalid=(),
        )


def rate(hz: float) -> Step:
    """Sample at another rate, behind an anti-alias filter (polyphase, Kaiser window)."""

    def step(signal: Signal) -> Signal:
        ratio = Fraction(hz / signal.fs).limit_denominator(1000)
        mv = dsp.resample_poly(
            signal.mv, ratio.numerator, ratio.denominator, axis=-1, padtype="line"
        )
        return replace(signal, mv=mv, fs=hz)

    return step


def converter(gain: float, bits: int = 16) -> Step:
    """End in a converter of ``gain`` units per mV and ``bits`` bits, centred on 0 mV."""
    return lambda signal: replace(signal, gain=gain, bits=bits)


def band(low_hz: float, high_hz: float) -> Step:
    """Pass the band of a monitor: single-pole high-pass, fourth-order low-pass, both causal.

    IEC 60601-2-27 asks for 0.67 to 40 Hz, diagnostic devices have 0.05 to 150 Hz.
    """

    def step(signal: Signal) -> Signal:
        high = dsp.butter(1, low_hz, "highpass", fs=signal.fs, output="sos")
        rest = dsp.sosfilt_zi(high)[:, None, :] * signal.mv[None, :, :1]
        mv, _ = dsp.sosfilt(high, signal.mv, axis=-1, zi=rest)
        if high_hz < _BEYOND * signal.fs / 2:
            mv = dsp.sosfilt(dsp.butter(4, high_hz, fs=signal.fs, output="sos"), mv, axis=-1)
        return replace(signal, mv=mv)

    return step


def scaled(factor: float) -> Step:
    """Multiply the voltage; -1 is an inverted lead."""
    return lambda signal: replace(signal, mv=signal.mv * factor)


def hum(hz: float, mv: float) -> Step:
    """Add mains hum of this amplitude (half of peak to peak), a little off its frequency."""

    def step(signal: Signal) -> Signal:
        t = np.arange(signal.mv.shape[1]) / signal.fs
        return replace(signal, mv=signal.mv + mv * np.sin(2 * np.pi * hz * (1 + _MAINS_DRIFT) * t))

    return step


def wander(mv: float) -> Step:
    """Let the baseline drift by up to ``mv`` either way."""

    def step(signal: Signal) -> Signal:
        t = np.arange(signal.mv.shape[1]) / signal.fs
        waves = sum(np.sin(2 * np.pi * hz * t + hz * 10) for hz in _WANDER_HZ)
        return replace(signal, mv=signal.mv + mv / len(_WANDER_HZ) * waves)

    return step


def offset(mv: float) -> Step:
    """Add the voltage of polarised electrodes (IEC 60601-2-27: up to 300 mV)."""
    return lambda signal: replace(signal, mv=signal.mv + mv)


UNDEGRADED = Degradation("none")
_MONITOR = band(0.67, 40)
DEGRADATIONS: tuple[Degradation, ...] = (
    UNDEGRADED,
    *(Degradation(f"{hz}hz", (rate(hz),)) for hz in (50, 100, 125, 128, 200, 250, 257, 500, 1000)),
    *(Degradation(f"gain{gain}", (converter(gain),)) for gain in (100, 50, 25)),
    Degradation("8bit", (converter(25.6, 8),)),
    Degradation("monitor-band", (_MONITOR,)),
    Degradation("diagnostic-band", (band(0.05, 150),)),
    *(Degradation(f"x{factor:g}", (scaled(factor), converter(1000))) for factor in (0.15, 0.3, 2)),
    Degradation("inverted", (scaled(-1),)),
    Degradation("hum50", (hum(50, 0.1),)),
    Degradation("hum60", (hum(60, 0.1),)),
    Degradation("wander", (wander(1.5),)),
    Degradation("offset+300", (offset(300),)),
    Degradation("offset-300", (offset(-300),)),
    Degradation("second-lead", leads=(1,)),
    Degradation("both-leads", leads=(0, 1)),
    Degradation("swapped-leads", leads=(1, 0)),
    # Whole devices: several steps in a row.
    Degradation("holter", (band(0.05, 40), rate(128), converter(50, 10))),
    Degradation("telemetry", (_MONITOR, rate(125), converter(40, 8))),
    Degradation("telemetry-hum", (hum(50, 0.1), rate(125), converter(40, 8))),
    Degradation("old-holter", (scaled(0.5), band(0.5, 40), rate(100), converter(51.2, 8))),
)
"""All that ``ecg-monitor evaluate --degraded`` knows; the first is the yardstick."""


def chosen(text: str) -> tuple[Degradation, ...]:
    """Read a list of names, as in ``128hz,holter``, or ``all``; the yardstick always comes first.

    Raises:
        RecordError: there is no such degradation.
    """
    if text == "all":
        return DEGRADATIONS
    by_name = {degradation.name: degradation for degradation in DEGRADATIONS}
    unknown = [name for name in text.split(",") if name not in by_name]
    if unknown:
        raise RecordError(
            f"--degraded: no {unknown[0]!r}; choose from {', '.join(by_name)}, or all"
        )
    others = [by_name[name] for name in text.split(",") if name != UNDEGRADED.name]
    return UNDEGRADED, *others
