"""What may befall a recording: noise, changing gain, other filters, other rates, artefacts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import signal

from detector.engine.resample import FS
from workbench.training.qrs.corpus import Signals, Source

Rng = np.random.Generator


def noisy(source: Source, noise: Signals, snr_db: float, rng: Rng) -> Source:
    """Add noise every other minute, at a ratio reckoned as in Moody's noise stress test (1984).

    The signal's power is an eighth of the square of the median QRS height; the noise's is its
    variance over the whole recording.
    """
    out = source.signals.copy()
    n = out.shape[1]
    half = int(0.05 * FS)
    for lead in out:
        near = [np.ptp(lead[at - half : at + half]) for at in source.beats if half < at < n - half]
        power = float(np.median(near[:300])) ** 2 / 8
        chosen = np.roll(noise[rng.integers(len(noise))], rng.integers(noise.shape[1]))[:n]
        gain = np.sqrt(power / chosen.var() / 10 ** (snr_db / 10))
        on = (np.arange(n) / FS + rng.uniform(0, 120)) % 120 < 60
        lead[: len(chosen)] += np.float32(gain) * chosen * on[: len(chosen)]
    return replace(source, signals=out)


def rescaled(source: Source, rng: Rng) -> Source:
    """Change the amplitude every 20 to 90 s, to a third up to threefold."""
    out = source.signals.copy()
    at, gain = 0, 1.0
    while at < out.shape[1]:
        end = at + int(rng.uniform(20, 90) * FS)
        out[:, at:end] *= np.float32(gain)
        at, gain = end, float(np.exp(rng.uniform(np.log(0.3), np.log(3))))
    return replace(source, signals=out)


def tilted(source: Source, rng: Rng) -> Source:
    """Raise what is slow against what is fast (P and T waves against QRS), or lower it."""
    low = signal.sosfiltfilt(
        signal.butter(1, rng.uniform(6, 14), fs=FS, output="sos"), source.signals, axis=-1
    )
    waves = signal.sosfiltfilt(signal.butter(1, 0.5, "highpass", fs=FS, output="sos"), low, axis=-1)
    added = rng.uniform(0.5, 2.5) * waves if rng.random() < 0.7 else -0.5 * low
    return replace(source, signals=(source.signals + added).astype(np.float32))


def faster(source: Source, factor: float) -> Source:
    """Play at another speed."""
    n = int(source.signals.shape[1] / factor)
    t = np.arange(n) * factor
    grid = np.arange(source.signals.shape[1])
    out = np.stack([np.interp(t, grid, lead) for lead in source.signals]).astype(np.float32)
    ignored = tuple((int(a / factor), int(b / factor)) for a, b in source.ignored)
    return replace(
        source, signals=out, beats=(source.beats / factor).astype(np.int64), ignored=ignored
    )


def disturbed(source: Source, rng: Rng) -> Source:
    """Every 8 to 40 s, let the baseline jump and recover, or add a spike or a hump."""
    out = source.signals.copy()
    n = out.shape[1]
    at = int(rng.uniform(5, 30) * FS)
    while at < n - 5 * FS:
        height = np.float32(rng.uniform(-3, 3))
        kind = rng.integers(3)
        if kind == 0:
            decay = np.exp(-np.arange(n - at) / FS / rng.uniform(0.3, 2))
            out[:, at:] += height * decay.astype(np.float32)
        elif kind == 1:
            out[:, at : at + rng.integers(2, 6)] += height
        else:
            width = rng.integers(10, 60)
            out[:, at : at + width] += (0.7 * height * np.hanning(width)).astype(np.float32)
        at += int(rng.uniform(8, 40) * FS)
    return replace(source, signals=out)
