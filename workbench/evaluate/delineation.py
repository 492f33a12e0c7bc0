# mypy: allow-untyped-calls
"""Scores wave boundaries against a database that annotates them on every lead.

The engine that runs live finds the beats, on all chosen leads together; each lead of each beat is
delineated by the function that delineates averages live, and the beats of a record are judged by
one another (`detector.delineation.recording`). A boundary counts as found if it lies within 150 ms
of the reference's, as in the literature (Martínez et al., IEEE Trans Biomed Eng 51:570-581, 2004);
beside it stands the score within the narrower tolerances that openecg's is published with. P waves
before the first annotated QRS complex of a lead and T waves after the last are left out where the
annotator left them out, as the Lobachevsky database does at the ends of records. Then the intervals
of a record (median of its beats, joined over the leads) are compared with what the monitor measures
on the average beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median, pstdev
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import wfdb

from detector.analyzer.command import choose_leads
from detector.analyzer.offline import analyze
from detector.delineation.intervals import CONFIRMED, MS, T_CONFIRMED, earliest, latest
from detector.delineation.recording import waves_of
from detector.delineation.waves import MARKS
from detector.engine.resample import FS
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording, read_record

TOLERANCE_MS = 150.0
CSE_MS = {"P_ON": 10.2, "P_OFF": 12.7, "QRS_ON": 6.5, "QRS_OFF": 11.6, "T_OFF": 30.6}
"""Two standard deviations of the CSE referees' own differences (CSE Working Party, Eur Heart J
6:815-825, 1985), which recommends them as tolerances for programs."""
NARROW_MS = {
    "P_ON": 50.0,
    "P_OFF": 50.0,
    "QRS_ON": 40.0,
    "QRS_OFF": 40.0,
    "T_OFF": 100.0,
}
"""Tolerances of the F1 that openecg, an open network for delineation, is published with (its README
names Martínez 2004 as their source). Their mean over these five boundaries is its macro F1."""
SCORED = ("P_ON", "P_PEAK", "P_OFF", "QRS_ON", "QRS_OFF", "T_PEAK", "T_OFF")
_SYMBOLS = {"P": "p", "QRS": "N", "T": "t"}
INTERVALS = ("qrs_ms", "pr_ms", "qt_ms")


class Wave(NamedTuple):
    """An annotated wave; sample indices at the engine's rate, nan where not annotated."""

    symbol: str
    on: float
    peak: float
    off: float


@dataclass(slots=True)
class Tally:
    """Errors and counts of one kind of boundary.

    Attributes:
        tolerance_ms: a boundary within so many ms of the reference's is found.
        errors_ms: of each found, found less reference.
        missed: reference boundaries that were not found.
        false: boundaries found that the reference lacks.
    """

    tolerance_ms: float = TOLERANCE_MS
    errors_ms: list[float] = field(default_factory=list)
    missed: int = 0
    false: int = 0

    def add(self, reference: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> None:
        """Match one lead's boundaries, each with the nearest one that is not taken."""
        free = np.ones(len(found), np.bool_)
        for sample in reference:
            distance = np.where(free, np.abs(found - sample), np.inf)
            if len(found) and distance.min() * MS <= self.tolerance_ms:
                nearest = int(distance.argmin())
                free[nearest] = False
                self.errors_ms.append(float(found[nearest] - sample) * MS)
            else:
                self.missed += 1
        self.false += int(free.sum())

    @property
    def f1(self) -> float | None:
        """Harmonic mean of sensitivity and positive predictive value; None: nothing to score."""
        hits = len(self.errors_ms)
        of = 2 * hits + self.missed + self.false
        return round(2 * hits / of, 4) if of else None

    def report(self) -> dict[str, Any]:
        """Return fractions, and mean and standard deviation of the errors in ms."""
        hits = len(self.errors_ms)
        return {
            "n": hits + self.missed,
            "se": round(hits / (hits + self.missed), 4) if hits + self.missed else None,
            "ppv": round(hits / (hits + self.false), 4) if hits + self.false else None,
            "f1": self.f1,
            "mean_ms": round(fmean(self.errors_ms), 1) if hits else None,
            "sd_ms": round(pstdev(self.errors_ms), 1) if hits else None,
        }


@dataclass(slots=True)
class DelineationReport:
    """Errors of wave boundaries and intervals over records.

    Attributes:
        tallies: of each boundary.
        narrow: likewise, of those that `NARROW_MS` has a tolerance for.
        intervals: per interval, difference of each record in ms, measured less reference.
        unmeasured: per interval, records whose reference has it and which were not measured.
        records: how many there were.
    """

    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in SCORED})
    narrow: dict[str, Tally] = field(
        default_factory=lambda: {name: Tally(tolerance) for name, tolerance in NARROW_MS.items()}
    )
    intervals: dict[str, dict[str, float]] = field(
        default_factory=lambda: {name: {} for name in INTERVALS}
    )
    unmeasured: dict[str, int] = field(default_factory=lambda: dict.fromkeys(INTERVALS, 0))
    records: int = 0

    def add(self, recording: Recording, waves: Sequence[Sequence[Wave]]) -> None:
        """Take a record with the annotated waves of each of its leads, in order of time."""
        self.records += 1
        peaks, marks = waves_of(recording)
        for lead, annotated in enumerate(waves):
            self._score(peaks, marks[:, lead], annotated)
        measurements = analyze(recording)["measurements"]
        for name, reference in reference_intervals(peaks, waves).items():
            values = [m[name] for m in measurements if m[name] is not None]
            if values:
                self.intervals[name][recording.name] = round(median(values) - reference, 1)
            else:
                self.unmeasured[name] += 1

    def as_map(self) -> dict[str, Any]:
        """Return the report, JSON-ready."""
        return {
            "records": self.records,
            "tolerance_ms": TOLERANCE_MS,
            "boundaries": {
                name: {**tally.report(), "cse_ms": CSE_MS.get(name)}
                for name, tally in self.tallies.items()
            },
            "narrow": {
                name: {"tolerance_ms": NARROW_MS[name], **tally.report()}
                for name, tally in self.narrow.items()
            },
            "narrow_macro_f1": self._macro_f1(),
            "intervals": {
                name: {
                    "records": len(errors),
                    "unmeasured": self.unmeasured[name],
                    "mean_ms": round(fmean(errors.values()), 1) if errors else None,
                    "sd_ms": round(pstdev(errors.values()), 1) if errors else None,
                    "median_abs_ms": (
                        round(median(map(abs, errors.values())), 1) if errors else None
                    ),
                    "by_record_ms": errors,
                }
                for name, errors in self.intervals.items()
            },
        }

    def _macro_f1(self) -> float | None:
        """Return the mean F1 within `NARROW_MS` of the boundaries that there were to score."""
        scores = [tally.f1 for tally in self.narrow.values() if tally.f1 is not None]
        return round(fmean(scores), 4) if scores else None

    def _score(
        self,
        peaks: npt.NDArray[np.int64],
        marks: npt.NDArray[np.float64],
        annotated: Sequence[Wave],
    ) -> None:
        complexes = [wave.peak for wave in annotated if wave.symbol == "N"]
        if not complexes:
            return
        reach = TOLERANCE_MS / MS
        inside = (peaks >= complexes[0] - reach) & (peaks <= complexes[-1] + reach)
        first, last = annotated[0].symbol == "p", annotated[-1].symbol == "t"
        for name, tally in self.tallies.items():
            kind, _, part = name.partition("_")
            keep = inside.copy()
            if kind == "P" and not first:
                keep &= peaks > complexes[0] + reach
            if kind == "T" and not last:
                keep &= peaks < complexes[-1] - reach
            found = marks[keep, MARKS.index(name)]
            reference = np.array(
                [getattr(w, part.lower()) for w in annotated if w.symbol == _SYMBOLS[kind]]
            )
            for one in (tally, self.narrow.get(name)):
                if one:
                    one.add(reference[~np.isnan(reference)], found[~np.isnan(found)])


def reference_intervals(
    peaks: npt.NDArray[np.int64], waves: Sequence[Sequence[Wave]]
) -> dict[str, float]:
    """Return the annotated intervals of a record in ms: the median of its beats.

    A beat's boundaries are joined over the leads as the monitor does; PR and QT are left out where
    less than half of the leads' beats have a P or a T wave.
    """
    per_beat: dict[str, list[float]] = {name: [] for name in INTERVALS}
    for peak in peaks:
        rows = np.array([_around(int(peak), lead) for lead in waves])
        if np.isnan(rows[:, 1]).mean() > 0.5:
            continue
        even = np.ones(len(rows))
        on, off = earliest(rows[:, 1], even, CONFIRMED), latest(rows[:, 2], even, CONFIRMED)
        per_beat["qrs_ms"].append((off - on) * MS)
        if np.isnan(rows[:, 0]).mean() <= 0.5:
            per_beat["pr_ms"].append((on - earliest(rows[:, 0], even, CONFIRMED)) * MS)
        if np.isnan(rows[:, 3]).mean() <= 0.5:
            per_beat["qt_ms"].append((latest(rows[:, 3], even, T_CONFIRMED) - on) * MS)
    beats = len(per_beat["qrs_ms"])
    return {
        name: median(values)
        for name, values in per_beat.items()
        if values and 2 * len(values) > beats
    }


def _around(peak: int, waves: Sequence[Wave]) -> tuple[float, float, float, float]:
    """Return onset of P, onset and end of QRS, end of T of the beat at ``peak`` on one lead."""
    nan = float("nan")
    for i, wave in enumerate(waves):
        if wave.symbol == "N" and abs(wave.peak - peak) * MS <= TOLERANCE_MS:
            before = waves[i - 1] if i and waves[i - 1].symbol == "p" else None
            after = waves[i + 1] if i + 1 < len(waves) and waves[i + 1].symbol == "t" else None
            return (
                before.on if before else nan,
                wave.on,
                wave.off,
                after.off if after else nan,
            )
    return nan, nan, nan, nan


def read_waves(path: Path, leads: Iterable[str], fs: float) -> list[list[Wave]]:
    """Read the waves annotated on each lead: annotators named like the leads, ``( p )`` and so on.

    Args:
        path: of the record, without suffix.
        leads: their names.
        fs: sampling rate of the record, Hz.

    Raises:
        RecordError: a lead has no annotations.
    """
    found = []
    for lead in leads:
        try:
            marks = wfdb.rdann(str(path), lead.lower())
        except (OSError, ValueError) as error:
            raise RecordError(f"{path}: no annotations of lead {lead}: {error}") from error
        at = [float(sample) * FS / fs for sample in marks.sample]
        symbols = ["", *marks.symbol, ""]
        found.append(
            [
                Wave(
                    symbol,
                    at[i - 1] if symbols[i] == "(" else float("nan"),
                    at[i],
                    at[i + 1] if symbols[i + 2] == ")" else float("nan"),
                )
                for i, symbol in enumerate(marks.symbol)
                if symbol in "pNt"
            ]
        )
    return found


def records_of(folder: Path, chosen: str) -> list[Path]:
    """Return the records of a database folder, without suffix.

    Args:
        folder: with a file ``RECORDS``, or with the records themselves.
        chosen: ``odd``, ``even`` (of records named by numbers), ``all``, or names as in ``1,2``.

    Raises:
        RecordError: there are none, or one that was asked for is missing.
    """
    index = folder / "RECORDS"
    paths = (
        [folder / line.strip() for line in index.read_text().splitlines() if line.strip()]
        if index.is_file()
        else sorted(path.with_suffix("") for path in folder.glob("*.hea"))
    )
    if chosen in ("odd", "even"):
        kept = [p for p in paths if p.name.isdigit() and int(p.name) % 2 == (chosen == "odd")]
    elif chosen == "all":
        kept = paths
    else:
        wanted = chosen.split(",")
        kept = [path for path in paths if path.name in wanted]
        if missing := sorted(set(wanted) - {path.name for path in kept}):
            raise RecordError(f"{folder} lacks {', '.join(missing)}")
    if not kept:
        raise RecordError(f"{folder} has no records ({chosen})")
    return kept


def evaluate(path: Path, report: DelineationReport, leads: str | None = None) -> None:
    """Add one record to a report.

    Args:
        path: of the record, without suffix.
        report: what it is added to.
        leads: names of the leads that are looked at, as in ``II,V5``; None: all. The others are
            not seen by the engine either.

    Raises:
        RecordError: it cannot be read, lacks a lead, or a lead has no annotations.
    """
    recording = choose_leads(read_record(path), leads)
    report.add(recording, read_waves(path, recording.leads, recording.fs))
