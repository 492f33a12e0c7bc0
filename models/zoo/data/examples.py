"""Examples with their targets and patients, and how they are divided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import EcgMonitorError, SettingsError

Floats = npt.NDArray[np.float32]
SPLITS = ("mixed", "patients", "standard")
"""Names of splits: examples of one patient on both sides; patients apart; as distributed."""


class ExamplesError(EcgMonitorError):
    """Examples cannot be trained or scored on: wrong shape, no numbers, a class without any."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Inputs of a network and what it should say.

    Attributes:
        inputs: float32, shape (n, leads, samples).
        targets: index of the class, int64, shape (n,); or whether each label holds, float32,
            shape (n, labels).
        groups: patient or record of each example, shape (n,).
    """

    inputs: Floats
    targets: npt.NDArray[np.int64] | Floats
    groups: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Self:
        """Return the examples of some rows."""
        return replace(
            self, inputs=self.inputs[rows], targets=self.targets[rows], groups=self.groups[rows]
        )

    def counts(self, labels: tuple[str, ...]) -> dict[str, int]:
        """Return how many examples each label has."""
        if self.targets.ndim == 1:
            found = np.bincount(self.targets.astype(np.int64), minlength=len(labels))
        else:
            found = self.targets.sum(axis=0)
        return {label: int(count) for label, count in zip(labels, found, strict=True)}


@dataclass(frozen=True, slots=True)
class DataOptions:
    """What the command line may say about data.

    Attributes:
        split: ``mixed``, ``patients`` or ``standard``; empty: what the builder holds usual.
        seed: of whatever is drawn.
        fs: sampling rate in hertz; None: the network's.
        leads: names of the leads; empty: the network's.
        min_samples_per_class: labels with fewer training examples are dropped, and named.
    """

    split: str = ""
    seed: int = 0
    fs: float | None = None
    leads: tuple[str, ...] = ()
    min_samples_per_class: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SplitData:
    """Examples divided for training, choosing and reporting.

    Attributes:
        name: of the split.
        labels: names of the targets, in order.
        train: what the network learns from.
        validation: what decides when to stop; of the training side.
        test: what is reported.
        digest: SHA-256 over the names and sizes of the files read, first 16 hexadecimal digits.
        notes: what was left out, and why, for people.
        about: what goes into the weights' metadata besides.
        judged_by: which figure of the validation part decides the epoch that is kept: ``loss``,
            or ``f1``, the mean of the classes, where a few patients on whom a network is sure and
            wrong would decide the loss.
    """

    name: str
    labels: tuple[str, ...]
    train: Examples
    validation: Examples
    test: Examples
    digest: str
    notes: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    judged_by: Literal["loss", "f1"] = "loss"


def refuse_signal_options(options: DataOptions, why: str) -> None:
    """Refuse the choice of leads and of the sampling rate.

    Args:
        options: what was asked for.
        why: why there is nothing to choose, to be read after the option.

    Raises:
        SettingsError: one was given.
    """
    for name, value in (("--leads", options.leads), ("--fs", options.fs)):
        if value:
            raise SettingsError(f"{name}: {why}")


def check(examples: Examples, leads: int, samples: int, where: str) -> None:
    """See that examples can be used by a network.

    Raises:
        ExamplesError: the shape is another, or a value is no number; names the first such row.
    """
    if not len(examples):
        raise ExamplesError("{where}: there is not one example", where=where)
    if examples.inputs.shape[1:] != (leads, samples):
        raise ExamplesError(
            "{where}: an example has {found[0]} leads of {found[1]} samples, the network sees "
            "{leads} of {samples}",
            where=where,
            found=examples.inputs.shape[1:],
            leads=leads,
            samples=samples,
        )
    bad = np.flatnonzero(~np.isfinite(examples.inputs).all(axis=(1, 2)))
    if len(bad):
        raise ExamplesError(
            "{where}: {count} examples hold values that are no numbers, the first is example "
            "{first}; drop them or fill the gaps",
            where=where,
            count=len(bad),
            first=int(bad[0]) + 1,
        )


def check_classes(examples: Examples, labels: tuple[str, ...], where: str) -> None:
    """See that each label has an example to learn from.

    Raises:
        ExamplesError: one has none; names it.
    """
    empty = [label for label, count in examples.counts(labels).items() if not count]
    if empty:
        raise ExamplesError(
            "{where}: no example of {empty}; add recordings that have them, or drop the class with "
            "--min-samples-per-class 1",
            where=where,
            empty=", ".join(empty),
        )


def drop_rare(data: SplitData, least: int) -> SplitData:
    """Return the data without the labels that have too few training examples.

    Examples of a dropped class go too; of several labels only that one is taken off.

    Args:
        data: what was built.
        least: fewest training examples of a label that stays.
    """
    counts = data.train.counts(data.labels)
    kept = [number for number, count in enumerate(counts.values()) if count >= least]
    if len(kept) == len(data.labels):
        return data
    dropped = [f"{label} ({count})" for label, count in counts.items() if count < least]
    if not kept:
        raise ExamplesError("no class has {least} training examples", least=least)
    note = f"dropped, with fewer than {least} training examples: {', '.join(dropped)}"
    return replace(
        data,
        labels=tuple(data.labels[number] for number in kept),
        train=_only(data.train, kept),
        validation=_only(data.validation, kept),
        test=_only(data.test, kept),
        notes=(*data.notes, note),
    )


def _only(examples: Examples, kept: list[int]) -> Examples:
    if examples.targets.ndim == 2:
        return replace(examples, targets=examples.targets[:, kept])
    rows = np.isin(examples.targets, kept)
    few = examples[rows]
    places = np.searchsorted(kept, few.targets)
    return replace(few, targets=places.astype(np.int64))
