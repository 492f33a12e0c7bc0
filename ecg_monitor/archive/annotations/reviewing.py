"""Reading a record with what reviewers said of it, which is how other packages read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ecg_monitor.archive.annotations import folding
from ecg_monitor.archive.annotations.acts import Act, ActKind, in_effect
from ecg_monitor.archive.annotations.book import ReviewBook
from ecg_monitor.archive.annotations.folding import ReviewedBeat
from ecg_monitor.archive.reading import Interval, read_interval
from ecg_monitor.records.recording import BeatMark, Recording, RhythmMark

_MARGIN_S = 5.0
"""Clocks of segments are fitted anew: what lies this near may be within, s."""


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedInterval:
    """An interval of a record and what reviewers said of it.

    Attributes:
        interval: the record as it was kept.
        journal: all acts about it in order, with those that are undone; samples as they were kept.
        acts: those in effect, in order; samples count from the first of the interval.
        beats: all beats, those that were deleted among them, in order of time.
        rhythms: changes of rhythm that hold.
        verdicts: by alert what was said of it, the newest last.
    """

    interval: Interval
    journal: tuple[Act, ...]
    acts: tuple[Act, ...]
    beats: tuple[ReviewedBeat, ...]
    rhythms: tuple[RhythmMark, ...]
    verdicts: Mapping[str, tuple[Act, ...]]

    @property
    def recording(self) -> Recording:
        """The recording with the beats and rhythms that hold after review."""
        return replace(
            self.interval.recording,
            beats=tuple(BeatMark(one.sample, one.symbol) for one in self.beats if one.symbol),
            rhythms=self.rhythms,
        )

    @property
    def corrected(self) -> int:
        """How many beats are not as in the record: called otherwise, deleted or inserted."""
        return sum(one.symbol != one.original for one in self.beats)

    @property
    def confirmed(self) -> int:
        """How many beats a reviewer has called what the record calls them."""
        return sum(bool(one.act) and one.symbol == one.original for one in self.beats)

    def reviewers(self) -> Mapping[str, int]:
        """Return by reviewer how many beats are not as in the record by what they said."""
        return Counter(one.by for one in self.beats if one.symbol != one.original)


def read_reviewed(
    root: Path, device: str, start: float | None = None, end: float | None = None
) -> ReviewedInterval:
    """Read an interval and what reviewers said of it; arguments are those of `read_interval`.

    Raises:
        ArchiveError: nothing is kept of that time, or it cannot be read.
        ReviewError: the journal of reviews cannot be read.
    """
    return with_review(root, read_interval(root, device, start, end))


def with_review(root: Path, interval: Interval) -> ReviewedInterval:
    """Return an interval with what reviewers said of it.

    Raises:
        ReviewError: the journal of reviews cannot be read.
    """
    book = ReviewBook.open(root)
    try:
        first = interval.start - _MARGIN_S
        last = interval.start + interval.recording.duration_s + _MARGIN_S
        journal = tuple(book.acts(interval.device, first, last))
    finally:
        book.close()
    return laid_over(interval, journal)


def laid_over(interval: Interval, journal: Sequence[Act]) -> ReviewedInterval:
    """Return an interval with acts laid over it. Pure."""
    recording = interval.recording
    acts = tuple(_placed(interval, act) for act in in_effect(journal) if _is_within(interval, act))
    of_beats = [
        replace(act, samples=tuple(n for n in act.samples if 0 <= n < recording.n_samples))
        for act in acts
        if act.what is not ActKind.RHYTHM
    ]
    return ReviewedInterval(
        interval,
        tuple(journal),
        acts,
        tuple(folding.beats_of(recording.beats, of_beats)),
        folding.rhythms_of(recording.rhythms, acts, recording.n_samples),
        folding.verdicts_of(acts),
    )


def _is_within(interval: Interval, act: Act) -> bool:
    return act.what is ActKind.VERDICT or any(one.boot == act.boot for one in interval.sources)


def _placed(interval: Interval, act: Act) -> Act:
    offset = next((one.offset for one in interval.sources if one.boot == act.boot), 0)
    return replace(act, samples=tuple(n + offset for n in act.samples))
