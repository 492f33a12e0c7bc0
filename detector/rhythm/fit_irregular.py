"""Fits the weights of `detector.rhythm.irregular`: ``python -m detector.rhythm.fit_irregular``.

Trained on reference beats of the MIT-BIH records of DS1 (atrial flutter left out: neither the
rhythm to find nor its opposite), and on the engine's own beats in every second recording of the
Challenge 2017 subset. Half of the weight of MIT-BIH lies on windows in which PVCs are taken for
normal beats, as a classifier may. Every patient counts the same. Nothing of DS2 is looked at.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from detector.offline import analyze
from detector.rhythm.irregular import RR_S, WINDOW, measures
from detector.rhythm.logistic import FloatArray, fit
from ecg_monitor.records import AAMI_LABELS, read_record
from models.databases import DS1

STEP = 8
"""Windows start so many beats apart."""
AF_WEIGHT = 10.0
"""DS1 has 2 patients with atrial fibrillation and 20 without."""
CHALLENGE_WEIGHT = 12.0
"""What all recordings of the challenge count together, in patients of MIT-BIH."""

Rows = tuple[list[FloatArray], list[bool], list[float]]


def mitdb_rows(folder: Path, *, labelled: bool) -> Rows:
    """Return measures, truth and weight of windows of the MIT-BIH records of DS1.

    Args:
        folder: of the database.
        labelled: leave out RR intervals at PVCs, as `IrregularRules` does when it knows them.
    """
    rows: Rows = ([], [], [])
    for name in DS1:
        recording = read_record(folder / name)
        beats = [b for b in recording.beats if b.symbol in AAMI_LABELS]
        peaks = np.array([beat.sample for beat in beats]) / recording.fs
        pvc = np.array([labelled and AAMI_LABELS[beat.symbol] == "V" for beat in beats])
        rr = np.diff(peaks)
        keep = ~(pvc[1:] | pvc[:-1]) & (rr > RR_S[0]) & (rr < RR_S[1])
        ends = np.array([beat.sample for beat in beats])[1:][keep]
        rr = rr[keep]
        found: dict[bool, list[FloatArray]] = {True: [], False: []}
        for start in range(0, len(rr) - WINDOW, STEP):
            rhythm = recording.rhythm_at(int(ends[start + WINDOW // 2]))
            if rhythm != "(AFL":
                found[rhythm == "(AFIB"].append(measures(rr[start : start + WINDOW]))
        for truth, windows in found.items():
            share = 0.5 * (AF_WEIGHT if truth else 1.0)
            for window in windows:
                _append(rows, window, truth, share / len(windows))
    return rows


def challenge_rows(folder: Path) -> Rows:
    """Return the same of every second recording of the Challenge 2017 subset that is readable."""
    rows: Rows = ([], [], [])
    table = list(csv.reader((folder / "REFERENCE.csv").read_text().splitlines()))
    for name, label in table[::2]:
        peaks = np.array([beat["time_s"] for beat in analyze(read_record(folder / name))["beats"]])
        rr = np.diff(peaks)
        rr = rr[(rr > RR_S[0]) & (rr < RR_S[1])][:WINDOW]
        if label != "~" and len(rr) >= WINDOW // 3:
            _append(rows, measures(rr), label == "A", 1.0)
    share = CHALLENGE_WEIGHT / len(rows[2])
    return rows[0], rows[1], [share] * len(rows[2])


def _append(rows: Rows, window: FloatArray, truth: bool, weight: float) -> None:
    rows[0].append(window)
    rows[1].append(truth)
    rows[2].append(weight)


def main() -> None:
    """Fit, and print what belongs into the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mitdb", type=Path, help="folder of the MIT-BIH Arrhythmia Database")
    parser.add_argument("challenge", type=Path, help="folder of the Challenge 2017 subset")
    args = parser.parse_args()
    parts = (
        mitdb_rows(args.mitdb, labelled=True),
        mitdb_rows(args.mitdb, labelled=False),
        challenge_rows(args.challenge),
    )
    features, truth, weight = (
        np.array([item for part in parts for item in part[i]]) for i in range(3)
    )
    weights, intercept = fit(features, truth, weight)
    print("WEIGHTS =", tuple(round(float(value), 3) for value in weights))
    print("INTERCEPT =", round(intercept, 3))


if __name__ == "__main__":
    main()
