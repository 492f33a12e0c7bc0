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
from ecg_monitor.archive.kept.marks import BEATS, CODES
from ecg_monitor.archive.kept.tables import SegmentRow
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import BeatMark

MINUTE_S = 60.0
LABELS = ("N", "S", "V", "F", "Q")
LONGEST_RR_S = 3.0
"""A longer interval is a hole or an asystole, and makes no heart rate, s."""
MOST_MINUTES = 1440


_Times = npt.NDArray[np.float64]
_Kinds = npt.NDArray[np.int64]
_KINDS = np.full(64, -1, np.int64)
"""Place in `LABELS` of each WFDB code; -1: it is no beat."""
for _symbol, _label in AAMI_LABELS.items():
    _KINDS[CODES[_symbol]] = LABELS.index(_label)


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
    found = [_beats(root, row, acts) for row in rows]
    times = np.concatenate([np.empty(0), *(one for one, _ in found)])
    kinds = np.concatenate([np.empty(0, np.int64), *(one for _, one in found)])
    inside = (times >= within[0]) & (times < within[1])
    return folded(times[inside], kinds[inside], start, end)


def folded(times: _Times, kinds: _Kinds, start: float, end: float) -> Day:
    """Return the minutes of beats. Pure.

    Args:
        times: of the R peaks, Unix s, shape (n_beats,).
        kinds: their classes, places in `LABELS`, shape (n_beats,).
        start: Unix time of the first minute, s.
        end: Unix time, s.
    """
    minutes = min(MOST_MINUTES, int(np.ceil((end - start) / MINUTE_S)))
    order = np.argsort(times, kind="stable")
    at, kinds = times[order], kinds[order]
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


def _beats(root: Path, row: SegmentRow, acts: Sequence[Act]) -> tuple[_Times, _Kinds]:
    """Return times and classes of the beats of a segment."""
    try:
        known = files.read_marks(root, row.place)
    except ArchiveError:  # a segment that cannot be read has no beats; the hour says why
        return np.empty(0), np.empty(0, np.int64)
    own = [cut for act in acts if act.boot == row.stream.boot if (cut := _within(act, row)).samples]
    if own:
        beats = [BeatMark(one.sample, one.symbol) for one in known.marks() if one.symbol in BEATS]
        held = [one for one in beats_of(beats, own) if one.symbol]
        samples = np.array([one.sample for one in held], np.int64)
        kinds = np.array([_KINDS[CODES[one.symbol]] for one in held], np.int64)
    else:
        kinds = _KINDS[known.codes]
        samples, kinds = known.samples[kinds >= 0], kinds[kinds >= 0]
    return row.start + samples / row.stream.fs, kinds


def _within(act: Act, row: SegmentRow) -> Act:
    some = tuple(n - row.n0 for n in act.samples if row.n0 <= n < row.n1)
    return replace(act, samples=some)
