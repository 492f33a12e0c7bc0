"""Scores a network of the zoo on the test part of its data."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import RenderableType
from rich.progress import Progress

from ecg_monitor.core.errors import SettingsError
from models.diagnosis.training.metrics import best_threshold
from models.zoo import registry
from models.zoo import weights as zoo_weights
from models.zoo.data.examples import DataOptions, Examples, SplitData, check, drop_rare
from models.zoo.label_scores import score_labels
from models.zoo.network import Network
from models.zoo.scores import score_classes
from models.zoo.weights import Weights, WeightsError
from workbench.evaluate.networks import pictures, table
from workbench.evaluate.networks.anomaly import score_anomalies

EC57_ONLY = {
    "records": None,
    "leads": None,
    "html": None,
    "annotations": None,
    "found": None,
    "reference_beats": False,
}
"""Options of `ecg-monitor evaluate` that are about the engine, with the value of each not given."""


def evaluate(
    args: argparse.Namespace, bar: Progress
) -> tuple[list[RenderableType], Mapping[str, Any]]:
    """Score the network that the command line names; return tables, and figures for JSON.

    Raises:
        EcgMonitorError: the options do not go together, data or weights are missing, or the
            weights have seen what they would be scored on.
    """
    network = registry.network(args.network)
    refuse_others(args, network)
    task = bar.add_task("reading", total=None)
    split = "" if args.split == "all" else args.split
    path = args.weights or zoo_weights.released(network, split)
    weights = zoo_weights.load(path, network)
    seed = int(weights.metadata.get("seed", "0"))
    fs = float(weights.metadata.get("fs", network.sees.fs))
    asked = DataOptions(split or weights.split, seed, None if fs == network.sees.fs else fs)
    data = read(network, args, asked, weights)
    samples = int(weights.metadata.get("samples", network.sees.samples))
    check(data.test, network.sees.leads, samples, "the test part")
    bar.update(task, description="asking the network")
    answers = weights.answers(data.test.inputs)
    figures = {
        "network": network.name,
        "claim": network.claim,
        "split": data.name,
        "weights": path.name,
        "sha256": weights.sha256,
        "trained_at": weights.metadata.get("commit", ""),
        "seed": seed,
        "examples": len(data.test),
        "notes": list(data.notes),
        **score(network, data, answers, weights),
    }
    if args.picture:
        draw(args.picture, figures, data, answers)
    return tables(figures), figures


def refuse_others(args: argparse.Namespace, network: Network) -> None:
    """Refuse options that are about the engine.

    Raises:
        SettingsError: one was given; or the network is not scored here.
    """
    given = [name for name, usual in EC57_ONLY.items() if getattr(args, name) != usual]
    if given:
        option = given[0].replace("_", "-")
        raise SettingsError(f"--{option}: is about the engine; --network scores a network alone")
    if args.split in ("ds1", "ds2"):
        raise SettingsError(
            f"--split: {args.split} is for the engine; with --network choose mixed, patients or "
            "standard"
        )
    if not network.trainable and network.task != "live":
        raise SettingsError(
            f"--network: {network.name} is scored by a command of its own, named in {network.card}"
        )
    if not network.trainable:
        raise SettingsError(
            f"--network: {network.name} runs in the live engine and is scored with it, without "
            "--network"
        )


def read(
    network: Network, args: argparse.Namespace, options: DataOptions, weights: Weights
) -> SplitData:
    """Read the data and see that the weights belong to them.

    Raises:
        WeightsError: they were trained on another split, or their labels are others.
    """
    builder = importlib.import_module(str(network.data))
    data: SplitData = builder.load(args.folder, network, options)
    if data.labels != weights.labels and set(weights.labels) < set(data.labels):
        kept = [data.labels.index(label) for label in weights.labels]
        counts = data.train.counts(data.labels)
        least = 1 + max(counts[label] for label in data.labels if label not in weights.labels)
        if all(counts[data.labels[number]] >= least for number in kept):
            data = drop_rare(data, least)
    if data.labels != weights.labels:
        raise WeightsError(
            "{path}: knows {known}, the data hold {there}",
            path=weights.path,
            known=" ".join(weights.labels),
            there=" ".join(data.labels),
        )
    if weights.split != data.name:
        raise WeightsError(
            "{path}: was trained on the split {trained}, so it has seen what {name} reports on; "
            "take weights of the split {name}",
            path=weights.path,
            trained=weights.split or "(none named)",
            name=data.name,
        )
    return data


def score(
    network: Network, data: SplitData, answers: npt.NDArray[np.float32], weights: Weights
) -> Mapping[str, Any]:
    """Return the figures of a network's answers to the test part.

    Labels that may hold together are told from the threshold on that has the largest F1 on the
    validation part, as the authors of such networks choose it.
    """
    test: Examples = data.test
    match network.recipe.loss:
        case "rebuild":
            return score_anomalies(answers[:, 0], test.targets[:, 0] > 0)
        case "labels":
            targets = test.targets.astype(np.float32)
            said = weights.answers(data.validation.inputs)
            thresholds = [
                best_threshold(*column)
                for column in zip(said.T, data.validation.targets.T, strict=True)
            ]
            return score_labels(targets, answers, test.groups, data.labels, thresholds)
    classes = test.targets.astype(np.int64)
    return score_classes(classes, answers.argmax(axis=1), test.groups, data.labels).as_map()


def draw(
    path: Path, figures: Mapping[str, Any], data: SplitData, answers: npt.NDArray[np.float32]
) -> None:
    """Write the picture of a network that tells classes.

    Raises:
        SettingsError: the network tells something else, or matplotlib is not installed.
    """
    if "classes" not in figures:
        raise SettingsError(f"--picture: {figures['network']} tells no classes of beats")
    if importlib.util.find_spec("matplotlib") is None:
        raise SettingsError("--picture: needs matplotlib; pip install 'ecg-monitor[train]'")
    pictures.draw(path, figures, data.test, answers)


def tables(figures: Mapping[str, Any]) -> list[RenderableType]:
    """Return the figures as tables for the screen."""
    if "classes" in figures:
        return [table.classes(figures), table.confusion(figures)]
    if "macro_auc" in figures:
        return [table.labels(figures)]
    return [table.overall(figures)]
