"""The networks as a table, one network in full, and either as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.table import Table

from models.zoo.network import ROOT, TASKS, Network

WIDTH = 140
"""Columns of a table when it is written to a file."""
FIGURES = ROOT / "docs" / "figures"
"""Where results are kept; absent where the package is installed without its documents."""
HEADLINES = ("accuracy", "weighted_f1", "f1", "auc", "macro_auc")
"""Figures that a table shows, those that a result has of them."""


def table(networks: Iterable[Network]) -> Table:
    """Return the networks as a table, one a row."""
    shown = Table()
    shown.add_column("name", no_wrap=True)
    for column in ("task", "what it is", "sees", "weights", "figures", "licence of weights"):
        shown.add_column(column)
    for network in networks:
        sees = network.sees
        shape = f"{sees.leads} x {sees.samples}" if sees.samples else "a stream"
        size = ", ".join(f"{path.stat().st_size / 1e3:.0f} kB" for path in network.files())
        shown.add_row(
            network.name,
            network.task,
            network.title,
            f"{shape} at {sees.fs:g} Hz",
            size or "none",
            "\n".join(f"{split}: {text}" for split, text in headlines(network).items()) or "-",
            network.licence if network.files() else "-",
        )
    return shown


def one(network: Network) -> Table:
    """Return all that is known of a network, one fact a row."""
    shown = Table(show_header=False, title=network.name)
    for name, value in _facts(network):
        shown.add_row(name, value)
    return shown


def _facts(network: Network) -> Iterable[tuple[str, str]]:
    sees = network.sees
    shape = f"{sees.leads} leads, {sees.samples} samples, " if sees.samples else ""
    yield "what it is", network.title
    yield "answers", TASKS[network.task]
    yield "sees", f"{shape}{sees.fs:g} Hz: {sees.what}"
    yield "labels", ", ".join(network.labels)
    yield "design", network.citation
    yield "claim", network.claim or "none"
    yield "card", network.card or "none"
    for file in _files(network):
        yield (
            f"weights ({file['split']})",
            f"{file['file']}, {file['bytes']} bytes, {file['sha256']}",
        )
    yield "licence of weights", network.licence or "none are shipped"
    for split, text in headlines(network).items():
        yield f"figures ({split})", text
    if network.trainable:
        yield "train it", f"ecg-monitor train {network.name} DB_DIR"
        yield "score it", f"ecg-monitor evaluate DB_DIR --network {network.name}"
    elif network.command:
        yield "train it", network.command


def as_map(network: Network) -> dict[str, Any]:
    """Return all that is known of a network, JSON-ready."""
    return {**asdict(network), "files": _files(network), "results": headlines(network)}


def _files(network: Network) -> list[dict[str, Any]]:
    found = []
    for split, name in network.weights.items():
        path = ROOT / name
        if path.is_file():
            body = path.read_bytes()
            sha256 = hashlib.sha256(body).hexdigest()
            found.append({"split": split, "file": name, "bytes": len(body), "sha256": sha256})
    return found


def headlines(network: Network) -> dict[str, str]:
    """Return the main figures of a network by split, as kept in `docs/figures/`."""
    found = {}
    for name in network.figures:
        path = FIGURES / f"{name}.json"
        if path.is_file():
            values = json.loads(path.read_text(encoding="utf-8"))["values"]
            parts = [f"{key} {values[key]:.4f}" for key in HEADLINES if key in values]
            found[values.get("split", name)] = ", ".join(parts)
    return found
