"""A day of a record made small: heart rate, beats by class, minute by minute.

Only annotations are read, no samples, so that a day costs a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.archive.annotations.acts import OF_BEATS, Act, in_effect
from ecg_monitor.archive.annotations.book import ReviewBook
from ecg_monitor.archive.annotations.folding import beats_of
from ecg_monitor.archive.kept import files
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.tables import SegmentRow
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import BeatMark

MINUTE_S = 60.0
LABELS = ("N", "S", "V", "F", "Q")
LONGEST_RR_S = 3.0
"""A longer interval is a hole or an asystole, and makes no heart rate, s."""
MOST_MINUTES = 1440


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """Minutes of a record.

    Attributes:
        start: Unix time of the first minute, s.
        counts: beats of each class of `LABELS`, shape (n_minutes, 5).
        lowest: lowest heart rate of each minute over four intervals, bpm; NaN: none is known.
        highest: highest, likewise.
    """

    start: float
    counts: npt.NDArray[np.int64]
    lowest: npt.NDArray[np.float64]
    highest: npt.NDArray[np.float64]


def read_day(root: Path, device: str, start: float, end: float, within: tuple[float, float]) -> Day:
    """Return the minutes of a record, with what reviewers said; what is in no segment is left out.

    Args:
        root: folder of the archive.
        device: device id.
        start: Unix time of the first minute, s.
        end: Unix time, s, at most a day later.
        within: Unix times; beats before and after are of somebody else, s.

    Raises:
        ArchiveError: there is no archive, or its index cannot be read.
        ReviewError: the journal of reviews cannot be read.
    """
    book = ReviewBook.open(root)
    try:
        acts = [one for one in in_effect(book.acts(device, start, end)) if one.what in OF_BEATS]
    finally:
        book.close()
    index = Index.open(root)
    try:
        rows = index.segments(device, start, end)
    finally:
        index.close()
    times: list[float] = []
    labels: list[str] = []
    for row in rows:
        for at, label in _beats(root, row, acts):
            if within[0] <= at < within[1]:
                times.append(at)
                labels.append(label)
    return folded(times, labels, start, end)


def folded(times: Sequence[float], labels: Sequence[str], start: float, end: float) -> Day:
    """Return the minutes of beats. Pure.

    Args:
        times: of the R peaks, Unix s.
        labels: their AAMI classes.
        start: Unix time of the first minute, s.
        end: Unix time, s.
    """
    minutes = min(MOST_MINUTES, int(np.ceil((end - start) / MINUTE_S)))
    at = np.array(times, np.float64)
    order = np.argsort(at, kind="stable")
    at = at[order]
    kinds = np.array([LABELS.index(one) for one in labels], np.int64)[order]
    place = np.floor((at - start) / MINUTE_S).astype(np.int64)
    inside = (place >= 0) & (place < minutes)
    counts = np.zeros((minutes, len(LABELS)), np.int64)
    np.add.at(counts, (place[inside], kinds[inside]), 1)
    lowest = np.full(minutes, np.inf)
    highest = np.full(minutes, -np.inf)
    rr = np.diff(at)
    if len(rr) >= 4:
        known = np.lib.stride_tricks.sliding_window_view(rr, 4)
        bpm = 60.0 / np.maximum(known.mean(axis=1), 1e-3)
        whole = (known < LONGEST_RR_S).all(axis=1) & inside[4:]
        np.minimum.at(lowest, place[4:][whole], bpm[whole])
        np.maximum.at(highest, place[4:][whole], bpm[whole])
    lowest[np.isinf(lowest)] = np.nan
    highest[np.isinf(highest)] = np.nan
    return Day(start, counts, lowest, highest)


def _beats(root: Path, row: SegmentRow, acts: Sequence[Act]) -> list[tuple[float, str]]:
    try:
        marks = files.read_marks(root, row.place)
    except ArchiveError:  # a segment that cannot be read has no beats; the hour says why
        return []
    beats = [BeatMark(one.sample, one.symbol) for one in marks if one.symbol in AAMI_LABELS]
    own = [_within(act, row) for act in acts if act.boot == row.stream.boot]
    fs = row.stream.fs
    found = ((beat.sample, beat.symbol) for beat in beats)
    if own:
        found = ((one.sample, one.symbol) for one in beats_of(beats, own) if one.symbol)
    return [(row.start + sample / fs, AAMI_LABELS[symbol]) for sample, symbol in found]


def _within(act: Act, row: SegmentRow) -> Act:
    some = tuple(n - row.n0 for n in act.samples if row.n0 <= n < row.n1)
    return replace(act, samples=some)
