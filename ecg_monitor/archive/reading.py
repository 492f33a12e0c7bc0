"""Reading what was recorded: signals, beats, rhythms and alarms of a device at any time.

Segments and what the journal holds beyond them are one to a reader, so the newest second is there
as well. `read_interval` and `recordings` are what other packages use.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ecg_monitor.archive.gathering import PartitionEntries, beats_within
from ecg_monitor.archive.kept import files, journal
from ecg_monitor.archive.kept.index import PARTITIONS, Index, onset_of
from ecg_monitor.archive.kept.marks import BEATS, PULSE, Mark
from ecg_monitor.archive.kept.segments import Segment
from ecg_monitor.archive.kept.tables import SegmentRow, Summary
from ecg_monitor.archive.laying import fill, form_of, rhythms_of
from ecg_monitor.archive.sealing import alarms_of, amended, marks_of
from ecg_monitor.core.errors import ArchiveError, NothingRecordedError
from ecg_monitor.core.keys import partition_of
from ecg_monitor.core.types import Int16Array, Priority
from ecg_monitor.records.recording import (
    INVALID_SAMPLE,
    BeatMark,
    Recording,
    stretches,
)
from ecg_monitor.ward.alerts.model import Alert

MOST_BYTES = 1 << 30
"""Largest signal that is read at once: three days of two leads at 1000 Hz."""


class AlarmMark(NamedTuple):
    """An alarm in an interval.

    Attributes:
        kind: alarm condition.
        priority: highest that it had.
        onset_s: when it began, s from the start of the interval; negative: before.
        end_s: when it ended, likewise; None: it was not over when this was read.
        id: identity of the alert.
    """

    kind: str
    priority: Priority
    onset_s: float
    end_s: float | None
    id: str = ""


class Source(NamedTuple):
    """Where samples of an interval come from.

    Attributes:
        boot: power-up of the device.
        start: index within the interval of the first of them.
        end: one past that of the last.
        offset: what is added to an index of the power-up to get one of the interval.
    """

    boot: str
    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """What was recorded of a device within a time.

    Attributes:
        device: device id.
        start: Unix time of sample 0, s.
        recording: signals, with gaps and detached leads as stretches without a value; beats by
            their AAMI class (``N S V F Q``, or WFDB symbols of an imported record); rhythms, where
            ``(U`` is none that the analysis names.
        alarms: alarms that were present within it, in order of onset.
        pulses: sample indices of pacemaker pulses that the device found.
        stays: identities of the stays whose samples these are, in order; empty for nobody.
        notes: what is not as recorded, or is missing for a known reason, in words.
        sources: which power-ups its samples are of; where two lie over each other, the first one.
    """

    device: str
    start: float
    recording: Recording
    alarms: tuple[AlarmMark, ...] = ()
    pulses: tuple[int, ...] = ()
    stays: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    def origin(self, sample: int) -> tuple[str, int] | None:
        """Return the power-up that a sample is of and its index there; None for none."""
        for one in self.sources:
            if one.start <= sample < one.end:
                return one.boot, sample - one.offset
        return None


def recordings(root: Path) -> tuple[Summary, ...]:
    """Return what is kept, by device: first and last Unix time, s, and bytes on disk.

    Args:
        root: folder of the archive.

    Raises:
        ArchiveError: there is no archive, or it cannot be read.
    """
    fresh: dict[str, list[float]] = {}
    for file in sorted((root / journal.FOLDER).glob("*.log")):
        for entry in journal.read(file):
            if entry.kind == "w":
                fresh.setdefault(entry.device, []).append(float(entry.head))
    index = Index.open(root)
    try:
        found = {one.device: one for one in index.summaries()}
    finally:
        index.close()
    for device, times in fresh.items():
        known = found.get(device, Summary(device, min(times), max(times), 0))
        found[device] = known._replace(end=max(known.end, *times))
    return tuple(found[device] for device in sorted(found))


def read_interval(
    root: Path, device: str, start: float | None = None, end: float | None = None
) -> Interval:
    """Read what was recorded of a device.

    Leads that came and went are all there; where two power-ups lie over each other, the one that
    has brought more is taken; a rate other than the one of most samples is left out. The notes say
    so. The interval is cut to what there is: its ``start`` may be later than the one asked for.

    Args:
        root: folder of the archive.
        device: device id.
        start: Unix time from which, s; None: from the first sample kept.
        end: Unix time up to which, s; None: up to the last.

    Raises:
        ArchiveError: nothing is kept of that time, it is too long to be read at once, or there is
            no archive. A file that is missing or damaged is a gap, and a note.
    """
    low, high = -math.inf if start is None else start, math.inf if end is None else end
    if low >= high:
        raise ArchiveError(f"{device}: the interval must end after its start")
    index = Index.open(root)
    try:
        # The journal first: what is sealed meanwhile is then seen twice, not never.
        gathered = journaled(root, device, index)
        rows = index.segments(device, start, end)
        parts: list[_Part] = [_SealedSegment(root, row, gathered, index) for row in rows]
        fresh = gathered.segments().get(device, [])
        fresh = [one for one in fresh if one.end > low and one.start < high]
        parts += [_Fresh(one, gathered, index) for one in fresh]
        if not parts:
            raise NothingRecordedError(_nothing(root, device, low, high))
        parts, left_out = _of_one_rate(parts, low, high)
        # Of a boot its first samples tell the time: the others follow by their indices, though a
        # clock may have been set back meanwhile. What else is known stands under its own time.
        earliest = min(part.row.start for part in parts)
        span = max(low, earliest), min(high, max(part.row.end for part in parts))
        facts = {one.id: one for one in index.alarms(device, *span)}
        for alarm in gathered.alarms.values():
            if alarm.device == device and onset_of(alarm) < span[1]:
                known = facts.get(alarm.id)
                facts[alarm.id] = alarm if known is None else known.join(alarm)
        holes = index.holes(*span, partition_of(device, int(index.cursors().get(PARTITIONS, 1))))
        notes = [f"{_time(one.start)} to {_time(one.end)}: {one.why}" for one in holes]
        first = min(row.start for row in _first_of(parts).values())
        span = max(low, first), high
        return _joined(device, parts, span, list(facts.values()), [*left_out, *notes])
    finally:
        index.close()


class _SealedSegment:
    """A segment on disk."""

    def __init__(
        self, root: Path, row: SegmentRow, gathered: PartitionEntries, index: Index
    ) -> None:
        self.row = row
        self._root = root
        self._gathered = gathered
        self._index = index

    def samples(self, first: int, last: int) -> Int16Array:
        row = self.row
        return files.read_samples(self._root, row.place, len(row.stream.leads), first, last)

    def marks(self, at: int, length: int) -> list[Mark]:
        """Return those of a stretch that the segment begins at index ``at`` of, and its rhythms."""
        known = files.read_marks(self._root, self.row.place)
        if not any(self._gathered.about((self.row.stream.device, self.row.stream.boot))):
            return known.marks(at, length)
        return _laid(amended(self.row, known.marks(), self._gathered, self._index), at)


class _Fresh:
    """A segment as it would be if it were sealed now."""

    def __init__(self, segment: Segment, gathered: PartitionEntries, index: Index) -> None:
        self.row = SegmentRow.of("", segment, 0)
        self._segment = segment
        self._gathered = gathered
        self._index = index

    def samples(self, first: int, last: int) -> Int16Array:
        return self._segment.samples[:, first:last]

    def marks(self, at: int, length: int) -> list[Mark]:  # noqa: ARG002 - few are beyond it
        """Return those of a stretch that the segment begins at index ``at`` of, and its rhythms."""
        row = self.row
        beats, _ = self._gathered.about((row.stream.device, row.stream.boot))
        pulses = [at - row.n0 for at in self._segment.pulses or ()]
        alarms = alarms_of(self._index, self._gathered, row)
        return _laid(marks_of(row, beats_within(beats, row.n0, row.n1), pulses, alarms), at)


_Part = _SealedSegment | _Fresh


def journaled(root: Path, device: str, index: Index) -> PartitionEntries:
    """Return what the journal holds of a device.

    Args:
        root: folder of the archive.
        device: device id.
        index: its index.

    Raises:
        ArchiveError: the index cannot be read.
    """

    def known_start(device: str, boot: str, fs: float) -> tuple[float | None, float]:
        row = index.newest(device, boot, fs)
        return (None, 0.0) if row is None else (row.start - row.n0 / fs, row.end)

    gathered = PartitionEntries(known_start)
    count = index.cursors().get(PARTITIONS)
    partition = "*" if count is None else str(partition_of(device, int(count)))
    for file in sorted((root / journal.FOLDER).glob(f"{partition}.log")):
        for entry in journal.read(file, device):
            gathered.take(entry)
    return gathered


def _of_one_rate(parts: Sequence[_Part], low: float, high: float) -> tuple[list[_Part], list[str]]:
    """Return the parts of the rate that most of the time has, and what that leaves out."""
    lasts: dict[float, float] = {}
    for part in parts:
        row = part.row
        lasts[row.stream.fs] = (
            lasts.get(row.stream.fs, 0.0) + min(row.end, high) - max(row.start, low)
        )
    best = max(lasts, key=lambda fs: lasts[fs])
    notes = [
        f"{seconds:.0f} s at {fs:g} Hz are left out: the rest has {best:g} Hz"
        for fs, seconds in lasts.items()
        if fs != best
    ]
    return [part for part in parts if part.row.stream.fs == best], notes


def _joined(
    device: str,
    parts: Sequence[_Part],
    span: tuple[float, float],
    facts: Sequence[Alert],
    notes: list[str],
) -> Interval:
    fs = parts[0].row.stream.fs
    offsets = _offsets(parts, span[0], fs)
    # By indices: the clock of a segment may have been fitted better than that of the one before.
    length = max(offsets[part.row.stream.boot] + part.row.n1 for part in parts)
    length = max(1, round(min(length, (span[1] - span[0]) * fs)))
    leads, scales = form_of([part.row for part in parts], notes)
    if length * len(leads) * 2 > MOST_BYTES:
        raise ArchiveError(
            f"{device}: {length / fs / 3600:.0f} h are too much to be read at once; ask "
            "for a part of that time"
        )
    samples = np.full((len(leads), length), INVALID_SAMPLE, np.int16)
    brought: dict[str, int] = {}
    for part in parts:
        boot = part.row.stream.boot
        brought[boot] = brought.get(boot, 0) + part.row.n1 - part.row.n0
    marks: set[Mark] = set()
    sources: list[Source] = []
    for part in sorted(parts, key=lambda one: (-brought[one.row.stream.boot], one.row.start)):
        offset = offsets[part.row.stream.boot]
        at = offset + part.row.n0
        sources.append(
            Source(part.row.stream.boot, max(0, at), min(length, offset + part.row.n1), offset)
        )
        try:
            fill(samples, part.row, part.samples, at, leads, scales)
            marks.update(part.marks(at, length))
        except ArchiveError as error:  # the rest is worth having
            notes.append(str(error))
    inside = sorted(mark for mark in marks if 0 <= mark.sample < length)
    return Interval(
        device,
        span[0],
        Recording(
            name=device,
            fs=fs,
            leads=leads,
            gain=tuple(gain for gain, _ in scales),
            baseline=tuple(baseline for _, baseline in scales),
            samples=samples,
            beats=tuple(BeatMark(one.sample, one.symbol) for one in inside if one.symbol in BEATS),
            rhythms=rhythms_of(marks, length),
            invalid=stretches(samples != INVALID_SAMPLE),
            notes=tuple(notes),
        ),
        _alarm_marks(facts, offsets, span[0], fs),
        tuple(one.sample for one in inside if one.symbol == PULSE),
        tuple(dict.fromkeys(part.row.stream.stay for part in parts)),
        tuple(notes),
        tuple(sources),
    )


def _laid(marks: Sequence[Mark], at: int) -> list[Mark]:
    return [Mark(at + sample, symbol, aux) for sample, symbol, aux in marks]


def _offsets(parts: Sequence[_Part], start: float, fs: float) -> dict[str, int]:
    """Return by boot what is added to a sample index of its own to get one of the interval.

    Segments of a boot follow each other by their indices, whatever their clock was taken for.
    """
    first = _first_of(parts)
    return {boot: round((row.start - start) * fs) - row.n0 for boot, row in first.items()}


def _first_of(parts: Sequence[_Part]) -> dict[str, SegmentRow]:
    """Return by boot the segment with the first of its samples."""
    first: dict[str, SegmentRow] = {}
    for row in (part.row for part in parts):
        boot = row.stream.boot
        if boot not in first or row.n0 < first[boot].n0:
            first[boot] = row
    return first


def _alarm_marks(
    facts: Sequence[Alert], offsets: Mapping[str, int], start: float, fs: float
) -> tuple[AlarmMark, ...]:
    def found() -> Iterator[AlarmMark]:
        for one in facts:
            offset = offsets.get(one.boot)
            onset = onset_of(one) - start if offset is None else (offset + one.n) / fs
            end = None if one.cleared_at is None else one.cleared_at - start
            if offset is not None and one.ended_n is not None:
                end = (offset + one.ended_n) / fs
            if end is None or end > 0:
                yield AlarmMark(one.kind, one.priority, onset, end, one.id)

    return tuple(sorted(found(), key=lambda mark: (mark.onset_s, mark.kind)))


def _nothing(root: Path, device: str, low: float, high: float) -> str:
    known = {one.device: one for one in recordings(root)}
    if device not in known:
        return f"nothing is recorded of {device}; there are {', '.join(known) or 'no recordings'}"
    one = known[device]
    asked = f"{_time(low)} to {_time(high)}"
    return (
        f"nothing of {device} is recorded from {asked}: {_time(one.start)} to {_time(one.end)} is"
    )


def _time(at: float) -> str:
    if math.isinf(at):
        return "the beginning" if at < 0 else "now"
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
