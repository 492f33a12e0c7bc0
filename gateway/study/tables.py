"""Scores the beats of a table that has one a row, as public ECG projects hold them.

===========  ==================================================================================
columns      table
===========  ==================================================================================
187 or 188   beats at 125 Hz scaled to 0 .. 1, after Kachuee 2018; the last column may be the
             class, 0 .. 4 for N S V F Q, or in the tables of PTB 0 normal, 1 abnormal
140 or 141   ECG5000 (UCR), or as other projects redistribute it: the first or the last column
             may be the class, 1 for normal
===========  ==================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.jobs.beat_tables import LENGTHS, cells_of
from gateway.scoring import zoo
from models.zoo.network import Network

MOST_ROWS = 200_000
SHOWN_ROWS = 2000
"""Rows that the page lists; all of them are in the analysis that is taken away."""
NOT_SCORED = "-"
_AT_ONCE = 512
_AAMI = dict(enumerate("NSVFQ"))
_NORMAL, _ABNORMAL = "normal", "abnormal"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoredTable:
    """What was found in a table.

    Attributes:
        page: what the dashboard shows.
        rows: everything, row by row.
    """

    page: dict[str, Any]
    rows: dict[str, Any]


def scored(path: Path, name: str, progress: Callable[[float], None]) -> ScoredTable:
    """Score all rows.

    Args:
        path: the table.
        name: as it was sent; tables of PTB are known by it.
        progress: told the share that is done.

    Raises:
        RecordError: a row is malformed, or there are too many; names it.
    """
    table = _read(path)
    beats, classes = _divided(table)
    truth = None if classes is None else _named(classes, beats.shape[1], name)
    network = zoo.best_for(beats.shape[1])
    if network is None:
        raise RecordError(f"no network for beats of {beats.shape[1]} samples is installed")
    usable = np.ptp(beats, axis=1) > 1e-9 * np.maximum(1.0, np.abs(beats).max(axis=1))
    labels = np.full(len(beats), NOT_SCORED, dtype="<U8")
    scores = np.full(len(beats), np.nan)
    for at in range(0, len(beats), _AT_ONCE):
        chosen = at + np.flatnonzero(usable[at : at + _AT_ONCE])
        if len(chosen):
            labels[chosen], scores[chosen] = _asked(network, beats[chosen])
        progress(min(1.0, (at + _AT_ONCE) / len(beats)))
    rows = [
        {
            "row": i + 1,
            "label": str(label),
            "score": None if np.isnan(score) else round(float(score), 4),
            "reference": None if truth is None else truth[i],
        }
        for i, (label, score) in enumerate(zip(labels, scores, strict=True))
    ]
    unusual = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:12]
    page = {
        "kind": "beats",
        "record": Path(name).stem,
        "samples": beats.shape[1],
        "beats": len(beats),
        "model": network.name,
        "threshold": 1.0 if network.task == "beat-anomaly" else zoo.LEAST_ABNORMAL,
        "counts": dict(Counter(str(label) for label in labels)),
        "rows": rows[:SHOWN_ROWS],
        "confusion": None if truth is None else _confusion(truth, labels.tolist()),
        "unusual": [
            {**rows[i], "window": [round(float(v), 4) for v in beats[i]]} for i in unusual.tolist()
        ],
        "notes": _notes(usable),
        "files": [],
    }
    return ScoredTable(page, {"record": Path(name).stem, "model": network.name, "beats": rows})


def _read(path: Path) -> Floats:
    rows: list[Floats] = []
    width = 0
    try:
        with path.open(encoding="ascii") as text:
            for number, line in enumerate(text, 1):
                cells = cells_of(line)
                if not cells:
                    continue
                width = width or len(cells)
                if len(cells) != width:
                    raise RecordError(
                        f"row {number} has {len(cells)} columns, the first has {width}"
                    )
                if len(rows) == MOST_ROWS:
                    raise RecordError(f"the table has more than {MOST_ROWS} rows; divide it")
                rows.append(_parsed(cells, number))
    except UnicodeDecodeError as error:
        raise RecordError("the table holds letters that are no numbers") from error
    return np.stack(rows)


def _parsed(cells: list[str], number: int) -> Floats:
    try:
        row = np.array(cells, np.float64)
    except ValueError as error:
        raise RecordError(f"row {number} holds a cell that is no number") from error
    if not np.isfinite(row).all() or np.abs(row).max() > 1e6:
        raise RecordError(f"row {number} holds a value that no beat has")
    return row


def _divided(table: Floats) -> tuple[Floats, npt.NDArray[np.int64] | None]:
    """Return the beats, and the class of each if the table has a column of classes."""
    if table.shape[1] in LENGTHS:
        return table, None
    first, last = table[:, 0], table[:, -1]
    if (first % 1 == 0).all() and (first >= 1).all() and not (last % 1 == 0).all():
        return table[:, 1:], first.astype(np.int64)
    if not (last % 1 == 0).all():
        raise RecordError(
            f"the table has {table.shape[1]} columns, and neither the first nor the last holds "
            "whole numbers as classes do"
        )
    return table[:, :-1], last.astype(np.int64)


def _named(classes: npt.NDArray[np.int64], samples: int, name: str) -> list[str]:
    if samples == 140:
        return [_NORMAL if one == 1 else _ABNORMAL for one in classes.tolist()]
    if "ptb" in name.lower():
        return [_ABNORMAL if one else _NORMAL for one in classes.tolist()]
    return [_AAMI.get(one, str(one)) for one in classes.tolist()]


def _asked(network: Network, beats: Floats) -> tuple[list[str], Floats]:
    names, answers = zoo.ask_all(network, beats)
    if not names:
        found = answers[:, 0]
        return [_ABNORMAL if one >= 1.0 else _NORMAL for one in found.tolist()], found
    labels = [names[i] for i in answers.argmax(axis=1).tolist()]
    return labels, 1.0 - answers[:, names.index(zoo.NORMAL)]


def _confusion(truth: list[str], found: list[str]) -> dict[str, dict[str, int]]:
    pairs = Counter(zip(truth, found, strict=True))
    columns = _in_order(found)
    return {row: {column: pairs[row, column] for column in columns} for row in _in_order(truth)}


def _in_order(names: list[str]) -> list[str]:
    order = [*"NSVFQ", _NORMAL, _ABNORMAL]
    return sorted(set(names), key=lambda one: (order.index(one) if one in order else 99, one))


def _notes(usable: npt.NDArray[np.bool_]) -> list[str]:
    flat = int((~usable).sum())
    return [f"{flat} rows are flat and were not scored"] if flat else []
