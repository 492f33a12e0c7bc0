"""Fits and scores `detector.rhythm.rules.irregular`: ``python -m workbench.fits.irregular``.

Trained on the engine's own beats and labels: on the MIT-BIH records of DS1 (atrial flutter left
out: neither the rhythm to find nor its opposite), all leads and the first alone, and on every
second recording of the Challenge 2017 subset. A third of the weight of MIT-BIH lies on windows in
which PVCs are taken for normal beats, as a classifier may. Every patient counts the same. Nothing
of DS2 is looked at. Scored on the other half of the Challenge's recordings with the weights in the
module, by a probability of 0.5 on all RR intervals of a recording.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.analyzer.command import choose_leads
from detector.analyzer.offline import analyze
from detector.rhythm.rules.irregular import RR_S, WINDOW, measures, probability
from detector.rhythm.waveform.atrial import FROM, RATE, Atrial
from ecg_monitor.records import Recording, read_record
from models.scoring.databases import DS1
from workbench.evaluate.waveform import seconds_of
from workbench.fits.logistic import FloatArray, fit

STEP = 8
"""Number of beats from the start of one window to that of the next."""
FIBRILLATING_WEIGHT = 10.0
"""DS1 has 2 patients with atrial fibrillation and 20 without."""
CHALLENGE_WEIGHT = 12.0
"""What all recordings of the Challenge count together, in patients of MIT-BIH."""
LEAST_INTERVALS = WINDOW // 3
"""A recording of the Challenge with fewer RR intervals is not judged."""
VIEWS = (("all", True), ("first", True), ("all", False))
"""How a record of MIT-BIH is taken: leads, and whether PVCs are known."""


@dataclass(frozen=True, slots=True)
class Beats:
    """The engine's beats in one recording.

    Attributes:
        times: s, shape (n,).
        pvc: whether each is labelled V, shape (n,).
        repeats: of `Atrial` after each, shape (n,).
    """

    times: FloatArray
    pvc: npt.NDArray[np.bool_]
    repeats: FloatArray

    def intervals(self, *, labelled: bool) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Return the RR intervals that `IrregularRules` takes, and the beats that end them."""
        rr = np.diff(self.times)
        keep = (rr > RR_S[0]) & (rr < RR_S[1])
        if labelled:
            keep &= ~(self.pvc[1:] | self.pvc[:-1])
        return rr[keep], np.flatnonzero(keep) + 1


@dataclass(frozen=True, slots=True)
class Window:
    """One row to fit.

    Attributes:
        features: of `measures`.
        truth: it is atrial fibrillation.
        weight: how much it counts.
    """

    features: tuple[float, float, float]
    truth: bool
    weight: float


def beats_of(recording: Recording, found: Sequence[Mapping[str, Any]] | None = None) -> Beats:
    """Follow what repeats ahead of the normal beats of a recording.

    Args:
        recording: with those beats.
        found: its beats as `detector.analyzer.offline.analyze` has them; None: it is analysed.
    """
    if found is None:
        found = analyze(recording)["beats"]
    wide = seconds_of(recording)[1].transpose(1, 0, 2)
    signal = wide.reshape(len(wide), -1)
    atrial, usable, repeats = Atrial(), [1] * len(wide), []
    before: int | None = None
    for beat in found:
        peak = round(beat["time_s"] * RATE)
        if beat["label"] == "N" and before is not None and FROM <= peak <= signal.shape[1]:
            atrial.on_beat(signal[:, peak - FROM : peak], 0, usable, peak - before)
        before = peak
        repeats.append(atrial.repeats())
    times = np.array([beat["time_s"] for beat in found])
    pvc = np.array([beat["label"] == "V" for beat in found], np.bool_)
    return Beats(times, pvc, np.array(repeats))


def mitdb_windows(folder: Path) -> Iterator[Window]:
    """Yield windows of the MIT-BIH records of DS1."""
    for name in DS1:
        recording = read_record(folder / name)
        for leads, labelled in VIEWS:
            chosen = recording.leads[0] if leads == "first" else None
            yield from _windows(choose_leads(recording, chosen), labelled=labelled)


def _windows(recording: Recording, *, labelled: bool) -> Iterator[Window]:
    beats = beats_of(recording)
    rr, ends = beats.intervals(labelled=labelled)
    found: dict[bool, list[tuple[float, float, float]]] = {True: [], False: []}
    for start in range(0, len(rr) - WINDOW, STEP):
        middle = beats.times[ends[start + WINDOW // 2]]
        rhythm = recording.rhythm_at(round(middle * recording.fs))
        if rhythm != "(AFL":
            repeats = float(beats.repeats[ends[start + WINDOW - 1]])
            found[rhythm == "(AFIB"].append(measures(rr[start : start + WINDOW], repeats))
    for truth, windows in found.items():
        share = (FIBRILLATING_WEIGHT if truth else 1.0) / len(VIEWS)
        for features in windows:
            yield Window(features, truth, share / len(windows))


def challenge(folder: Path, half: int) -> Iterator[tuple[str, FloatArray, float]]:
    """Yield label, RR intervals and what repeats, of every second recording of the Challenge.

    Args:
        folder: of the Challenge 2017 subset.
        half: 0 for the recordings to fit, 1 for those to score.
    """
    table = list(csv.reader((folder / "REFERENCE.csv").read_text().splitlines()))
    for name, label in table[half::2]:
        beats = beats_of(read_record(folder / name))
        rr = beats.intervals(labelled=True)[0][:WINDOW]
        if len(rr) >= LEAST_INTERVALS:
            yield label, rr, float(beats.repeats[-1])


def challenge_windows(folder: Path) -> Iterator[Window]:
    """Yield a window per readable recording of the half to fit."""
    rows = [row for row in challenge(folder, 0) if row[0] != "~"]
    for label, rr, repeats in rows:
        yield Window(measures(rr, repeats), label == "A", CHALLENGE_WEIGHT / len(rows))


def score_challenge(folder: Path) -> None:
    """Print how many recordings of each label are called fibrillation in the half to score."""
    called: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for label, rr, repeats in challenge(folder, 1):
        judged[label] += 1
        called[label] += probability(rr, repeats) > 0.5
    for label in "ANO~":
        print(f"  {label}: {called[label]} of {judged[label]} called fibrillation")


def main() -> None:
    """Fit, print what belongs into the module; with --score, score what is there instead."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mitdb", type=Path, help="folder of the MIT-BIH Arrhythmia Database")
    parser.add_argument("challenge", type=Path, help="folder of the Challenge 2017 subset")
    parser.add_argument("--score", action="store_true", help="score the other half; do not fit")
    args = parser.parse_args()
    if args.score:
        score_challenge(args.challenge)
        return
    windows = [*mitdb_windows(args.mitdb), *challenge_windows(args.challenge)]
    weights, intercept = fit(
        np.array([window.features for window in windows]),
        np.array([window.truth for window in windows]),
        np.array([window.weight for window in windows]),
    )
    print("WEIGHTS =", tuple(round(float(value), 3) for value in weights))
    print("INTERCEPT =", round(intercept, 3))


if __name__ == "__main__":
    main()
