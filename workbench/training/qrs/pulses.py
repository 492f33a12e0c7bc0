"""Made-up ECG for what databases lack: 15 to 300 bpm, tall T and P waves, asystole with hum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.engine.resample import FS
from workbench.training.qrs.augment import Rng
from workbench.training.qrs.corpus import Signals, Source

SECONDS = 40
_SHORTEST_RR_S = 0.195


def _bump(t: npt.NDArray[np.float64], at: float, width: float) -> npt.NDArray[np.float64]:
    bump: npt.NDArray[np.float64] = np.exp(-0.5 * ((t - at) / width) ** 2)
    return bump


class _Heart:
    """Draws a heart's shape, then its beats."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.rr_s = 60 / np.exp(rng.uniform(np.log(15), np.log(300)))
        self.spread = rng.choice([0.01, 0.03, 0.15])
        self.mv = float(np.exp(rng.uniform(np.log(0.15), np.log(4)))) * rng.choice([-1, 1])
        self.width_s = rng.uniform(0.008, 0.035)
        self.q_wave, self.s_wave = rng.uniform(-0.4, 0), rng.uniform(-1, 0)
        self.t_wave, self.t_width_s = rng.uniform(-0.7, 1.4) * rng.random(), rng.uniform(0.03, 0.06)
        self.p_wave, self.p_width_s = (
            rng.uniform(-0.1, 0.6) * rng.random(),
            rng.uniform(0.012, 0.03),
        )
        self.pr_s = rng.uniform(0.1, 0.22)
        self.ectopic = rng.choice([0, 0, 0.15, 0.5])

    def rr(self) -> float:
        """Draw the next RR interval in s."""
        rr = self.rr_s * (1 + self.spread * self.rng.standard_normal())
        return max(_SHORTEST_RR_S, float(rr))

    def beat(self, t: npt.NDArray[np.float64], rr: float) -> npt.NDArray[np.float64]:
        """One beat in mV at times ``t`` after its R peak."""
        wide = rr > 0.4 and self.rng.random() < self.ectopic
        width = self.rng.uniform(0.03, 0.05) if wide else self.width_s
        mv = self.mv * self.rng.choice([1.3, -1.2]) if wide else self.mv
        wave = _bump(t, 0, width) + self.s_wave * _bump(t, 2.2 * width, width)
        t_wave = -self.rng.uniform(0.2, 0.5) if wide else self.t_wave
        t_width = min(self.t_width_s * (1.4 if wide else 1), 0.25 * rr)
        wave += t_wave * _bump(t, min(0.3, 0.55 * rr), t_width)
        if not wide:
            wave += self.q_wave * _bump(t, -2.2 * width, width)
            if rr > 0.35:
                wave += self.p_wave * _bump(t, -self.pr_s, self.p_width_s)
        return np.asarray(mv * wave)


def heart(name: str, noises: dict[str, Signals], rng: Rng) -> Source:
    """Draw 40 s of ECG, in half of the cases with noise, in a third with asystole at the end."""
    n = int(SECONDS * FS)
    t = np.arange(n) / FS
    mv = np.zeros(n)
    drawn = _Heart(rng)
    beats: list[int] = []
    at = rng.uniform(0.1, 1.0)
    while at < SECONDS - 0.1:
        rr = drawn.rr()
        near = slice(max(0, int((at - 0.5) * FS)), min(n, int((at + 0.7) * FS)))
        mv[near] += drawn.beat(t[near] - at, rr)
        beats.append(int(at * FS))
        at += rr
    if rng.random() < 0.5:
        noise = noises[rng.choice(["em", "ma", "bw"])]
        first = rng.integers(noise.shape[1] - n)
        part = noise[rng.integers(2), first : first + n]
        mv += abs(drawn.mv) * rng.uniform(0.1, 0.5) * part / noise.std()
    mv += rng.choice([0.003, 0.01, 0.03]) * abs(drawn.mv) * rng.standard_normal(n)
    if rng.random() < 0.3:
        stop = int(0.6 * n)
        beats = [beat for beat in beats if beat < stop - int(0.8 * FS)]
        last = beats[-1] + int(0.7 * FS) if beats else 0
        mv[last:stop] = mv[last]
        hum = rng.choice([0, 0, 0.02, 0.1]) * np.sin(2 * np.pi * rng.choice([50, 60]) * t[stop:])
        mv[stop:] = rng.choice([0.003, 0.01, 0.05]) * rng.standard_normal(n - stop) + hum
    return Source(name, mv[None].astype(np.float32), np.array(beats, np.int64))


def silence(name: str, noises: dict[str, Signals], rng: Rng) -> Source:
    """Draw 40 s of noise or hum without any beat, 0.02 to 1 mV."""
    n = int(SECONDS * FS)
    size = np.exp(rng.uniform(np.log(0.01), np.log(0.5)))
    kind = rng.integers(3)
    if kind == 0:
        mv = size * rng.standard_normal(n)
    elif kind == 1:
        t = np.arange(n) / FS
        mv = size * np.sin(2 * np.pi * rng.choice([50, 60]) * t) + 0.003 * rng.standard_normal(n)
    else:
        noise = noises["ma"]
        first = rng.integers(noise.shape[1] - n)
        part = noise[rng.integers(2), first : first + n]
        mv = size * part / part.std()
    return Source(name, mv[None].astype(np.float32), np.zeros(0, np.int64))
