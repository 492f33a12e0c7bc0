# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Runs the detector over a signal and keeps what it saw and said of each candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.engine import kernel
from detector.engine.qrs import detect as qrs
from detector.engine.qrs.features import LAG, N_FEATURES
from detector.engine.resample import FS
from detector.engine.state import DEVICE, LANE
from ecg_monitor.core.compiled import njit

Floats = npt.NDArray[np.float64]
Network = tuple[Floats, Floats, Floats]
"""Weights as in `detector.engine.qrs.score`."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Candidates that the detector has judged.

    Attributes:
        at: expected R peaks of the candidates, samples at `FS`, int64, shape (n,).
        features: shape (n, n_leads, N_FEATURES).
        odds: joint log odds, shape (n,).
    """

    at: npt.NDArray[np.int64]
    features: Floats
    odds: Floats


@njit
def _drive(devices, lanes, signals, w1, b1, w2, jitter, at, features, odds):
    device = devices[0]
    z = np.zeros(lanes.shape[0])
    kernel.start_stretch(device, lanes, 0, signals[:, 0])
    count = 0
    scanned = 0
    for k in range(signals.shape[1]):
        for i in range(lanes.shape[0]):
            kernel.filter_sample(lanes[i], k, signals[i, k])
        if k + 1 < qrs.LEARN:
            continue
        if k + 1 == qrs.LEARN:
            for i in range(lanes.shape[0]):
                qrs.learn(lanes[i])
        while scanned <= k:
            if qrs.relearn_due(device, scanned):
                for i in range(lanes.shape[0]):
                    qrs.learn(lanes[i])
            peak = qrs.ready(device, lanes, scanned)
            scanned += 1
            if peak == qrs.NO_PEAK:
                continue
            odds[count] = qrs.judge(device, lanes, peak, features[count], z, w1, b1, w2)
            is_beat = odds[count] + jitter[count] > 0.0
            qrs.settle(device, lanes, peak, features[count], z, is_beat)
            if is_beat:
                device.stretch_beats += 1
            at[count] = peak - LAG
            count += 1
    return count


def room(n: int) -> int:
    """Most candidates that ``n`` samples can hold."""
    return n // qrs.RIVAL + 2


def record(signals: npt.NDArray[np.float32], network: Network, jitter: Floats | None) -> Candidates:
    """Run the detector with a given network.

    Args:
        signals: mV at `FS`, shape (n_leads, n).
        network: its weights.
        jitter: added to the log odds of each candidate before the decision, to lead the
            detector into states that follow from errors; shape (room(n),).
    """
    n_lanes, n = signals.shape
    device = np.zeros(1, DEVICE)
    device["fs"] = FS
    device["last_peak"] = qrs.NO_PEAK
    lanes = np.zeros(n_lanes, LANE)
    at = np.zeros(room(n), np.int64)
    features = np.zeros((room(n), n_lanes, N_FEATURES))
    odds = np.zeros(room(n))
    if jitter is None:
        jitter = np.zeros(room(n))
    count = _drive(device, lanes, signals, *network, jitter, at, features, odds)
    return Candidates(at[:count], features[:count], odds[:count])
