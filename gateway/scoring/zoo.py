"""Asks the networks of the registry that see one beat alone."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from gateway.scoring.score import BeatScore
from models.zoo.network import Network
from models.zoo.registry import networks
from models.zoo.weights import Weights, load

BEST_OF_LENGTH = {
    187: ("cnn-bilstm-attention", "cnn-1d"),
    140: ("hybrid-autoencoder",),
}
"""Networks that answer for a length unless one is named; the first whose weights are there."""
NORMAL, ABNORMAL = "N", "abnormal"
_LOW_PEAK = 0.5
"""A beat within 0 .. 1 whose highest sample lies below this was not scaled so: it is in mV."""
LEAST_ABNORMAL = 0.5
"""Probability of not being normal from which a beat counts as anomalous, where classes are told."""

Beat = npt.NDArray[np.float64]


def offered() -> tuple[Network, ...]:
    """Return the networks that see one beat alone and whose weights are there."""
    return tuple(
        row
        for row in networks()
        if row.task in ("beat", "beat-anomaly") and row.sees.leads == 1 and row.files()
    )


def best_for(samples: int) -> Network | None:
    """Return the network that answers for a length unless one is named; None if there is none."""
    known = {row.name: row for row in offered()}
    return next((known[n] for n in BEST_OF_LENGTH.get(samples, ()) if n in known), None)


def ask(network: Network, beat: Beat) -> BeatScore:
    """Return what a network says of a beat, without a reconstruction.

    Args:
        network: one of `offered` that sees as many samples as the beat has.
        beat: in any unit, shape (samples,), not flat.

    Raises:
        WeightsError: its weights are damaged.
    """
    if network.task == "beat-anomaly":
        return _anomaly(network, beat)
    answers = _asked(network, _unit_range(beat))
    labels = _weights(network.name).labels
    probabilities = {
        label: round(float(share), 4) for label, share in zip(labels, answers, strict=True)
    }
    label = max(probabilities, key=lambda one: probabilities[one])
    return BeatScore(
        model=network.name,
        score=round(1.0 - probabilities.get(NORMAL, 0.0), 4),
        threshold=LEAST_ABNORMAL,
        label=label,
        probabilities=probabilities,
        reconstruction=(),
    )


def ask_all(network: Network, beats: Beat) -> tuple[tuple[str, ...], Beat]:
    """Return what a network says of many beats, without reconstructions.

    Args:
        network: one of `offered` that sees as many samples as the beats have.
        beats: in any unit, none of them flat, shape (n, samples).

    Returns:
        names of the classes, and the probability of each by beat, shape (n, classes); of a network
        that tells no classes no names, and the anomaly in thresholds, shape (n, 1).

    Raises:
        WeightsError: its weights are damaged.
    """
    if network.task == "beat-anomaly":
        spread = beats.std(axis=1, keepdims=True)
        inputs = (beats - beats.mean(axis=1, keepdims=True)) / spread
        answers = _weights(network.name).answers(inputs.astype(np.float32)[:, None])
        return (), answers[:, :1].astype(np.float64)
    inputs = np.stack([_unit_range(beat) for beat in beats])
    weights = _weights(network.name)
    return weights.labels, weights.answers(inputs.astype(np.float32)[:, None]).astype(np.float64)


def _anomaly(network: Network, beat: Beat) -> BeatScore:
    # ECG5000 has each beat at zero mean and unit spread; the answer is in thresholds.
    score = float(_asked(network, (beat - beat.mean()) / beat.std())[0])
    return BeatScore(
        model=network.name,
        score=round(score, 4),
        threshold=1.0,
        label=ABNORMAL if score >= 1.0 else "normal",
        probabilities={},
        reconstruction=(),
    )


def _asked(network: Network, beat: Beat) -> Beat:
    answers = _weights(network.name).answers(beat.astype(np.float32)[None, None])[0]
    found: Beat = answers.astype(np.float64)
    if not all(map(math.isfinite, found.tolist())):
        raise ArithmeticError(f"{network.name} answers with what is no number")
    return found


@cache
def _weights(name: str) -> Weights:
    row = next(row for row in offered() if row.name == name)
    return load(row.files()[0], row)


def _unit_range(beat: Beat) -> Beat:
    """Return a beat scaled to 0 .. 1, as the collections have it; one that is, as it is."""
    low, high = float(beat.min()), float(beat.max())
    if low >= 0.0 and high <= 1.0 and high > _LOW_PEAK:
        return beat
    scaled: Beat = (beat - low) / (high - low)
    return scaled
