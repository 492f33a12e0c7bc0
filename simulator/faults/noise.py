"""Calibrated noise on a clean signal, as PhysioNet's ``nst`` adds it for noise stress tests.

The signal-to-noise ratio in dB is ``10 log10(S / (a² N))`` where (Moody, Muldrow and Mark, A noise
stress test for arrhythmia detectors, Computers in Cardiology 11:381-384, 1984; WFDB Applications
Guide, nst(1)):

- ``S = A² / 8``: ``A`` is the mean peak-to-peak amplitude of the first 300 normal QRS complexes
  within 50 ms of their R peaks, without the largest and smallest 5 %. A sinusoid of that
  peak-to-peak amplitude has this power.
- ``N = R²``: ``R`` is the mean of the RMS values, about their own means, of the first 300 windows
  of 1 s of the noise, again without the largest and smallest 5 %.
- ``a`` is the factor by which the noise is added, one per lead.

The classical protocol leaves the first 5 min clean, then turns the noise on and off every 2 min.

The noise is a recording, such as ``bw``, ``em`` or ``ma`` of the Noise Stress Test Database
(whose headers give gain 0, which means 200 units per mV), or `synthetic_noise`. It is repeated
when it is too short, and given to the leads in turn when they are more than its channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import ScenarioError
from ecg_monitor.core.types import Int16Array

FloatArray = npt.NDArray[np.float64]
NumberArray = npt.NDArray[np.floating[Any]] | npt.NDArray[np.integer[Any]]
NoiseKind = Literal["bw", "em", "ma"]

_QRS_HALF_S = 0.05
_MAX_SAMPLES = 300
_TRIM = 0.05
_BANDS_HZ: dict[str, tuple[float, float]] = {
    "bw": (0.03, 0.7),
    "em": (0.3, 9.0),
    "ma": (8.0, 120.0),
}


@dataclass(frozen=True, slots=True)
class NoiseProtocol:
    """Times at which noise is on.

    Attributes:
        clean_s: clean stretch at the beginning, s.
        period_s: length of the noisy and the clean stretches that then alternate, s; infinite:
            noise without end.
    """

    clean_s: float = 300.0
    period_s: float = 120.0

    def is_noisy(self, n0: int, n: int, fs: float) -> npt.NDArray[np.bool_]:
        """Return for samples ``n0`` .. ``n0 + n`` whether noise is on, shape (n,)."""
        since = np.arange(n0, n0 + n) / fs - self.clean_s
        noisy: npt.NDArray[np.bool_] = (since >= 0) & (np.floor(since / self.period_s) % 2 == 0)
        return noisy


class NoiseMixer:
    """Adds noise to a stream, the same however it is cut.

    Args:
        noise: noise in mV, shape (n_channels, n_samples).
        factors: factor ``a`` for each lead, see `noise_factors`.
        fs: sampling rate of signal and noise, Hz.
        protocol: when noise is on. None: always.

    Raises:
        ScenarioError: the noise is not a two-dimensional array with samples.
    """

    def __init__(
        self,
        noise: NumberArray,
        factors: Sequence[float] | FloatArray,
        fs: float,
        protocol: NoiseProtocol | None = None,
    ) -> None:
        self._noise = _checked(noise)
        self._factors = np.asarray(factors, dtype=np.float64)[:, None]
        self._rows = np.arange(len(self._factors)) % len(self._noise)
        self._fs = fs
        self._protocol = protocol or NoiseProtocol(0.0, float("inf"))

    def noise_at(self, n0: int, n: int) -> FloatArray:
        """Return the noise (mV) for samples ``n0`` .. ``n0 + n``, shape (n_leads, n)."""
        index = np.arange(n0, n0 + n) % self._noise.shape[1]
        on = self._protocol.is_noisy(n0, n, self._fs)
        noise: FloatArray = self._factors * self._noise[self._rows[:, None], index] * on
        return noise

    def add(
        self, samples: Int16Array, n0: int, gain: float | Sequence[float] = 200.0
    ) -> Int16Array:
        """Return ADC samples with noise; what leaves the range of int16 is cut off.

        Args:
            samples: ADC values, shape (n_leads, n).
            n0: index of the first of them.
            gain: ADC units per mV, one for all leads or one each.
        """
        units = np.broadcast_to(np.asarray(gain, dtype=np.float64), len(samples))[:, None]
        mixed = np.rint(samples + units * self.noise_at(n0, samples.shape[1]))
        return np.clip(mixed, -32768, 32767).astype(np.int16)


def add_noise(
    signal: NumberArray,
    noise: NumberArray,
    snr_db: float,
    *,
    beats: Sequence[int] | npt.NDArray[np.integer[Any]],
    fs: float,
    protocol: NoiseProtocol | None = None,
) -> FloatArray:
    """Return a whole signal with noise at the given signal-to-noise ratio.

    Args:
        signal: clean signal in mV, shape (n_leads, n_samples).
        noise: noise in mV, shape (n_channels, n_noise), at the same rate.
        snr_db: signal-to-noise ratio in dB, see the module's text.
        beats: sample indices of the R peaks of normal beats, which measure the signal.
        fs: sampling rate, Hz.
        protocol: when noise is on. None: always.

    Returns:
        Signal in mV, shape (n_leads, n_samples).

    Raises:
        ScenarioError: there is no beat to measure, or the noise is empty or zero.
    """
    factors = noise_factors(qrs_amplitude(signal, beats, fs), noise_rms(noise, fs), snr_db)
    mixer = NoiseMixer(noise, factors, fs, protocol)
    mixed: FloatArray = signal + mixer.noise_at(0, signal.shape[1])
    return mixed


def qrs_amplitude(
    signal: NumberArray, beats: Sequence[int] | npt.NDArray[np.integer[Any]], fs: float
) -> FloatArray:
    """Return each lead's mean peak-to-peak QRS amplitude, in the signal's unit, as ``nst`` does.

    Args:
        signal: shape (n_leads, n_samples).
        beats: sample indices of R peaks.
        fs: sampling rate, Hz.

    Raises:
        ScenarioError: no QRS complex lies whole within the signal.
    """
    half = max(1, round(_QRS_HALF_S * fs))
    peaks = np.asarray(beats, dtype=np.int64)
    peaks = peaks[(peaks >= half) & (peaks < signal.shape[1] - half)][:_MAX_SAMPLES]
    if not len(peaks):
        raise ScenarioError("beats: none lies within the signal, so its size cannot be measured")
    windows = signal[:, peaks[:, None] + np.arange(-half, half + 1)]
    return _trimmed_mean(windows.max(axis=2) - windows.min(axis=2))


def noise_rms(noise: NumberArray, fs: float) -> FloatArray:
    """Return each channel's mean RMS over windows of 1 s, in the noise's unit, as ``nst`` does.

    Raises:
        ScenarioError: the noise is shorter than 1 s.
    """
    noise = _checked(noise)
    window = round(fs)
    count = min(_MAX_SAMPLES, noise.shape[1] // window)
    if not count:
        raise ScenarioError(f"noise: must last at least 1 s, got {noise.shape[1] / fs:g} s")
    windows = noise[:, : count * window].reshape(len(noise), count, window)
    return _trimmed_mean(windows.std(axis=2))


def noise_factors(amplitude: FloatArray, rms: FloatArray, snr_db: float) -> FloatArray:
    """Return the factor ``a`` for each lead.

    Args:
        amplitude: peak-to-peak QRS amplitude of each lead, mV, shape (n_leads,).
        rms: RMS of each noise channel, mV, shape (n_channels,).
        snr_db: signal-to-noise ratio in dB.

    Raises:
        ScenarioError: a noise channel is zero, or the ratio is not a finite number.
    """
    if not np.isfinite(snr_db):
        raise ScenarioError(f"snr_db: must be a finite number, got {snr_db}")
    if not np.all(rms > 0):
        raise ScenarioError("noise: a channel is constant and cannot be scaled")
    paired = rms[np.arange(len(amplitude)) % len(rms)]
    factors: FloatArray = np.sqrt(amplitude**2 / 8 / 10 ** (snr_db / 10)) / paired
    return factors


def synthetic_noise(
    kind: NoiseKind, duration_s: float, fs: float, *, channels: int = 2, seed: int = 0
) -> FloatArray:
    """Return noise like that of the Noise Stress Test Database, for when its records are absent.

    Shaped in the frequency domain, so that it can be repeated without a seam: ``bw`` baseline
    wander, ``em`` electrode motion (in bursts, with the band of the QRS complex), ``ma`` muscle
    artefact (in bursts). The channels share part of the noise, as neighbouring leads do.

    Args:
        kind: which noise.
        duration_s: length, s; at least 10.
        fs: sampling rate, Hz.
        channels: number of channels.
        seed: the same seed gives the same noise.

    Returns:
        Noise of unit RMS, shape (channels, round(duration_s * fs)).

    Raises:
        ScenarioError: kind or duration is wrong.
    """
    if kind not in _BANDS_HZ:
        raise ScenarioError(f"noise: must be one of {', '.join(_BANDS_HZ)}, got {kind!r}")
    if not duration_s >= 10:
        raise ScenarioError(f"duration_s: must be at least 10, got {duration_s:g}")
    rng = np.random.default_rng([seed, *kind.encode()])
    n = round(duration_s * fs)
    raw = _band(rng, n, fs, _BANDS_HZ[kind], channels + 1)
    noise = raw[:-1] + 0.7 * raw[-1]
    if kind != "bw":
        bursts = _band(rng, n, fs, (1 / duration_s, 0.25), 1)[0]
        noise *= np.exp(0.8 * bursts)
    noise -= noise.mean(axis=1, keepdims=True)
    unit: FloatArray = noise / noise.std(axis=1, keepdims=True)
    return unit


def _checked(noise: NumberArray) -> FloatArray:
    array = np.asarray(noise, dtype=np.float64)
    if array.ndim != 2 or not array.size:
        raise ScenarioError(
            f"noise: must be an array of shape (channels, samples), got shape {array.shape}"
        )
    return array


def _trimmed_mean(values: FloatArray) -> FloatArray:
    """Return the mean along the last axis without the largest and smallest 5 %."""
    ordered = np.sort(values, axis=-1)
    cut = int(_TRIM * ordered.shape[-1])
    mean: FloatArray = ordered[..., cut : ordered.shape[-1] - cut].mean(axis=-1)
    return mean


def _band(
    rng: np.random.Generator, n: int, fs: float, band: tuple[float, float], rows: int
) -> FloatArray:
    """Return Gaussian noise of unit RMS, falling as 1/f within its band, periodic in n samples."""
    hz = np.fft.rfftfreq(n, 1 / fs)
    low, high = band
    shape = np.where((hz >= low) & (hz <= min(high, 0.45 * fs)), 1 / np.maximum(hz, low), 0.0)
    phase = rng.normal(size=(rows, len(hz))) + 1j * rng.normal(size=(rows, len(hz)))
    noise = np.fft.irfft(shape * phase, n, axis=1)
    unit: FloatArray = noise / noise.std(axis=1, keepdims=True)
    return unit
