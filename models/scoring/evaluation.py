"""From recordings with reference and test beats to one report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from models.scoring.beats import Beats
from models.scoring.counts import Confusion, Score
from models.scoring.matching import MATCH_WINDOW_S, match
from models.scoring.short_windows import ShortWindows

LEARNING_S = 300.0
"""EC57's learning period: the first five minutes are not scored in the window ``ec57``."""

WINDOWS = ("ec57", "full")
KINDS = ("qrs", "veb", "sveb")
RATES = ("se", "ppv", "f1", "fp_per_hour")
COUNTS = ("tp", "fn", "fp")
PACED_SHARE = 0.5
"""A record with more paced beats (Q) than this is a paced one, whose classes EC57 does not score.
In MIT-BIH these are 102, 104, 107 and 217 (82 % and more); no other has 1 %."""

Report = dict[str, Any]
"""JSON-ready outcome of `evaluate`, which describes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One recording to score.

    Attributes:
        name: record name, ``"100"``.
        reference: what is true.
        test: what the detector found, at the record's sampling rate.
        fs: sampling rate in Hz.
        duration_s: length of the recording in s.
    """

    name: str
    reference: Beats
    test: Beats
    fs: float
    duration_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """What one recording, in one window, adds to the report."""

    confusion: Confusion
    late_ms: npt.NDArray[np.float64]
    classes: bool
    short: ShortWindows


def evaluate(
    cases: Iterable[Case],
    *,
    learning_s: float = LEARNING_S,
    window_s: float = MATCH_WINDOW_S,
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """Score recordings as EC57 asks.

    The report is::

        {"ec57": {                     after the learning period
            "gross": {                 all beats of all records pooled
              "qrs": {"se", "ppv", "f1", "tp", "fn", "fp", "fp_per_hour"},
              "veb": {...}, "sveb": {...}},
            "average": {               mean of the records, each counting the same
              "qrs": {"se", "ppv", "f1", "fp_per_hour", "records": {"se": how many, ...}}, ...},
            "confusion": {reference label: {test label: count}},
            "timing": {"matched", "median_abs_ms", "p95_abs_ms", "bias_ms"},
            "ten_seconds": `ShortWindows.as_map` of all windows of all records},
         "full": {...},                the same from the first sample
         "records": {"100": {"duration_s", "classes_scored",
                             "ec57": {"qrs", "veb", "sveb", "confusion", "timing"}, "full"}},
         "settings": {...}}

    Rates are fractions, None where nothing defines them. Paced records (`PACED_SHARE`) have part in
    ``qrs`` and ``timing`` only: their ``veb`` and ``sveb`` are None throughout, and their confusion
    is shown with the record but not pooled. ``bias_ms`` is the median by which a test
    beat is late.

    Args:
        cases: the recordings; taken one by one, so that a generator may analyse as it goes.
        learning_s: what the window ``ec57`` leaves out at the start, in s.
        window_s: match window in s.
        settings: more to state in the report's ``settings``, such as how the beats were found.

    Raises:
        RecordError: a record comes twice, has no length, or cannot be compared (see `match`).
    """
    outcomes: dict[str, list[_Outcome]] = {window: [] for window in WINDOWS}
    records: dict[str, Any] = {}
    for case in cases:
        if case.name in records:
            raise RecordError(f"{case.name}: given twice; score each record once")
        if not (math.isfinite(case.duration_s) and case.duration_s > 0):
            raise RecordError(f"{case.name}: duration_s: {case.duration_s} is not above 0")
        classes = not _paced(case.reference)
        entry: dict[str, Any] = {"duration_s": case.duration_s, "classes_scored": classes}
        pairs = match(case.reference, case.test, case.fs, window_s)
        for window, start_s in zip(WINDOWS, (learning_s, 0.0), strict=True):
            confusion = pairs.count(start_s, case.duration_s)
            short = ShortWindows.of(pairs, start_s)
            outcome = _Outcome(confusion, pairs.late_ms(start_s), classes, short)
            outcomes[window].append(outcome)
            entry[window] = _record(outcome)
        records[case.name] = entry
    report: Report = {
        window: _summary(outcomes[window], [entry[window] for entry in records.values()])
        for window in WINDOWS
    }
    report["records"] = records
    report["settings"] = {
        "match_window_s": window_s,
        "learning_s": learning_s,
        "classes_not_scored": sorted(n for n, one in records.items() if not one["classes_scored"]),
        **(settings or {}),
    }
    return report


def _paced(reference: Beats) -> bool:
    beats = len(reference.labels)
    return bool(beats and np.count_nonzero(reference.labels == "Q") > PACED_SHARE * beats)


def _record(outcome: _Outcome) -> dict[str, Any]:
    confusion = outcome.confusion
    return {
        "qrs": _score(confusion.qrs),
        "veb": _score(confusion.veb if outcome.classes else None),
        "sveb": _score(confusion.sveb if outcome.classes else None),
        "confusion": confusion.to_map(),
        "timing": _timing(outcome.late_ms),
    }


def _summary(outcomes: Sequence[_Outcome], records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    everything = Confusion.total(outcome.confusion for outcome in outcomes)
    classed = Confusion.total(outcome.confusion for outcome in outcomes if outcome.classes)
    late_ms = [np.zeros(0), *(outcome.late_ms for outcome in outcomes)]
    return {
        "gross": {
            "qrs": _score(everything.qrs),
            "veb": _score(classed.veb),
            "sveb": _score(classed.sveb),
        },
        "average": {kind: _average([record[kind] for record in records]) for kind in KINDS},
        "confusion": classed.to_map(),
        "timing": _timing(np.concatenate(late_ms)),
        "ten_seconds": sum((one.short for one in outcomes), ShortWindows()).as_map(),
    }


def _score(score: Score | None) -> dict[str, Any]:
    return {name: None if score is None else getattr(score, name) for name in (*RATES, *COUNTS)}


def _average(scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    defined = {rate: [score[rate] for score in scores if score[rate] is not None] for rate in RATES}
    return {
        **{rate: fmean(values) if values else None for rate, values in defined.items()},
        "records": {rate: len(values) for rate, values in defined.items()},
    }


def _timing(late_ms: npt.NDArray[np.float64]) -> dict[str, Any]:
    if late_ms.size == 0:
        return {"matched": 0, "median_abs_ms": None, "p95_abs_ms": None, "bias_ms": None}
    off_ms = np.abs(late_ms)
    return {
        "matched": int(late_ms.size),
        "median_abs_ms": float(np.median(off_ms)),
        "p95_abs_ms": float(np.percentile(off_ms, 95)),
        "bias_ms": float(np.median(late_ms)),
    }
