"""Fits and scores `detector.rhythm.waveform.fibrillation`.

Run it as ``python -m workbench.fits.fibrillation``.

Trained on both leads of the MIT-BIH Malignant Ventricular Ectopy Database (vfdb) and of the MIT-BIH
records of DS1. Windows that touch an annotated change, or ventricular tachycardia, are left out of
the fit; every record counts the same. Scored on each vfdb record with weights that were fitted
without it: episodes over 5 s that were found within 10 s, and onsets elsewhere; then on all
of MIT-BIH with the final weights, of which DS2 was not seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform import fibrillation
from detector.rhythm.waveform.fibrillation import WINDOW_S, FloatArray
from detector.rhythm.waveform.quality import measure
from detector.rhythm.waveform.watch import Watch
from ecg_monitor.core.types import Alarm
from ecg_monitor.records import Recording, read_record
from ecg_monitor.ward.limits.model import default_limits
from models.scoring.databases import DS1, MITDB
from workbench.evaluate.rhythm import Span, reference_spans
from workbench.evaluate.waveform import seconds_of
from workbench.fits.logistic import fit

FIBRILLATION = frozenset({"(VF", "(VFL", "(VFIB"})
ARGUABLE = FIBRILLATION | {"(VT", "(HGEA", "(VER", "(IVR", "(ASYS"}
"""An alarm within these is not false: the patient's heart pumps badly or not at all."""
LEFT_OUT = frozenset({"(VT", "(HGEA", "(VER", "(IVR"})
LONG_S = 5.0
IN_TIME_S = 10.0
SLACK_S = 3.0
POSITIVE_WEIGHT = 6.0


@dataclass(frozen=True, slots=True)
class Row:
    """One lead of one record: measures of each window, shape (n, 5), and what is annotated."""

    database: str
    name: str
    measures: FloatArray
    truth: FloatArray
    used: FloatArray


def prepare(database: str, recording: Recording) -> list[Row]:
    """Measure every window of every lead; window i covers the seconds i .. i + 5."""
    wide = seconds_of(recording)[1].astype(np.float64)
    count = len(wide) - WINDOW_S + 1
    spans = reference_spans(recording, FIBRILLATION)
    doubtful = reference_spans(recording, LEFT_OUT)
    inside = np.array([_covered(i, i + WINDOW_S, spans) for i in range(count)])
    unclear = np.array([_covered(i, i + WINDOW_S, doubtful) for i in range(count)])
    truth = inside == WINDOW_S
    used = (truth | (inside == 0)) & (unclear == 0)
    rows = []
    for lead in range(wide.shape[1]):
        signal = wide[:, lead].reshape(-1)
        starts = range(0, count * fibrillation.RATE, fibrillation.RATE)
        windows = [fibrillation.measures(signal[i : i + fibrillation.WINDOW]) for i in starts]
        rows.append(Row(database, recording.name, np.array(windows), truth, used))
    return rows


def fit_rows(rows: Iterable[Row]) -> tuple[FloatArray, float]:
    """Fit the weights; fibrillation of a record counts `POSITIVE_WEIGHT`, the rest of it 1."""
    features, truths, weights = [], [], []
    for row in rows:
        for truth in (True, False):
            chosen = row.used & (row.truth == truth)
            count = int(chosen.sum())
            if count >= 10:
                share = (POSITIVE_WEIGHT if truth else 1.0) * min(1.0, count / 60) / count
                features.append(row.measures[chosen])
                truths.append(np.full(count, truth))
                weights.append(np.full(count, share))
    return fit(np.concatenate(features), np.concatenate(truths), np.concatenate(weights))


def alarms_of(recording: Recording) -> list[Span]:
    """Return from when to when, in s, ``vf`` was present with the weights now in the module."""
    limits = default_limits()
    rate = float(fibrillation.RATE)
    watch, out = Watch.of(limits.vf), Conditions(rate, limits.priorities)
    raw, wide = seconds_of(recording)
    for index in range(len(raw)):
        end = (index + 1) * fibrillation.RATE
        out.expire(end)
        watch.on_second(end, measure(raw[index]), wide[index], out)
    out.end_all(len(raw) * fibrillation.RATE)
    times = [e.decided_n / rate for e in out.take() if isinstance(e, Alarm)]
    return list(zip(times[::2], times[1::2], strict=True))


def score(recording: Recording) -> tuple[list[Span], list[Span], list[str]]:
    """Return the long episodes, those found in time, and the false alarms.

    An episode is found in time when the condition is present within 10 s of its onset.
    """
    present = alarms_of(recording)
    long = [s for s in reference_spans(recording, FIBRILLATION) if s[1] - s[0] > LONG_S]
    found = [s for s in long if _covered(s[0], s[0] + IN_TIME_S, present) > 0]
    arguable = reference_spans(recording, frozenset(ARGUABLE))
    false = [
        f"{t:g} s {recording.rhythm_at(round(t * recording.fs))}"
        for t, _ in present
        if not _covered(t - WINDOW_S - SLACK_S, t, arguable)
    ]
    return long, found, false


def _covered(start: float, end: float, spans: list[Span]) -> float:
    return sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans)


def _install(weights: FloatArray, intercept: float) -> None:
    fibrillation.WEIGHTS = tuple(round(float(value), 3) for value in weights)  # type: ignore[assignment]
    fibrillation.INTERCEPT = round(intercept, 3)


def main() -> None:
    """Fit, score, and print what belongs into the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vfdb", type=Path)
    parser.add_argument("mitdb", type=Path)
    args = parser.parse_args()
    vfdb = [read_record(path.with_suffix("")) for path in sorted(args.vfdb.glob("*.hea"))]
    mitdb = [read_record(args.mitdb / name) for name in MITDB]
    rows = [row for recording in vfdb for row in prepare("vfdb", recording)]
    rows += [
        row for recording in mitdb if recording.name in DS1 for row in prepare("mitdb", recording)
    ]
    print("vfdb, each record with weights fitted without it:")
    _print_scores(vfdb, rows)
    _install(*fit_rows(rows))
    print("MIT-BIH with the final weights, fitted on half of it:")
    _print_scores(mitdb)
    print("WEIGHTS =", fibrillation.WEIGHTS)
    print("INTERCEPT =", fibrillation.INTERCEPT)


def _print_scores(recordings: list[Recording], rows: list[Row] | None = None) -> None:
    """Score recordings; with rows, each with weights fitted on the rows of the others."""
    counts = np.zeros(3, np.int64)
    for recording in recordings:
        if rows is not None:
            _install(*fit_rows(row for row in rows if row.name != recording.name))
        long, found, false = score(recording)
        counts += (len(long), len(found), len(false))
        if long or false:
            print(f"  {recording.name}: {len(found)} of {len(long)} in time; false: {false}")
    hours = sum(recording.duration_s for recording in recordings) / 3600
    print(f"  {counts[1]} of {counts[0]} in time; {counts[2]} false in {hours:.1f} h")


if __name__ == "__main__":
    main()
