"""Answer the PhysioNet/CinC Challenge 2017 (normal, AF, other rhythm, noise) with our rhythm.

DIR holds recordings of one lead, WFDB, and REFERENCE.csv with a name and N, A, O or ~ a line. The
weights of the rule for AF were fitted on every second recording of the subset
(`workbench.fits.irregular`), so the others alone are answered. Each goes through the analysis that
runs live, and is called

  A   if an episode of atrial fibrillation or flutter was found;
  ~   else, if no usable signal was there for more than half of the time;
  O   else, if any other rhythm was named, or a beat was S or V;
  N   else.

Live, AF is told after 64 intervals between beats, which few of these recordings have. So they are
answered a second time with the same rule asked at their end about the intervals that there are:
A if its probability is above 0.5. Nothing else is changed and no threshold is fitted here. The
score is that of the challenge: the mean of F1 of N, A and O (Clifford GD et al., Computing in
Cardiology 44, 2017).

  python -m workbench.public_challenges.af cinc2017/ --figures docs/figures/cinc2017.json
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from detector.analyzer.offline import as_analysis, timed_events
from detector.rhythm.rules.irregular import WINDOW, probability
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording, read_record
from heartbeats.result import Analysis
from workbench.fits import irregular
from workbench.results import figures

CLASSES = ("N", "A", "O", "~")
AF = frozenset({"af", "atrial_flutter"})
ECTOPIC = frozenset({"S", "V"})
UNUSABLE = frozenset({"poor", "leadoff", "flat"})
MOST_UNUSABLE = 0.5
"""Share of a recording without usable signal beyond which it is called noise."""
PUBLISHED = 0.83
"""Mean F1 of the four winners, on the hidden test set (Clifford GD et al. 2017)."""
DRAWS = 1000
SURE = 0.5
"""Probability of AF beyond which the rule says so, as where it was fitted."""
ANSWERED_HALF = slice(1, None, 2)
"""Lines of REFERENCE.csv that are answered: the rule was fitted on the others."""


@dataclass(frozen=True, slots=True)
class RhythmSummary:
    """What the analysis says of a recording, as far as the rule asks.

    Attributes:
        rhythms: kinds of the episodes that were named.
        ectopic: number of beats called S or V.
        beats: number of beats.
        unusable: share of its duration without usable signal.
        irregular: probability of AF by the intervals between all its beats; None if they are too
            few.
    """

    rhythms: tuple[str, ...]
    ectopic: int
    beats: int
    unusable: float
    irregular: float | None

    def answer(self, *, at_end: bool = False) -> str:
        """Return the class by the rule of this module.

        Args:
            at_end: ask about AF at the end of the recording, however short it is.
        """
        sure = self.irregular is not None and self.irregular > SURE
        if AF & set(self.rhythms) or (at_end and sure):
            return "A"
        if self.unusable > MOST_UNUSABLE:
            return "~"
        return "O" if self.rhythms or self.ectopic else "N"


def reference(folder: Path) -> dict[str, str]:
    """Return the class of each recording by its name.

    Raises:
        RecordError: REFERENCE.csv is missing, or a line of it has another class.
    """
    path = folder / "REFERENCE.csv"
    if not path.is_file():
        raise RecordError(f"{folder}: has no REFERENCE.csv; it should hold Challenge 2017")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row[0].strip(), row[1].strip()) for row in csv.reader(file) if len(row) > 1]
    wrong = [name for name, label in rows if label not in CLASSES]
    if wrong or not rows:
        raise RecordError(f"{path}: {wrong[0] if wrong else 'is empty'}: a class must be N A O ~")
    return dict(rows)


def listen(path: Path) -> RhythmSummary:
    """Analyse a recording as the live system does.

    Raises:
        RecordError: it cannot be read.
    """
    recording = read_record(path)
    timed = timed_events(recording)
    whole = as_analysis(recording, timed)
    found = Analysis.of(recording, [event for _, event in timed], whole)
    bad = sum(one.end_s - one.start_s for one in found.quality if one.state in UNUSABLE)
    return RhythmSummary(
        tuple(sorted({episode.kind for episode in found.rhythm})),
        sum(beat.label in ECTOPIC for beat in found.beats),
        len(found.beats),
        bad / max(found.duration_s, 1e-9),
        _irregular(recording, whole["beats"]),
    )


def _irregular(recording: Recording, found: Sequence[Mapping[str, Any]]) -> float | None:
    if not found:
        return None
    beats = irregular.beats_of(recording, found)
    rr = beats.intervals(labelled=True)[0][:WINDOW]
    if len(rr) < irregular.LEAST_INTERVALS:
        return None
    return probability(rr, float(beats.repeats[-1]))


def score(true: Sequence[str], said: Sequence[str]) -> dict[str, Any]:
    """Return F1 of each class, their mean over N, A and O, and how well AF is told from the rest.

    Args:
        true: class of each recording.
        said: what it was called.
    """
    codes = np.array([[CLASSES.index(one) for one in column] for column in (true, said)])
    rng = np.random.default_rng(0)
    drawn = [
        _f1s(codes[:, rows]) for rows in rng.integers(0, codes.shape[1], (DRAWS, codes.shape[1]))
    ]
    means = np.array([one[:3].mean() for one in drawn])
    values = _f1s(codes)
    af = CLASSES.index("A")
    is_af, called = codes[0] == af, codes[1] == af
    usable = codes[0] != CLASSES.index("~")
    return {
        "recordings": codes.shape[1],
        "f1": {name: float(value) for name, value in zip(CLASSES, values, strict=True)},
        "mean_f1": float(values[:3].mean()),
        "mean_f1_low": float(np.percentile(means, 2.5)),
        "mean_f1_high": float(np.percentile(means, 97.5)),
        "published": PUBLISHED,
        "af": {
            "se": float(called[is_af].mean()),
            "sp": float((~called[~is_af & usable]).mean()),
            "sp_normal": float((~called[codes[0] == 0]).mean()),
        },
        "confusion": [
            [int(((codes[0] == i) & (codes[1] == j)).sum()) for j in range(len(CLASSES))]
            for i in range(len(CLASSES))
        ],
        "table": _table(codes, values),
    }


def _f1s(codes: np.ndarray) -> np.ndarray:
    """Return F1 of each class of true and called codes, shape (2, n)."""
    found = []
    for number in range(len(CLASSES)):
        true, called = codes == number
        found.append(2 * (true & called).sum() / max(true.sum() + called.sum(), 1))
    return np.array(found, np.float64)


def _table(codes: np.ndarray, values: np.ndarray) -> dict[str, Any]:
    rows = [
        [
            name,
            *(str(int(((codes[0] == i) & (codes[1] == j)).sum())) for j in range(len(CLASSES))),
            f"{values[i]:.2f}",
        ]
        for i, name in enumerate(CLASSES)
    ]
    return {"columns": ["true \\ called", *CLASSES, "F1"], "rows": rows}


def reasons(true: Sequence[str], heard: Sequence[RhythmSummary]) -> Mapping[str, Mapping[str, int]]:
    """Return by true class how often each rhythm was named, and ectopic beats found."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in CLASSES}
    for label, one in zip(true, heard, strict=True):
        counts[label].update(one.rhythms)
        counts[label].update(["ectopic beats"] if one.ectopic else [])
        counts[label].update(["nothing"] if one.answer() == "N" else [])
    return {label: dict(counted.most_common()) for label, counted in counts.items()}


def main() -> int:
    """Answer the recordings of the folder that the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of Challenge 2017")
    parser.add_argument("--first", metavar="N", type=int, help="the first N recordings alone")
    parser.add_argument("--jobs", metavar="N", type=int, default=1, help="processes (default 1)")
    figures.add_argument(parser)
    args = parser.parse_args()
    known = dict(list(reference(args.folder).items())[ANSWERED_HALF][: args.first])
    console = Console(stderr=True)
    with ProcessPoolExecutor(args.jobs) as pool:
        answers = pool.map(listen, [args.folder / name for name in known])
        heard = list(track(answers, "listening", total=len(known), console=console))
    true = list(known.values())
    values: dict[str, Any] = {
        "live": score(true, [one.answer() for one in heard]),
        "at_end": score(true, [one.answer(at_end=True) for one in heard]),
        "long_enough": sum(one.beats > WINDOW for one in heard) / len(heard),
        "reasons": reasons(true, heard),
    }
    for way in ("live", "at_end"):
        print(way, f"mean F1 {values[way]['mean_f1']:.3f}, AF {values[way]['af']}")
        for row in (values[way]["table"]["columns"], *values[way]["table"]["rows"]):
            print("  " + " | ".join(row))
    if args.figures:
        figures.write(args.figures, values, [args.folder])
    return 0


if __name__ == "__main__":
    sys.exit(main())
