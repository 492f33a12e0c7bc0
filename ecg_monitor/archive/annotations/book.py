"""The journal of acts: an SQLite file beside the index, to which rows are added and never changed.

It is a file of its own, so that a reviewer never waits for the recorder, nor the recorder for a
reviewer, and an archive that was made before there were reviewers needs no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ecg_monitor.archive.annotations.acts import Act
from ecg_monitor.archive.kept.database import engine_of
from ecg_monitor.core.errors import ReviewError

FILE = "review.sqlite"
BUSY_S = 2.0
"""Longest wait for another reviewer who writes, s; less than a page waits for its answer."""

_TABLES = sa.MetaData()
ACTS = sa.Table(
    "acts",
    _TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Index("acts_by_time", "device", "start"),
    sqlite_autoincrement=True,  # numbers are never given twice
)


class ReviewBook:
    """The journal of one archive. Make it with `open`, end it with `close`."""

    def __init__(self, engine: sa.Engine | None, file: Path) -> None:
        self._engine = engine
        self._file = file

    @classmethod
    def open(cls, root: Path, *, make: bool = False) -> Self:
        """Open the journal in the folder of an archive; without a file there are no acts.

        Args:
            root: the folder.
            make: make the file if there is none.

        Raises:
            ReviewError: it cannot be opened.
        """
        file = root / FILE
        if not make and not file.is_file():
            return cls(None, file)
        book = cls(engine_of(file, BUSY_S), file)
        if make:
            with book._asking() as connection:
                _TABLES.create_all(connection)
                connection.commit()
        return book

    def close(self) -> None:
        """Give the file back."""
        if self._engine is not None:
            self._engine.dispose()

    def add(self, act: Act) -> Act:
        """Write an act; return it with its number.

        Raises:
            ReviewError: it cannot be written now: another reviewer writes, or the disk is full.
        """
        values = {
            "device": act.device,
            "start": act.start,
            "end": act.end,
            "facts": act.to_json(),
        }
        with self._asking() as connection:
            done = connection.execute(sa.insert(ACTS).values(values))
            connection.commit()
            key: Any = done.inserted_primary_key
            return replace(act, id=int(key[0]))

    def acts(self, device: str, start: float, end: float) -> list[Act]:
        """Return the acts about a time of a device, in order of their numbers.

        Args:
            device: device id.
            start: Unix time, s.
            end: Unix time, s.

        Raises:
            ReviewError: the journal cannot be read.
        """
        if self._engine is None:
            return []
        asked = (
            sa.select(ACTS.c.id, ACTS.c.facts)
            .where(ACTS.c.device == device, ACTS.c.start < end, ACTS.c.end >= start)
            .order_by(ACTS.c.id)
        )
        with self._asking() as connection:
            return [Act.from_json(row.facts, row.id) for row in connection.execute(asked)]

    def forget(self, device: str, before: float) -> int:
        """Remove the acts about what has left the archive; return how many.

        Args:
            device: device id.
            before: Unix time at which what is kept of it begins, s; infinite: nothing is kept.

        Raises:
            ReviewError: the journal cannot be written.
        """
        if self._engine is None:
            return 0
        with self._asking() as connection:
            gone = sa.delete(ACTS).where(ACTS.c.device == device, ACTS.c.end < before)
            count = connection.execute(gone).rowcount
            connection.commit()
            return count

    def devices(self) -> list[str]:
        """Return the devices about which there are acts.

        Raises:
            ReviewError: the journal cannot be read.
        """
        if self._engine is None:
            return []
        with self._asking() as connection:
            return list(connection.scalars(sa.select(ACTS.c.device).distinct()))

    @contextmanager
    def _asking(self) -> Iterator[sa.Connection]:
        if self._engine is None:
            raise ReviewError("{file} was opened to be read", file=self._file)
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            why = str(getattr(error, "orig", None) or error)
            if "locked" in why or "busy" in why:
                raise ReviewError(
                    "somebody else is writing at this moment: nothing was kept, try again"
                ) from error
            raise ReviewError("the journal of reviews fails: {why}", why=why) from error
