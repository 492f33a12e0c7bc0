"""Trains the QRS detector's network.

The corpus is MIT-BIH's training half (DS1; both leads alone and together, as they are and
altered), LUDB (each lead), fibrillation and asystole of VFDB, where nothing is a beat, and made-up
pulses. What the detector sees depends on what it decided before, so the network is trained in
rounds, each on the candidates that came up while the last one ran (Ross, Gordon and Bagnell, "A
reduction of imitation learning", AISTATS 2011). In some runs, its decisions are biased for a while,
so that it learns to find its way back from errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.engine.qrs.features import AHEAD, LIKE_AHEAD, N_FEATURES
from detector.engine.resample import FS
from models.scoring.databases import split
from workbench.training.qrs import augment, corpus, pulses
from workbench.training.qrs.corpus import Source
from workbench.training.qrs.recorder import Candidates, Floats, Network, record, room

HIDDEN = 12
ROUNDS = 3
EPOCHS = 6
BATCH = 4096
RATE = 1e-2
WEIGHT_DECAY = 3e-3
MISS_WEIGHT = 1.5
"""Weight of a missed beat against an invented one: candidates that are none abound."""
FOLDS = 6
HEARTS = 200
SILENCES = 60
WINDOW = int(0.15 * FS)
FIRST_GUESS = {0: 1.2, 2: 0.3, AHEAD: -0.6, 4: -0.4, 13: 0.5, LIKE_AHEAD: -0.3, 17: 0.3}
"""Weights of a sensible rule to begin with: tall, taller than what lies around, of known shape."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRun:
    """A source, how much it counts, and how strongly decisions are biased (0: not at all)."""

    source: Source
    weight: float
    bias: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """Examples: features (n, N_FEATURES), whether a beat, weight, fold, log odds given."""

    features: npt.NDArray[np.float32]
    is_beat: npt.NDArray[np.bool_]
    weight: Floats
    fold: npt.NDArray[np.int64]
    odds: Floats


class Corpus:
    """The databases, read once; altered anew in each round."""

    def __init__(self, data: Path) -> None:
        self.records = [corpus.arrhythmia(data / "mitdb", name) for name in split("ds1")]
        self.noises = corpus.noises(data / "nstdb")
        # LUDB's leads are much alike: every third will do.
        self.others = corpus.delineated(data / "ludb")[::3]
        self.empty = corpus.without_beats(data / "vfdb")

    def runs(self, rng: augment.Rng) -> Iterator[TrainingRun]:
        """Draw a round's runs."""
        for both in self.records:
            first = replace(both, signals=both.signals[:1])
            second = replace(both, signals=both.signals[1:])
            yield TrainingRun(first, 1.0)
            yield TrainingRun(second, 0.2)
            yield TrainingRun(both, 0.3)
            yield TrainingRun(both, 0.2, 1.0)
            yield TrainingRun(first, 0.3, 1.0)
            yield TrainingRun(first, 0.3, 1.5)
            yield TrainingRun(augment.noisy(first, self.noises["em"], 8, rng), 0.15)
            yield TrainingRun(augment.noisy(first, self.noises["ma"], 9, rng), 0.15)
            yield TrainingRun(augment.rescaled(first, rng), 0.2, 1.0)
            yield TrainingRun(augment.tilted(first, rng), 0.3, 1.0)
            yield TrainingRun(augment.tilted(second, rng), 0.1, 1.0)
            yield TrainingRun(augment.faster(first, float(rng.choice([0.75, 1.3, 1.7]))), 0.1)
            yield TrainingRun(augment.disturbed(first, rng), 0.15)
        for source in self.others:
            yield TrainingRun(source, 0.5)
        for i in range(HEARTS):
            yield TrainingRun(pulses.heart(f"heart-{i}", self.noises, rng), 0.3, float(i % 2))
        for i in range(SILENCES):
            yield TrainingRun(pulses.silence(f"silence-{i}", self.noises, rng), 0.3)
        for source in self.empty:
            yield TrainingRun(source, 0.3)


def truth(source: Source, seen: Candidates) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which candidates are beats, and which are to be learnt from.

    Of several candidates within 150 ms of a beat the highest is the beat; the others teach nothing.
    """
    is_beat = np.zeros(len(seen.at), np.bool_)
    known = np.ones(len(seen.at), np.bool_)
    height = seen.features[:, :, 0].mean(axis=1)
    if len(source.beats):
        after = np.searchsorted(source.beats, seen.at).clip(1, max(1, len(source.beats) - 1))
        before = source.beats[after - 1]
        behind = source.beats[np.minimum(after, len(source.beats) - 1)]
        nearest = np.where(np.abs(seen.at - before) <= np.abs(seen.at - behind), before, behind)
        distance = np.abs(seen.at - nearest)
        merit = height - 0.02 * distance
        for beat in np.unique(nearest[distance < WINDOW]):
            rivals = np.flatnonzero((nearest == beat) & (distance < WINDOW))
            known[rivals] = False
            best = rivals[np.argmax(merit[rivals])]
            known[best] = is_beat[best] = True
    for first, last in source.ignored:
        known &= (seen.at < first) | (seen.at > last)
    return is_beat, known


def wandering(n: int, size: float, rng: augment.Rng) -> Floats:
    """Bias of decisions: for 10 to 60 candidates towards "yes", "no" or neither."""
    bias = np.zeros(n)
    at = 0
    while at < n:
        length = int(rng.integers(10, 60))
        bias[at : at + length] = rng.choice([0.0, 0.0, 0.0, 3.0, -2.0]) * size
        at += length
    return bias + rng.normal(0, 0.5, n)


def fold_of(group: str, records: list[str]) -> int:
    """Fold of a record or patient."""
    number = records.index(group) if group in records else sum(map(ord, group))
    return number % FOLDS


def collect(runs: Iterator[TrainingRun], networks: list[Network], rng: augment.Rng) -> TrainingRows:
    """Run the detector over all sources; one network, or one per fold."""
    records = list(split("ds1"))
    parts: list[tuple[Floats, npt.NDArray[np.bool_], float, int, Floats]] = []
    for run in runs:
        fold = fold_of(run.source.group, records)
        network = networks[fold] if len(networks) > 1 else networks[0]
        size = room(run.source.signals.shape[1])
        jitter = wandering(size, run.bias, rng) if run.bias else None
        seen = record(np.ascontiguousarray(run.source.signals), network, jitter)
        is_beat, known = truth(run.source, seen)
        n_leads = seen.features.shape[1]
        for lead in range(n_leads):
            x = seen.features[:, lead]
            used = known & x.any(axis=1)  # a lead that is too small to speak has none
            parts.append((x[used], is_beat[used], run.weight / n_leads, fold, seen.odds[used]))
    sizes = [len(part[1]) for part in parts]
    return TrainingRows(
        np.concatenate([part[0] for part in parts]).astype(np.float32),
        np.concatenate([part[1] for part in parts]),
        np.repeat([part[2] for part in parts], sizes),
        np.repeat([part[3] for part in parts], sizes),
        np.concatenate([part[4] for part in parts]),
    )


def join(rounds: list[TrainingRows], without_fold: int | None = None) -> TrainingRows:
    """Put rounds together, all folds or all but one."""
    kept = [rows.fold != without_fold for rows in rounds]
    pairs = list(zip(rounds, kept, strict=True))
    return TrainingRows(
        np.concatenate([rows.features[keep] for rows, keep in pairs]),
        np.concatenate([rows.is_beat[keep] for rows, keep in pairs]),
        np.concatenate([rows.weight[keep] for rows, keep in pairs]),
        np.concatenate([rows.fold[keep] for rows, keep in pairs]),
        np.concatenate([rows.odds[keep] for rows, keep in pairs]),
    )


def fit(rows: TrainingRows, seed: int) -> Network:
    """Train one network by weighted cross entropy."""
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    mean = rows.features.mean(axis=0, dtype=np.float64)
    scale = rows.features.std(axis=0, dtype=np.float64) + 1e-3
    x = torch.tensor((rows.features - mean) / scale, dtype=torch.float32)
    y = torch.tensor(rows.is_beat, dtype=torch.float32)
    weight = torch.tensor(rows.weight, dtype=torch.float32) * (1 + (MISS_WEIGHT - 1) * y)
    network = nn.Sequential(nn.Linear(N_FEATURES, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(x)), BATCH):
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(x[batch])[:, 0], y[batch], weight=weight[batch]
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    w1, b1, w2, b2 = (p.detach().numpy().astype(np.float64) for p in network.parameters())
    w1 /= scale
    return w1, b1 - w1 @ mean, np.append(w2[0], b2)


def first_guess() -> Network:
    """Return the network of the first round."""
    w1 = np.zeros((1, N_FEATURES))
    for feature, weight in FIRST_GUESS.items():
        w1[0, feature] = weight
    return w1, np.array([0.85]), np.array([4.0, 0.0])


def write(network: Network, path: Path) -> None:
    """Write a network as a module."""

    def numbers(values: Floats) -> str:
        lines = [f"    {value:.4g}," for value in values]
        return "(\n" + "\n".join(lines) + "\n)"

    w1, b1, w2 = network
    rows = "\n".join(f"    {numbers(row)},".replace("\n    ", "\n        ") for row in w1)
    rows = rows.replace("\n)", "\n    )")
    path.write_text(
        '"""Weights of the QRS network, written by `ecg-monitor train qrs`."""\n\n'
        f"W1 = (\n{rows}\n)\nB1 = {numbers(b1)}\nW2 = {numbers(w2)}\n"
    )


def errors(rows: TrainingRows) -> str:
    """Return how often the detector was wrong on candidates of unaltered first leads, as text."""
    plain = rows.weight == 1.0
    missed = plain & rows.is_beat & (rows.odds <= 0)
    invented = plain & ~rows.is_beat & (rows.odds > 0)
    return f"{missed.sum()} beats missed, {invented.sum()} invented"


def train(
    data: Path, seed: int, progress: Callable[[str], None], *, check: bool = False
) -> Network:
    """Train on the databases in ``data``, round after round.

    Args:
        data: folder that holds the folders mitdb, nstdb, ludb and vfdb.
        seed: of everything random.
        progress: called after each round with how often the detector was wrong on DS1.
        check: divide DS1 in `FOLDS`; the last line is then about records that were held out.

    Returns:
        The network of the last round; with ``check``, that of the first fold.
    """
    signals = Corpus(data)
    networks: list[Network] = [first_guess()]
    rounds: list[TrainingRows] = []
    for number in range(ROUNDS):
        rng = np.random.default_rng(seed + number)
        rounds = [*rounds[-1:], collect(signals.runs(rng), networks, rng)]
        progress(f"round {number + 1}: DS1 with the last weights: {errors(rounds[-1])}")
        if check and number == ROUNDS - 1:
            networks = [fit(join(rounds, fold), seed + fold) for fold in range(FOLDS)]
        else:
            networks = [fit(join(rounds), seed + number)]
    rng = np.random.default_rng(seed + ROUNDS)
    plain = (run for run in signals.runs(rng) if run.weight == 1.0)
    progress(f"DS1: {errors(collect(plain, networks, rng))}")
    return networks[0]
