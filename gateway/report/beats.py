"""What a row of heartbeats shows: rates, pauses, runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

RATE_BEATS = 8
"""RR intervals that the lowest and the highest rate are averaged over: one early beat or one pause
makes no rate."""
PAUSE_S = 2.0
"""Least RR interval that is counted as a pause, s, as Holter reports do (ACC/AHA 1999)."""
RUN_BEATS = 3
"""Least number of ectopic beats in a row that are a run."""


@dataclass(frozen=True, slots=True)
class Beats:
    """Heartbeats in order of time.

    Attributes:
        times: of the R peaks, s.
        labels: AAMI classes.
        rr: interval before each, s; None where the beat before is not known.
    """

    times: Sequence[float]
    labels: Sequence[str]
    rr: Sequence[float | None]


class Moment(NamedTuple):
    """A value and when it was.

    Attributes:
        value: the value.
        at_s: when, s.
    """

    value: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Heart rates, bpm.

    Attributes:
        mean: over all RR intervals that are known; None without any.
        lowest: lowest mean of `RATE_BEATS` intervals in a row, none of them beside an unclassified
            beat, and when it began; None: there are not so many.
        highest: the highest likewise.
    """

    mean: float | None
    lowest: Moment | None
    highest: Moment | None


@dataclass(frozen=True, slots=True)
class Run:
    """Ectopic beats of one class in a row.

    Attributes:
        start_s: the first R peak, s.
        end_s: the last, s.
        beats: how many.
        bpm: their rate, from the intervals within the run.
    """

    start_s: float
    end_s: float
    beats: int
    bpm: float


def rates(beats: Beats) -> Rates:
    """Return mean, lowest and highest heart rate."""
    known = [rr for rr in beats.rr if rr is not None]
    if not known:
        return Rates(None, None, None)
    lowest: Moment | None = None
    highest: Moment | None = None
    total, count = 0.0, 0
    for i, rr in enumerate(beats.rr):
        if rr is None or beats.labels[i] == "Q" or (i and beats.labels[i - 1] == "Q"):
            total, count = 0.0, 0
            continue
        total, count = total + rr, count + 1
        if count > RATE_BEATS:
            total -= beats.rr[i - RATE_BEATS] or 0.0
        if count >= RATE_BEATS:
            bpm = 60.0 * RATE_BEATS / total
            at = beats.times[i - RATE_BEATS + 1] - (beats.rr[i - RATE_BEATS + 1] or 0.0)
            if lowest is None or bpm < lowest.value:
                lowest = Moment(bpm, at)
            if highest is None or bpm > highest.value:
                highest = Moment(bpm, at)
    return Rates(60.0 * len(known) / sum(known), lowest, highest)


def pauses(beats: Beats) -> list[Moment]:
    """Return the RR intervals of `PAUSE_S` and more with when they began, the longest first."""
    found = [
        Moment(rr, at - rr)
        for rr, at in zip(beats.rr, beats.times, strict=True)
        if rr is not None and rr >= PAUSE_S
    ]
    return sorted(found, key=lambda moment: -moment.value)


def runs(beats: Beats, label: str, least: int = RUN_BEATS, most: int | None = None) -> list[Run]:
    """Return the runs of beats of a class, in order of time.

    An interval that is not known ends a run.

    Args:
        beats: the beats.
        label: their class.
        least: fewest beats of a run.
        most: most beats; None: any number.
    """
    found = []
    for places in _in_a_row(beats, label):
        if len(places) < least or (most is not None and len(places) > most):
            continue
        first, last = places[0], places[-1]
        within = beats.times[last] - beats.times[first]
        bpm = 60.0 * (len(places) - 1) / within if within > 0 else 0.0
        found.append(Run(beats.times[first], beats.times[last], len(places), bpm))
    return found


def _in_a_row(beats: Beats, label: str) -> Iterator[list[int]]:
    for is_it, group in groupby(range(len(beats.labels)), lambda i: beats.labels[i] == label):
        if not is_it:
            continue
        row: list[int] = []
        for i in group:
            if row and beats.rr[i] is None:
                yield row
                row = []
            row.append(i)
        yield row
