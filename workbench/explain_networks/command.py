"""Show what the trained networks look at, and test every map before it is believed.

DATA holds mitdb, ecg5000 and PTB-XL, each in a folder. Networks of beats are explained on the
records of DS1 that stopped their training, those of twelve leads on PTB-XL's fold
9; nothing that figures are reported on is looked at. Each map is held against those of networks
with weights drawn anew (Adebayo et al. 2018).

  python -m workbench.explain_networks.command data/ --figures docs/figures/explanations.json
  python -m workbench.explain_networks.command data/ --networks cnn-1d --pictures shown/
  python -m workbench.explain_networks.trees_command data/ --pictures shown/

The trees on expert features have a command of their own, the last.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.diagnosis.data.collection import Collection
from models.diagnosis.labels import SUPERCLASSES
from workbench.explain_networks import examples, maps, pictures, sanity, subject
from workbench.explain_networks.examples import ExplainedSignals
from workbench.explain_networks.subject import Subject
from workbench.results import figures

BEATS = ("cnn-bilstm-attention", "cnn-1d")
ANOMALY = "hybrid-autoencoder"
RECORDINGS = ("ptbxl-cnn", "ptbxl-lstm", "ptbxl-hybrid", "ecg-diagnosis")
CLASSES = tuple(label.name for label in SUPERCLASSES)
FS_BEATS, FS_RECORDINGS = 125.0, 100.0
EACH = 2
"""Recordings of each superclass that maps are tested on."""
SHOWN_LABEL = "LBBB"
"""Finding whose recording is drawn with twelve leads: one that a reader knows where to see."""


def main() -> int:
    """Explain what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = (*BEATS, ANOMALY, *RECORDINGS)
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    parser.add_argument(
        "--networks", metavar="NAME", nargs="+", choices=every, default=every, help="these alone"
    )
    parser.add_argument("--pictures", metavar="DIR", type=Path, help="write PNG files there")
    figures.add_argument(parser)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
    checks = _beats(args.folder, args.networks, args.pictures)
    if ANOMALY in args.networks:
        checks |= _anomalies(args.folder, args.pictures)
    if chosen := [name for name in RECORDINGS if name in args.networks]:
        checks |= _recordings(args.folder, chosen, args.pictures)
    values: dict[str, Any] = {"bound": sanity.BOUND, "checks": checks, "table": _table(checks)}
    if BEATS[0] in args.networks:
        network = subject.load(BEATS[0], "patients")
        shown = examples.beats(args.folder / "mitdb", network.labels, each=200)
        values["attention_behind"] = attention_behind(network, shown)
    if args.figures:
        places = [args.folder / name for name in ("mitdb", "ecg5000", "ptbxl", "ptbxl_volts")]
        figures.write(args.figures, values, places)
    return 0


def _beats(folder: Path, names: list[str], out: Path | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in (one for one in BEATS if one in names):
        network = subject.load(name, "patients")
        shown = examples.beats(folder / "mitdb", network.labels)
        found[name] = _check(network, shown)
    if out and found:
        columns = {
            f"{name}\n{way}": _map(network, way, shown)
            for name in found
            for network in [subject.load(name, "patients")]
            for way in found[name]
        }
        first = np.flatnonzero(np.diff(shown.targets, prepend=-1))
        few = {title: one[first] for title, one in columns.items()}
        places = [shown.names[row] for row in first]
        pictures.beats(out / "explain-beats.png", shown.signal[first], places, few, FS_BEATS)
    return found


def _anomalies(folder: Path, out: Path | None) -> dict[str, Any]:
    network = subject.load(ANOMALY)
    shown = examples.anomalies(folder / "ecg5000")
    if out:
        rows = [0, 1, examples.EACH * 2, examples.EACH * 2 + 1]
        left = _map(network, "residual", shown)[rows]
        told = [shown.names[row] for row in rows]
        path = out / "explain-autoencoder.png"
        columns = {"hybrid-autoencoder: residual, one scale for all four": left / left.max()}
        pictures.beats(path, shown.signal[rows], told, columns, FS_BEATS, full=1.0, width=7.0)
    return {ANOMALY: _check(network, shown)}


def _recordings(folder: Path, names: list[str], out: Path | None) -> dict[str, Any]:
    fold = examples.ptbxl(folder).of("validation")
    found = {}
    for name in names:
        network = subject.load(name)
        found[name] = _check(network, examples.recordings(fold, CLASSES, EACH))
        if out and name == RECORDINGS[-1]:
            _draw_recording(network, fold, out)
    return found


def attention_behind(network: Subject, shown: ExplainedSignals) -> dict[str, float]:
    """Return the share of attention that lies on the zeros behind a beat, by class, 0 to 1.

    Args:
        network: one with attention.
        shown: beats, which end where their last sample is that is not 0.
    """
    weights = maps.attention(network, shown.signal, shown.targets)[:, 0]
    weights = weights / weights.sum(axis=1, keepdims=True)
    samples = shown.signal.shape[2]
    ends = samples - np.argmax(shown.signal[:, 0, ::-1] != 0, axis=1)
    behind = np.array([row[end:].sum() for row, end in zip(weights, ends, strict=True)])
    return {
        label: float(behind[shown.targets == number].mean())
        for number, label in enumerate(network.labels)
        if (shown.targets == number).any()
    }


def _map(network: Subject, method: str, shown: ExplainedSignals) -> subject.Floats:
    return maps.METHODS[method](network, shown.signal, shown.targets)


def _check(network: Subject, shown: ExplainedSignals) -> dict[str, Any]:
    found = {}
    for method in maps.methods(network):
        one = sanity.check(network, method, shown.signal, shown.targets)
        found[method] = {
            "signed": one.signed,
            "size": one.size,
            "examples": one.examples,
            "passed": one.passed,
            "size_passed": one.size_passed,
        }
        print(f"{network.name}, {method}: {one.signed:+.2f}, size {one.size:+.2f}", flush=True)
    return found


def _table(checks: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [
            f"`{name}`",
            method,
            f"{one['signed']:+.2f}",
            f"{one['size']:+.2f}",
            ("yes" if one["size_passed"] else "its signs alone") if one["passed"] else "no",
        ]
        for name, ways in checks.items()
        for method, one in ways.items()
    ]
    columns = ["network", "map", "rank correlation", "without signs", "tells of the network"]
    return {"columns": columns, "rows": rows}


def _draw_recording(network: Subject, fold: Collection, out: Path) -> None:
    shown = examples.recordings(fold, (SHOWN_LABEL,), 8)
    column = network.labels.index(SHOWN_LABEL)
    targets = np.full(len(shown.signal), column, np.int64)
    row = [int(network.answers(shown.signal)[:, column].argmax())]
    weights = maps.integrated_gradients(network, shown.signal[row], targets[row])[0]
    title = (
        f"{shown.names[row[0]]}: what speaks for {SHOWN_LABEL} (red) and against it (blue), "
        f"{network.name}, integrated gradients"
    )
    path = out / "explain-twelve-leads.png"
    pictures.twelve_leads(path, shown.signal[row[0]], weights, title, FS_RECORDINGS)


if __name__ == "__main__":
    sys.exit(main())
