"""Holds the rule of intervals without order against held-out folds of DS1; takes ten minutes.

  python -m workbench.fits.prematurity mitdb/ --figures docs/figures/prematurity-folds.json

The beat classifier is trained as `ecg-monitor train beats` does, on record-grouped folds; what it
calls the beats of the patients that it has not seen is then called anew by
`detector.rhythm.rules.irregular.IrregularRules.called`, which knows the intervals before. DS2 is
not read. nstdb and cinc2017 are looked for beside the folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.progress import Progress

from detector.rhythm.rules.irregular import RR_S, WINDOW, IrregularRules
from ecg_monitor.ward.limits.model import default_limits
from models.beats.columns import FEATURES
from models.beats.dataset import CLASSES, SPLICED, BeatSet
from models.beats.training import loop, weighting
from models.beats.training.regimes import NAMES
from models.beats.training.scores import class_scores, confusion, weighted_confusion
from workbench.results import figures
from workbench.training.beats.command import training_data

Indices = npt.NDArray[np.int64]
RR, KNOWN = FEATURES.index("rr"), FEATURES.index("has_rr")
N, S, V = CLASSES.index("N"), CLASSES.index("S"), CLASSES.index("V")


def called_anew(beats: BeatSet, found: Indices) -> Indices:
    """Return the classes of beats as the rule calls them.

    Args:
        beats: tracks of beats one after the other, each in order of time.
        found: index of the class that the networks give each, shape (n,).
    """
    called = found.copy()
    rules, before = IrregularRules(default_limits().af), N
    for i, (rr_s, known) in enumerate(beats.features[:, (RR, KNOWN)].tolist()):
        if not known:  # the first of a track
            rules, before = IrregularRules(default_limits().af), N
        elif found[i] == S:
            called[i] = CLASSES.index(rules.called("S", rr_s))
        if known and RR_S[0] < rr_s < RR_S[1] and V not in (before, found[i]):
            rules.rr.append(rr_s)
            del rules.rr[:-WINDOW]
        before = found[i]
    return called


def scored(beats: BeatSet, found: Indices) -> dict[str, Any]:
    """Return the figures of S among held-out beats, JSON-ready.

    ``s`` by beats, ``s_macro`` with a record's S and V beats counted as at most 60, and
    ``s_without_201``, each with ``se``, ``ppv`` and ``f1``; ``records``, by record true ones found
    and false ones; and ``made_atrial_se``, of S in atrial ectopy made the rhythm.
    """
    real, weights = beats.real, weighting.judging(beats)
    others = real & (beats.records != "201")
    made = (beats.variants == SPLICED + NAMES.index("atrial")) & (beats.labels == S)
    return {
        "s": _scores(confusion(beats.labels[real], found[real])),
        "s_macro": _scores(weighted_confusion(beats.labels[real], found[real], weights[real])),
        "s_without_201": _scores(confusion(beats.labels[others], found[others])),
        "records": {
            str(record): _counts(beats, found, real & (beats.records == record))
            for record in np.unique(beats.records[real])
        },
        "made_atrial_se": float((found[made] == S).mean()) if made.any() else None,
    }


def table(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return both as a table for documents."""
    rows = [
        [name, *(f"{100 * part[key][one]:.1f}" for part in (before, after) for one in MERITS)]
        for name, key in (
            ("by beats", "s"),
            ("at most 60 of a record", "s_macro"),
            ("without record 201", "s_without_201"),
        )
    ]
    heads = ("Se %", "+P %", "F1 %")
    columns = ["S", *(f"{head} {when}" for when in ("before", "now") for head in heads)]
    return {"columns": columns, "rows": rows}


MERITS = ("se", "ppv", "f1")


def _scores(counts: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(MERITS, class_scores(counts, S), strict=True))


def _counts(beats: BeatSet, found: Indices, chosen: npt.NDArray[np.bool_]) -> dict[str, int]:
    true, said = beats.labels[chosen] == S, found[chosen] == S
    return {
        "true": int(true.sum()),
        "found": int((true & said).sum()),
        "false": int((~true & said).sum()),
    }


def main() -> int:
    """Train on folds, call anew, tell and write; returns the exit status."""
    import torch  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="MIT-BIH")
    parser.add_argument("--members", type=int, default=5, help="of the ensemble (default 5)")
    figures.add_argument(parser)
    args = parser.parse_args()
    torch.set_num_threads(1)
    asked = argparse.Namespace(
        folder=args.folder, records=None, annotator="atr", noise=None, others=None, seed=0
    )
    with Progress(disable=True) as bar:
        beats, _ = training_data(asked, bar)
    trained = loop.train(beats, loop.Settings(members=args.members), print)
    found = np.argmax(trained.fold_logs + np.log(trained.factors), axis=1)
    before = scored(trained.fold_beats, found)
    now = scored(trained.fold_beats, called_anew(trained.fold_beats, found))
    values = {"before": before, "now": now, "table": table(before, now)}
    print(values["table"])
    if args.figures:
        figures.write(args.figures, values, [args.folder])
    return 0


if __name__ == "__main__":
    sys.exit(main())
