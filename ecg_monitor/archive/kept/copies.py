"""Which segments are copied to the URL of the archive, and which are there alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from ecg_monitor.archive.kept.tables import COPIES, SEGMENTS, SegmentRow, row_of

LEAST_STEP_S = 1e-3
_PENDING = sa.or_(COPIES.c.copied.is_(None), COPIES.c.copied < COPIES.c.changed)


class PendingCopy(NamedTuple):
    """A segment whose copy is not what is on this disk.

    Attributes:
        place: path within the archive, without an ending.
        changed: when it changed last, Unix s.
        away: whether its files have left this disk; what there is of them was written since.
    """

    place: str
    changed: float
    away: bool


def away(place: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a segment has left this disk, and a copy is all there is of it."""
    return place.in_(sa.select(COPIES.c.place).where(COPIES.c.away))


def mark_changed(connection: sa.Connection, places: Iterable[str]) -> None:
    """Say that the files of segments are new, or have changed; the caller commits."""
    for place in places:
        values = {"place": place, "changed": time.time(), "copied": None, "away": False}
        row = insert(COPIES).values(values)
        # Later than before, though the clock may have been set back: else it would pass for copied.
        later = sa.func.max(row.excluded.changed, COPIES.c.changed + LEAST_STEP_S)
        connection.execute(
            row.on_conflict_do_update(index_elements=["place"], set_={"changed": later})
        )


class Copies:
    """The copies of one archive, in its index.

    Args:
        asking: opens a connection; raises `ArchiveError` where the index fails.
    """

    def __init__(self, asking: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._asking = asking

    def begin(self) -> None:
        """Have all segments copied that were recorded before there was a URL.

        Raises:
            ArchiveError: the index cannot be written.
        """
        unknown = sa.select(SEGMENTS.c.place, sa.literal(time.time()), sa.null(), sa.false()).where(
            SEGMENTS.c.place.not_in(sa.select(COPIES.c.place))
        )
        with self._asking() as connection:
            columns = ["place", "changed", "copied", "away"]
            connection.execute(sa.insert(COPIES).from_select(columns, unknown))
            connection.commit()

    def begin_anew(self) -> None:
        """Have all that is on this disk copied again: the URL is another one.

        Raises:
            ArchiveError: the index cannot be written.
        """
        with self._asking() as connection:
            connection.execute(sa.update(COPIES).where(~COPIES.c.away).values(copied=None))
            connection.commit()

    def count_away(self) -> int:
        """Return how many segments have left this disk.

        Raises:
            ArchiveError: the index cannot be read.
        """
        with self._asking() as connection:
            asked = sa.select(sa.func.count()).select_from(COPIES).where(COPIES.c.away)
            return int(connection.scalar(asked) or 0)

    def pending(self, count: int) -> list[PendingCopy]:
        """Return segments that are to be copied, those that have waited longest first.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(COPIES.c.place, COPIES.c.changed, COPIES.c.away).where(_PENDING)
        with self._asking() as connection:
            found = connection.execute(asked.order_by(COPIES.c.changed).limit(count))
            return [PendingCopy(*row) for row in found]

    def waiting(self) -> int:
        """Return how many segments are to be copied.

        Raises:
            ArchiveError: the index cannot be read.
        """
        with self._asking() as connection:
            asked = sa.select(sa.func.count()).select_from(COPIES).where(_PENDING)
            return int(connection.scalar(asked) or 0)

    def copied(self, one: PendingCopy) -> None:
        """Say that a segment is copied as it was when `pending` told it.

        Raises:
            ArchiveError: the index cannot be written.
        """
        with self._asking() as connection:
            known = sa.update(COPIES).where(COPIES.c.place == one.place)
            connection.execute(known.values(copied=one.changed))
            connection.commit()

    def leave(self, places: Sequence[str]) -> list[str]:
        """Say that segments have left this disk.

        Args:
            places: of which segments.

        Returns:
            those of which there is a copy; of the others nothing is left.

        Raises:
            ArchiveError: the index cannot be written.
        """
        safe = sa.select(COPIES.c.place).where(COPIES.c.place.in_(places), ~_PENDING)
        with self._asking() as connection:
            there = list(connection.scalars(safe))
            connection.execute(sa.update(COPIES).where(COPIES.c.place.in_(there)).values(away=True))
            connection.commit()
        return there

    def away_since(
        self, before: float, devices: Sequence[str] | None, count: int
    ) -> list[SegmentRow]:
        """Return segments of which a copy is all there is, and which came before some time.

        Args:
            before: Unix time, s.
            devices: whose; None: all devices'.
            count: most of them, the oldest first.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(SEGMENTS).where(away(SEGMENTS.c.place), SEGMENTS.c.added < before)
        if devices is not None:
            asked = asked.where(of_devices(devices))
        with self._asking() as connection:
            found = connection.execute(asked.order_by(SEGMENTS.c.added).limit(count))
            return [row_of(row) for row in found]


def of_devices(devices: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a segment is of one of some devices."""
    # One parameter, however many there are: SQLite takes some 32 thousand in a statement.
    given = sa.func.json_each(orjson.dumps(list(devices)).decode()).table_valued("value")
    return SEGMENTS.c.device.in_(sa.select(given.c.value))
