"""How much each lead counts for each label: what is lost without it, and what it tells alone.

Lost without it (occlusion: Zeiler MD, Fergus R, ECCV 2014): by how much the log odds of recordings
that have the label fall when the lead is taken away. Limb leads follow from each other, so none of
them is missed much; what a lead tells alone shows what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.diagnosis.data.collection import Collection
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.inputs import FS, SAMPLES
from models.diagnosis.leads import LIMB, STANDARD, FloatArray
from models.diagnosis.training.metrics import auc, draws
from workbench.evaluate.twelve_leads.compare import table

LEAST_POSITIVES = 5
"""A label with fewer recordings is not told of."""
SURE = 1e-4
"""Probabilities nearer to 0 or 1 count as so far from it, so that log odds stay finite."""
PIECE_S = 1.0
"""Length of what is taken away at once when a recording is looked at over time, s."""
TIMES = 1000
"""How often recordings are drawn anew for an interval."""
CLAIMS: Mapping[str, tuple[str, ...]] = {
    "AF": ("II", "V1"),
    "LBBB": STANDARD[LIMB:],
    "RBBB": STANDARD[LIMB:],
}
"""Leads that a public project on CPSC2018 names as decisive, by label."""


def log_odds(chances: FloatArray) -> FloatArray:
    """Return the log odds of probabilities, any shape."""
    kept = np.clip(chances, SURE, 1 - SURE)
    return np.asarray(np.log(kept / (1 - kept)), np.float64)


def asked(network: DiagnosisNetwork, data: Collection, kept: Sequence[str]) -> FloatArray:
    """Return the probabilities of recordings of which some leads alone are shown, (n, labels)."""
    shown = np.array([lead in kept for lead in STANDARD], np.float32)
    mask = data.mask * shown
    return network.answers(data.ecg * mask[:, :, None], mask, data.about)


def told_of(network: DiagnosisNetwork, data: Collection) -> dict[str, tuple[int, Any, Any]]:
    """Return of each label its output, where it is known, and where it holds, bool, shape (n,)."""
    found = {}
    for column, label in enumerate(network.manifest.labels):
        at = data.names.index(label)
        known = data.known[:, at] > 0.5
        holds = (data.labels[:, at] > 0.5) & known
        if holds.sum() >= LEAST_POSITIVES and (known & ~holds).any():
            found[label] = (column, known, holds)
    return found


def importance(network: DiagnosisNetwork, data: Collection) -> dict[str, Any]:
    """Return what is lost without each lead, by label, and the order of leads over all labels.

    Args:
        network: what is asked.
        data: recordings of a validation part.

    Returns:
        ``lost``: mean fall of the log odds by label and lead; ``ranking``: leads by their mean
        over labels; ``positives`` by label; ``table``.
    """
    labels = told_of(network, data)
    whole = log_odds(asked(network, data, STANDARD))
    lost: dict[str, dict[str, float]] = {label: {} for label in labels}
    for lead in STANDARD:
        without = log_odds(asked(network, data, [one for one in STANDARD if one != lead]))
        for label, (column, _, holds) in labels.items():
            lost[label][lead] = float((whole - without)[holds, column].mean())
    mean = {lead: float(np.mean([lost[label][lead] for label in labels])) for lead in STANDARD}
    ranking = sorted(STANDARD, key=lambda lead: -mean[lead])
    rows = [[label, *(f"{lost[label][lead]:+.2f}" for lead in STANDARD)] for label in labels]
    rows.append(["mean", *(f"{mean[lead]:+.2f}" for lead in STANDARD)])
    return {
        "lost": lost,
        "mean": mean,
        "ranking": ranking,
        "told": ", ".join(ranking),
        "positives": {label: int(holds.sum()) for label, (_, _, holds) in labels.items()},
        "table": table(["label", *STANDARD], rows),
    }


def alone(network: DiagnosisNetwork, data: Collection) -> dict[str, Any]:
    """Return the AUC of each label with one lead alone, by label and lead."""
    labels = told_of(network, data)
    found: dict[str, dict[str, float]] = {label: {} for label in labels}
    for lead in STANDARD:
        chances = asked(network, data, [lead])
        for label, (column, known, holds) in labels.items():
            found[label][lead] = auc(chances[known, column], holds[known].astype(float))
    rows = [[label, *(f"{found[label][lead]:.2f}" for lead in STANDARD)] for label in labels]
    return {"auc": found, "table": table(["label", *STANDARD], rows)}


def claims(network: DiagnosisNetwork, data: Collection) -> dict[str, Any]:
    """Hold the leads that others name as decisive against the other leads.

    Returns:
        By label: ``auc`` with all leads, ``named``: with those named alone, ``others``: with the
        others alone, ``ahead``: named less others, with ``low`` and ``high`` of its 95 % interval
        over draws of recordings; ``lost_named`` and ``lost_others``: mean fall of the log odds
        without a lead of each group; ``table``.
    """
    labels = told_of(network, data)
    found: dict[str, Any] = {}
    rows = []
    for label, named in CLAIMS.items():
        if label not in labels:
            continue
        column, known, holds = labels[label]
        few = data.where(known)
        true = holds[known].astype(float)
        others = [lead for lead in STANDARD if lead not in named]
        every, ours, rest = (
            asked(network, few, kept)[:, column] for kept in (STANDARD, named, others)
        )
        spread = [auc(ours[d], true[d]) - auc(rest[d], true[d]) for d in draws(len(few), TIMES, 1)]
        low, high = (float(one) for one in np.nanpercentile(spread, [2.5, 97.5]))
        one: dict[str, Any] = {
            "leads": ", ".join(named),
            "auc": auc(every, true),
            "named": auc(ours, true),
            "others": auc(rest, true),
            "ahead": auc(ours, true) - auc(rest, true),
            "low": low,
            "high": high,
            "positives": int(true.sum()),
        }
        found[label] = one
        rows.append(
            [
                label,
                one["leads"],
                f"{one['auc']:.3f}",
                f"{one['named']:.3f}",
                f"{one['others']:.3f}",
                f"{one['ahead']:+.3f} ({low:+.3f} .. {high:+.3f})",
                str(one["positives"]),
            ]
        )
    columns = ["label", "leads named", "all", "those alone", "the others", "ahead (95 %)", "n"]
    return {**found, "table": table(columns, rows)}


def over_time(
    network: DiagnosisNetwork, data: Collection, row: int, label: str
) -> npt.NDArray[np.float64]:
    """Return by how much the log odds of a label fall without each second of each lead.

    Args:
        network: what is asked.
        data: recordings.
        row: which of them.
        label: of the network.

    Returns:
        shape (12, seconds).
    """
    column = network.manifest.labels.index(label)
    one = data.where(np.array([row]))
    step = round(PIECE_S * FS)
    starts = range(0, SAMPLES, step)
    pieces = np.repeat(one.ecg, len(STANDARD) * len(starts), axis=0)
    for number, (lead, start) in enumerate((a, b) for a in range(len(STANDARD)) for b in starts):
        pieces[number, lead, start : start + step] = 0
    count = len(pieces)
    mask, about = (np.repeat(part, count, axis=0) for part in (one.mask, one.about))
    without = log_odds(network.answers(pieces, mask, about)[:, column])
    whole = float(log_odds(network.answers(one.ecg, one.mask, one.about)[0, column]))
    return np.asarray((whole - without).reshape(len(STANDARD), len(starts)), np.float64)
