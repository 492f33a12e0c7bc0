"""Does a map tell of the network at all? Its weights are drawn anew, and the map has to change.

Adebayo J et al., Sanity checks for saliency maps, NeurIPS (2018): a map that looks the same for a
network that has learnt nothing shows the signal, not the network. Maps are compared sample by
sample by Spearman's rank correlation, as they are and without their signs, where the shape of the
signal shows through more easily.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.stats import spearmanr

from workbench.explain_networks.maps import METHODS, Targets
from workbench.explain_networks.subject import Floats, Subject

BOUND = 0.5
"""Median rank correlation between the maps of the trained and of a random network from which a map
counts as failed: half of its order, or more, would come from the signal."""
SEEDS = 3
"""Random networks that each map is held against."""


@dataclass(frozen=True, slots=True)
class SanityCheck:
    """How like the map of a trained network is to those of random ones.

    Attributes:
        method: of making the map.
        signed: median rank correlation of the maps as they are.
        size: the same without their signs.
        examples: signals that it is over, each with every random network.
    """

    method: str
    signed: float
    size: float
    examples: int

    @property
    def passed(self) -> bool:
        """Whether the map as it is depends on what was learnt, by `BOUND`."""
        return self.signed < BOUND

    @property
    def size_passed(self) -> bool:
        """Whether it does without its signs; if not, nothing may be read from its size alone."""
        return self.size < BOUND


def randomised(subject: Subject, seed: int) -> Subject:
    """Return the same network with all weights drawn anew as at the beginning of training.

    What an autoencoder's score knows of training beats stays: the residual does not look at it.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = copy.deepcopy(subject.network)
        for layer in network.modules():
            if (draw := getattr(layer, "reset_parameters", None)) is not None:
                draw()
    convolution = None
    if subject.convolution is not None:
        names = {id(one): name for name, one in subject.network.named_modules()}
        convolution = network.get_submodule(names[id(subject.convolution)])
    return replace(subject, network=network.eval(), convolution=convolution)


def likeness(one: Floats, other: Floats) -> Floats:
    """Return the rank correlation of two sets of maps, example by example, shape (n,).

    A map that is the same everywhere has no order: 0.
    """
    found = []
    for a, b in zip(one, other, strict=True):
        flat = np.ptp(a) == 0 or np.ptp(b) == 0
        found.append(0.0 if flat else float(spearmanr(a.ravel(), b.ravel()).statistic))
    return np.array(found, np.float32)


def check(
    subject: Subject, method: str, signal: Floats, targets: Targets, *, seeds: int = SEEDS
) -> SanityCheck:
    """Hold the map of a network against those of random ones.

    Args:
        subject: the trained network.
        method: a key of `METHODS`.
        signal: shape (n, leads, samples).
        targets: which label each map is about, shape (n,).
        seeds: number of random networks.
    """
    learnt = METHODS[method](subject, signal, targets)
    signed, size = [], []
    for seed in range(seeds):
        drawn = METHODS[method](randomised(subject, seed), signal, targets)
        signed.append(likeness(learnt, drawn))
        size.append(likeness(np.abs(learnt), np.abs(drawn)))
    return SanityCheck(method, float(np.median(signed)), float(np.median(size)), len(signal))
