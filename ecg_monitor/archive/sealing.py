"""Sealing: makes segments of what was gathered, and amends those that are older.

Beats come after their samples, alarms begin and end far apart, and a detector that was away catches
up: what is found about a segment that is sealed goes into its annotations, which are written anew.
Sealing twice what was sealed changes nothing, so a crash in the middle costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.archive.gathering import PartitionEntries, Source, beats_within
from ecg_monitor.archive.kept import files
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.marks import BEATS, NOTE, PULSE, RHYTHM, Mark
from ecg_monitor.archive.kept.segments import Segment, most_of
from ecg_monitor.archive.kept.tables import SegmentRow
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alerts.model import Alert

log = logging.getLogger("record")

UNNAMED = "(U"
"""Rhythm after one that the analysis has named has ended: it names none, which is not the same as
sinus rhythm, WFDB's ``(N``."""


@dataclass(frozen=True, slots=True)
class SealingResult:
    """What a sealing did.

    Attributes:
        segments: how many are new.
        size: bytes written.
        left_out: samples per lead that were not kept
            (`ecg_monitor.archive.kept.segments.MOST_SEGMENTS`).
    """

    segments: int = 0
    size: int = 0
    left_out: int = 0


def seal(
    root: Path,
    index: Index,
    gathered: PartitionEntries,
    cursors: Mapping[str, str],
) -> SealingResult:
    """Write what was gathered; when it returns, the archive has it and the journal may go.

    Args:
        root: folder of the archive.
        index: its index.
        gathered: what was gathered.
        cursors: by stream: id of the last entry in it.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
        ArchiveError: the index cannot be written.
    """
    rows: list[SegmentRow] = []
    left_out = size = 0
    for found in gathered.segments().values():
        kept, left = most_of(found)
        left_out += left
        for segment in kept:
            row = _write(root, index, gathered, segment)
            rows.append(row)
            size += row.size
    amended_places = _amend(root, index, gathered, rows)
    index.seal(cursors, rows, gathered.alarms.values(), amended=amended_places)
    return SealingResult(len(rows), size, left_out)


def marks_of(
    row: SegmentRow, beats: Iterable[Mark], pulses: Iterable[int], alarms: Sequence[Alert]
) -> list[Mark]:
    """Return the annotations of a segment.

    Args:
        row: the segment.
        beats: its beats, samples counted from its first.
        pulses: its pacemaker pulses, likewise.
        alarms: alarms of its device and boot.
    """
    length = row.n1 - row.n0
    marks = {*beats, *(Mark(at, PULSE) for at in pulses)}
    for lead, start, end in row.leadoff:
        marks |= _span(row, start, end, f"electrode off: {row.stream.leads[lead]}")
    for alarm in alarms:
        marks |= _span(row, alarm.n, alarm.ended_n, f"{alarm.priority} alarm: {alarm.kind}")
    return sorted(mark for mark in marks | _rhythms(row, alarms) if 0 <= mark.sample < length)


def _write(root: Path, index: Index, gathered: PartitionEntries, segment: Segment) -> SegmentRow:
    source = segment.stream.device, segment.stream.boot
    place = _free_place(index, segment)
    beats = beats_within(gathered.about(source)[0], segment.n0, segment.n1)
    row = SegmentRow.of(place, segment, 0)
    alarms = alarms_of(index, gathered, row)
    pulses = [at - segment.n0 for at in segment.pulses or ()]
    size = files.write_segment(root, place, segment, marks_of(row, beats, pulses, alarms))
    return row._replace(size=size)


def _free_place(index: Index, segment: Segment) -> str:
    """Return where a segment goes; a packet sent twice may have begun another of the same name."""
    place = first = files.place_of(segment)
    number = 1
    while index.knows(place):
        number += 1
        place = f"{first}r{number}"  # no "_2": that is the second signal file of the first
    return place


def _amend(
    root: Path, index: Index, gathered: PartitionEntries, written: Sequence[SegmentRow]
) -> list[str]:
    """Write the annotations anew of sealed segments about which something was found.

    Returns:
        their places: of some nothing may have changed, or not now but ahead of a crash.
    """
    fresh = {row.place for row in written}
    first: dict[Source, int] = {}
    for source, beats in gathered.beats.items():
        if beats:
            first[source] = min(mark.sample for mark in beats)
    for alarm in gathered.alarms.values():
        at = _first_changed(index.alarm(alarm.id), alarm)
        if at is not None:
            source = alarm.device, alarm.boot
            first[source] = min(at, first.get(source, at))
    places = []
    for (device, boot), at in first.items():
        for row in index.segments(device, boot=boot, samples=(at, 1 << 62)):
            if row.place not in fresh:
                _amend_one(root, index, gathered, row)
                places.append(row.place)
    return places


def amended(
    row: SegmentRow, known: Sequence[Mark], gathered: PartitionEntries, index: Index
) -> list[Mark]:
    """Return the annotations of a sealed segment with what was gathered about it since."""
    source = row.stream.device, row.stream.boot
    beats = {mark for mark in known if mark.symbol in BEATS}
    beats.update(beats_within(gathered.about(source)[0], row.n0, row.n1))
    pulses = [mark.sample for mark in known if mark.symbol == PULSE]
    return marks_of(row, beats, pulses, alarms_of(index, gathered, row))


def alarms_of(index: Index, gathered: PartitionEntries, row: SegmentRow) -> list[Alert]:
    """Return the alarms of a segment's device and boot that were present within it."""
    source = device, boot = row.stream.device, row.stream.boot
    found = {one.id: one for one in index.alarms(device, row.start, row.end, boot)}
    for alarm in gathered.about(source)[1]:
        known = found.get(alarm.id)
        found[alarm.id] = alarm if known is None else known.join(alarm)
    return list(found.values())


def _amend_one(root: Path, index: Index, gathered: PartitionEntries, row: SegmentRow) -> None:
    try:
        known = files.read_marks(root, row.place).marks()
    except ArchiveError as error:  # one file must not keep all that follows from the disk
        log.error("not amended: %s", error)
        return
    marks = amended(row, known, gathered, index)
    if marks != known:
        files.write_marks(root, row.place, marks)


def _first_changed(known: Alert | None, news: Alert) -> int | None:
    """Return the first sample about which news of an alarm say something, or None."""
    if known is None:
        return news.n
    joined = known.join(news)
    if joined.priority != known.priority:
        return news.n
    return joined.ended_n if joined.ended_n != known.ended_n else None


def _span(row: SegmentRow, start: int, end: int | None, what: str) -> set[Mark]:
    marks = {Mark(start - row.n0, NOTE, f"{what} begins")}
    if end is not None:
        marks.add(Mark(end - row.n0, NOTE, f"{what} ends"))
    return marks


def _rhythms(row: SegmentRow, alarms: Sequence[Alert]) -> set[Mark]:
    """Return the changes of rhythm: of those that are present the gravest counts."""
    spans = [
        (alarm.n - row.n0, None if alarm.ended_n is None else alarm.ended_n - row.n0, kind)
        for alarm in alarms
        if (kind := KINDS.get(alarm.kind)) is not None and kind.wfdb_rhythm
    ]
    edges = {at for start, end, _ in spans for at in (start, end) if at is not None and at > 0}
    over = any(end == 0 for _, end, _ in spans)  # with the last sample of the segment before
    marks, known = set(), "" if over else UNNAMED
    for at in sorted({0, *edges}):
        present = [kind for start, end, kind in spans if start <= at and (end is None or at < end)]
        name = min(present, key=lambda kind: kind.rank).wfdb_rhythm if present else UNNAMED
        if name != known:
            marks.add(Mark(at, RHYTHM, name))
            known = name
    return marks
