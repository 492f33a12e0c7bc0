"""The tables of the index, and their rows. Pure.

A segment's row holds what its samples have in common as JSON: rarely asked for, and never searched.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from ecg_monitor.archive.kept.segments import LeadOff, Segment, Stream

TABLES = sa.MetaData()
META = sa.Table(
    "meta",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
CURSORS = sa.Table(
    "cursors",
    TABLES,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("entry", sa.Text, nullable=False),
)
SEGMENTS = sa.Table(
    "segments",
    TABLES,
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("boot", sa.Text, nullable=False),
    sa.Column("n0", sa.BigInteger, nullable=False),
    sa.Column("n1", sa.BigInteger, nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("added", sa.Float, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Index("segments_by_time", "device", "start"),
    sa.Index("segments_by_sample", "device", "boot", "n0"),
    sa.Index("segments_by_age", "added"),
)
ALARMS = sa.Table(
    "alarms",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("boot", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("onset", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Index("alarms_by_time", "device", "onset"),
)
HOLES = sa.Table(
    "holes",
    TABLES,
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)
COPIES = sa.Table(
    "copies",
    TABLES,
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("changed", sa.Float, nullable=False),
    sa.Column("copied", sa.Float),
    sa.Column("away", sa.Boolean, nullable=False),
)
"""Segments that are to be, or are, at the URL of the archive: when their files changed last, of
which change there is a copy, and whether that copy is all there is (`kept.copies`)."""


class SegmentRow(NamedTuple):
    """A segment as the index knows it.

    Attributes:
        place: path within the archive, without an ending.
        stream: what its samples have in common.
        n0: index of its first sample.
        n1: one past that of its last.
        start: Unix time of its first sample, s.
        end: Unix time at which it ends, s.
        size: bytes on disk.
        leadoff: stretches of detached leads.
        added: Unix time at which it came into the archive, s.
    """

    place: str
    stream: Stream
    n0: int
    n1: int
    start: float
    end: float
    size: int
    leadoff: tuple[LeadOff, ...] = ()
    added: float = 0.0

    @classmethod
    def of(cls, place: str, segment: Segment, size: int) -> Self:
        """Return the row of a segment that is written now."""
        return cls(
            place,
            segment.stream,
            segment.n0,
            segment.n1,
            segment.start,
            segment.end,
            size,
            segment.leadoff,
            time.time(),
        )


class Hole(NamedTuple):
    """A time, Unix s, of which entries of a partition were not read, and why."""

    partition: int
    start: float
    end: float
    why: str


class Summary(NamedTuple):
    """What is kept of a device: first and last Unix time, s, and bytes on disk."""

    device: str
    start: float
    end: float
    bytes: int


def upsert(table: sa.Table, values: Mapping[str, Any], key: str) -> Any:
    """Return the statement that writes a row, in place of one with the same key."""
    return (
        insert(table)
        .values(**values)
        .on_conflict_do_update(
            index_elements=[key],
            set_={name: value for name, value in values.items() if name != key},
        )
    )


def values_of(row: SegmentRow) -> dict[str, Any]:
    """Return the columns of a segment's row."""
    form = row.stream._asdict()
    device, boot = form.pop("device"), form.pop("boot")
    return {
        "place": row.place,
        "device": device,
        "boot": boot,
        "n0": row.n0,
        "n1": row.n1,
        "start": row.start,
        "end": row.end,
        "bytes": row.size,
        "added": row.added,
        "form": orjson.dumps({**form, "off": [list(span) for span in row.leadoff]}).decode(),
    }


def row_of(found: Any) -> SegmentRow:
    """Return a segment's row from its columns."""
    form = orjson.loads(found.form)
    stream = Stream(
        found.device,
        found.boot,
        form["fs"],
        tuple(form["leads"]),
        tuple(form["gain"]),
        tuple(form["baseline"]),
        form["stay"],
        form["patient"],
    )
    off = tuple(LeadOff(*span) for span in form["off"])
    return SegmentRow(
        found.place,
        stream,
        found.n0,
        found.n1,
        found.start,
        found.end,
        found.bytes,
        off,
        found.added,
    )
