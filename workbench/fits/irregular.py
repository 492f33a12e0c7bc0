"""Fits and scores `detector.rhythm.rules.irregular`: ``python -m workbench.fits.irregular``.

Trained on the engine's own beats and labels: on the MIT-BIH records of DS1 (atrial flutter left
out: neither the rhythm to find nor its opposite), all leads and the first alone, and on every
second recording of the Challenge 2017 subset. Long records of RR intervals alone, without P
waves, are taken with nothing that repeats: two patients with fibrillation and seven healthy ones
whose breathing makes the intervals irregular (`workbench.atrial.parts`). A third of the weight of
MIT-BIH lies on windows in which PVCs are taken for normal beats, as a classifier may. Every patient
counts the same. Nothing of DS2, or of the records held out, is looked at. What the newest 16
intervals say is fitted on the same, without P waves. Scored on the other half of the Challenge's
recordings with the weights in the module, by a probability of 0.5 on all RR intervals of a
recording.
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
from detector.rhythm.rules.irregular import (
    RR_S,
    SHORT,
    WINDOW,
    measures,
    probability,
)
from detector.rhythm.waveform.atrial import FROM, RATE, Atrial
from ecg_monitor.records import Recording, read_record
from models.scoring.databases import DS1
from workbench.atrial.intervals import RecordAnnotations, read_annotations
from workbench.atrial.parts import DEVELOPMENT, FS
from workbench.atrial.timing import episodes
from workbench.evaluate.waveform import seconds_of
from workbench.fits.logistic import FloatArray, fit

STEP = 8
"""Number of beats from the start of one window to that of the next."""
FIBRILLATING_WEIGHT = 10.0
"""DS1 has 2 patients with atrial fibrillation and 20 without."""
CHALLENGE_WEIGHT = 12.0
"""What all recordings of the Challenge count together, in patients of MIT-BIH."""
LONG_WEIGHT = 2.5
"""What the fibrillation of a long record counts, in patients of MIT-BIH; its rest counts 1."""
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

    features: tuple[float, float, float, float]
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
        repeats.append(atrial.repeats)
    times = np.array([beat["time_s"] for beat in found])
    pvc = np.array([beat["label"] == "V" for beat in found], np.bool_)
    return Beats(times, pvc, np.array(repeats))


@dataclass(frozen=True, slots=True)
class Source:
    """RR intervals of one patient's record, seen in one way.

    Attributes:
        rr: s, shape (n,).
        repeats: of `Atrial` at each, shape (n,).
        kinds: what each is: 1 fibrillation, 0 neither that nor flutter, -1 flutter; shape (n,).
        shares: what its windows of no fibrillation, and those of it, count together.
    """

    rr: FloatArray
    repeats: FloatArray
    kinds: npt.NDArray[np.int64]
    shares: tuple[float, float]

    def windows(self, length: int) -> Iterator[Window]:
        """Yield windows of so many intervals, each called by the interval in its middle."""
        found: dict[bool, list[tuple[float, float, float, float]]] = {True: [], False: []}
        for start in range(0, len(self.rr) - length, STEP):
            kind = self.kinds[start + length // 2]
            if kind >= 0:
                repeats = float(self.repeats[start + length - 1])
                found[bool(kind)].append(measures(self.rr[start : start + length], repeats))
        for truth, rows in found.items():
            for features in rows:
                yield Window(features, truth, self.shares[truth] / len(rows))


def mitdb_sources(folder: Path) -> Iterator[Source]:
    """Yield the MIT-BIH records of DS1, each in the ways of `VIEWS`."""
    kinds = {"(AFIB": 1, "(AFL": -1}
    for name in DS1:
        recording = read_record(folder / name)
        analysed = {
            leads: beats_of(choose_leads(recording, chosen))
            for leads, chosen in (("all", None), ("first", recording.leads[0]))
        }
        for leads, labelled in VIEWS:
            beats = analysed[leads]
            rr, ends = beats.intervals(labelled=labelled)
            at = [recording.rhythm_at(round(beats.times[end] * recording.fs)) for end in ends]
            yield Source(
                rr,
                beats.repeats[ends],
                np.array([kinds.get(rhythm or "", 0) for rhythm in at]),
                (1.0 / len(VIEWS), FIBRILLATING_WEIGHT / len(VIEWS)),
            )


def long_sources(folder: Path) -> Iterator[Source]:
    """Yield the long records of RR intervals that are for development."""
    for database, names in DEVELOPMENT.items():
        for name in names:
            yield _long(read_annotations(folder / database / name, FS))


def _long(record: RecordAnnotations) -> Source:
    times = np.array([n for n, _ in record.beats]) / record.fs
    pvc = np.array([label == "V" for _, label in record.beats])
    rr, ends = Beats(times, pvc, np.zeros(len(times))).intervals(labelled=True)
    kinds = np.zeros(len(rr), np.int64)
    for start, end in episodes(record.rhythms, record.end_s):
        kinds[(times[ends] > start) & (times[ends] <= end)] = 1
    return Source(rr, np.zeros(len(rr)), kinds, (1.0, LONG_WEIGHT))


ChallengeRow = tuple[str, FloatArray, float]
"""Label, RR intervals in s, and what repeats at the end, of a recording of the Challenge 2017."""


def challenge(folder: Path, half: int) -> Iterator[ChallengeRow]:
    """Yield every second recording of the Challenge that has RR intervals enough.

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


def challenge_windows(recordings: Sequence[ChallengeRow], length: int) -> Iterator[Window]:
    """Yield a window of so many intervals, or fewer, of each readable recording."""
    rows = [row for row in recordings if row[0] != "~"]
    for label, rr, repeats in rows:
        yield Window(measures(rr[:length], repeats), label == "A", CHALLENGE_WEIGHT / len(rows))


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
    parser.add_argument("rr_only", type=Path, help="folder of long records of RR intervals")
    parser.add_argument("--score", action="store_true", help="score the other half; do not fit")
    args = parser.parse_args()
    if args.score:
        score_challenge(args.challenge)
        return
    sources = [*mitdb_sources(args.mitdb), *long_sources(args.rr_only)]
    recordings = list(challenge(args.challenge, 0))
    for length, taken, name in ((WINDOW, 4, ""), (SHORT, 3, "SHORT_")):
        windows = [one for source in sources for one in source.windows(length)]
        windows += challenge_windows(recordings, length)
        weights, intercept = fit(
            np.array([window.features[:taken] for window in windows]),
            np.array([window.truth for window in windows]),
            np.array([window.weight for window in windows]),
        )
        rounded = tuple(round(float(value), 3) for value in weights)
        print(f"{name}WEIGHTS, {name}INTERCEPT = {rounded}, {intercept:.3f}")


if __name__ == "__main__":
    main()
