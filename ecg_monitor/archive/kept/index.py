"""The index of the archive: which segments there are, alarms, holes, and how far streams were read.

An SQLite file beside the records, written ahead (WAL), so that pages read while the recorder
writes. A sealing is one transaction: its segments become known and the cursors move, or neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from ecg_monitor.archive.kept.copies import Copies, away, mark_changed, of_devices
from ecg_monitor.archive.kept.database import engine_of
from ecg_monitor.archive.kept.elsewhere import url_of
from ecg_monitor.archive.kept.tables import (
    ALARMS,
    COPIES,
    CURSORS,
    HOLES,
    META,
    SEGMENTS,
    TABLES,
    Hole,
    SegmentRow,
    Summary,
    row_of,
    upsert,
    values_of,
)
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.ward.alerts.model import Alert

FILE = "index.sqlite"
VERSION = 1
PARTITIONS = "partitions"
"""Name beside the cursors of how many partitions there are."""
BUSY_S = 10.0
"""Longest wait for another process that writes, s."""


class Index:
    """The index of one archive. Make it with `open`, end it with `close`.

    Attributes:
        copies: which segments are copied to the URL of the archive.
    """

    def __init__(self, engine: sa.Engine, file: Path) -> None:
        self._engine = engine
        self._file = file
        self._copying = url_of(file.parent) is not None
        self.copies = Copies(self._asking)

    @classmethod
    def open(cls, root: Path, *, make: bool = False) -> Self:
        """Open the index in the folder of an archive.

        Args:
            root: the folder.
            make: make it if there is none.

        Raises:
            ArchiveError: there is none, it cannot be read, or it is of another version.
        """
        file = root / FILE
        if not make and not file.is_file():
            raise ArchiveError(
                f"{root}: nothing has been recorded there; `ecg-monitor record` does, and "
                "ECG_ARCHIVE names the folder"
            )
        engine = engine_of(file, BUSY_S)
        index = cls(engine, file)
        with index._asking() as connection:
            if make:
                _create(connection)
                first = {"name": "version", "value": str(VERSION)}
                connection.execute(insert(META).values(first).on_conflict_do_nothing())
                connection.commit()
            version = connection.scalar(sa.select(META.c.value).where(META.c.name == "version"))
        if version != str(VERSION):
            index.close()
            raise ArchiveError(
                f"{file}: is of version {version}, and this reads {VERSION}; give ECG_ARCHIVE "
                "another folder"
            )
        return index

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def seal(
        self,
        cursors: Mapping[str, str],
        segments: Iterable[SegmentRow] = (),
        alarms: Iterable[Alert] = (),
        holes: Iterable[Hole] = (),
        amended: Iterable[str] = (),
    ) -> None:
        """Make what was sealed known, and move the cursors, in one transaction.

        Args:
            cursors: by stream: id of the last entry that has been dealt with.
            segments: those that are new, or have been written anew.
            alarms: facts that are new; they are joined with what is known.
            holes: what was not read.
            amended: places of other segments whose annotations may have been written anew.

        Raises:
            ArchiveError: the index cannot be written.
        """
        with self._asking() as connection:
            changed = list(amended)
            for row in segments:
                connection.execute(upsert(SEGMENTS, values_of(row), "place"))
                changed.append(row.place)
            if self._copying:
                mark_changed(connection, changed)
            for alert in alarms:
                known = connection.scalar(sa.select(ALARMS.c.facts).where(ALARMS.c.id == alert.id))
                facts = alert if known is None else Alert.from_json(known).join(alert)
                values = {
                    "id": facts.id,
                    "device": facts.device,
                    "boot": facts.boot,
                    "n": facts.n,
                    "onset": onset_of(facts),
                    "ended": facts.cleared_at,
                    "facts": facts.to_json(),
                }
                connection.execute(upsert(ALARMS, values, "id"))
            for hole in holes:
                connection.execute(sa.insert(HOLES).values(hole._asdict()))
            for stream, entry in cursors.items():
                values = {"stream": stream, "entry": entry}
                connection.execute(upsert(CURSORS, values, "stream"))
            connection.commit()

    def cursors(self) -> dict[str, str]:
        """Return by stream the id of the last entry that has been dealt with.

        Raises:
            ArchiveError: the index cannot be read.
        """
        with self._asking() as connection:
            rows = connection.execute(sa.select(CURSORS.c.stream, CURSORS.c.entry))
            return {row.stream: row.entry for row in rows}

    def segments(
        self,
        device: str,
        start: float | None = None,
        end: float | None = None,
        *,
        boot: str | None = None,
        samples: tuple[int, int] | None = None,
    ) -> list[SegmentRow]:
        """Return segments of a device in order of time.

        Args:
            device: device id.
            start: only those that end after this Unix time, s.
            end: only those that begin before this Unix time, s.
            boot: only those of this power-up.
            samples: only those that hold some of these sample indices (end exclusive).

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(SEGMENTS).where(SEGMENTS.c.device == device)
        if start is not None:
            asked = asked.where(SEGMENTS.c.end > start)
        if end is not None:
            asked = asked.where(SEGMENTS.c.start < end)
        if boot is not None:
            asked = asked.where(SEGMENTS.c.boot == boot)
        if samples is not None:
            asked = asked.where(SEGMENTS.c.n0 < samples[1], SEGMENTS.c.n1 > samples[0])
        asked = asked.order_by(SEGMENTS.c.start, SEGMENTS.c.place)
        with self._asking() as connection:
            return [row_of(found) for found in connection.execute(asked)]

    def newest(self, device: str, boot: str, fs: float) -> SegmentRow | None:
        """Return the last segment of a power-up at a sampling rate, Hz.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = (
            sa.select(SEGMENTS)
            .where(SEGMENTS.c.device == device, SEGMENTS.c.boot == boot)
            .order_by(SEGMENTS.c.n1.desc())
        )
        with self._asking() as connection:
            rows = map(row_of, connection.execute(asked.limit(8)))
            return next((row for row in rows if row.stream.fs == fs), None)

    def oldest(self, count: int, devices: Sequence[str] | None = None) -> list[SegmentRow]:
        """Return the segments that came first and are on this disk, of some devices; None: of all.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(SEGMENTS).where(~away(SEGMENTS.c.place))
        asked = asked.order_by(SEGMENTS.c.added, SEGMENTS.c.start).limit(count)
        if devices is not None:
            asked = asked.where(of_devices(devices))
        with self._asking() as connection:
            return [row_of(found) for found in connection.execute(asked)]

    def size(self, devices: Sequence[str] | None = None) -> int:
        """Return the bytes of all segments on this disk of some devices; None: of all.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(sa.func.sum(SEGMENTS.c.bytes)).where(~away(SEGMENTS.c.place))
        if devices is not None:
            asked = asked.where(of_devices(devices))
        with self._asking() as connection:
            return int(connection.scalar(asked) or 0)

    def knows(self, place: str) -> bool:
        """Return whether there is a segment in this place.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(SEGMENTS.c.place).where(SEGMENTS.c.place == place)
        with self._asking() as connection:
            return connection.scalar(asked) is not None

    def forget(self, places: Sequence[str]) -> None:
        """Take segments off the index, and alarms and holes that are older than all that is kept.

        Raises:
            ArchiveError: the index cannot be written.
        """
        with self._asking() as connection:
            connection.execute(sa.delete(SEGMENTS).where(SEGMENTS.c.place.in_(places)))
            connection.execute(sa.delete(COPIES).where(COPIES.c.place.in_(places)))
            oldest = connection.scalar(sa.select(sa.func.min(SEGMENTS.c.start)))
            if oldest is not None:
                connection.execute(sa.delete(HOLES).where(HOLES.c.end < oldest))
            first = (
                sa.select(sa.func.min(SEGMENTS.c.start))
                .where(SEGMENTS.c.device == ALARMS.c.device)
                .scalar_subquery()
            )
            # Of a device without any record those go that are older than all records.
            since = sa.func.coalesce(first, oldest)
            connection.execute(sa.delete(ALARMS).where(ALARMS.c.onset < since))
            connection.commit()

    def alarms(self, device: str, start: float, end: float, boot: str | None = None) -> list[Alert]:
        """Return the alarms of a device that were present within a time, in order of onset.

        Args:
            device: device id.
            start: Unix time, s.
            end: Unix time, s.
            boot: only those of this power-up.

        Raises:
            ArchiveError: the index cannot be read.
        """
        column = ALARMS.c
        asked = (
            sa.select(column.facts)
            .where(column.device == device, column.onset < end)
            .where(sa.or_(column.ended.is_(None), column.ended > start))
            .order_by(column.onset, column.id)
        )
        if boot is not None:
            asked = asked.where(column.boot == boot)
        with self._asking() as connection:
            return [Alert.from_json(facts) for facts in connection.scalars(asked)]

    def alarm(self, identity: str) -> Alert | None:
        """Return what is known of one alarm.

        Raises:
            ArchiveError: the index cannot be read.
        """
        with self._asking() as connection:
            facts = connection.scalar(sa.select(ALARMS.c.facts).where(ALARMS.c.id == identity))
        return None if facts is None else Alert.from_json(facts)

    def holes(self, start: float, end: float, partition: int) -> list[Hole]:
        """Return what was not read of a partition within a time, Unix s.

        Raises:
            ArchiveError: the index cannot be read.
        """
        asked = sa.select(HOLES).where(
            HOLES.c.end > start, HOLES.c.start < end, HOLES.c.partition == partition
        )
        with self._asking() as connection:
            return [Hole(*row) for row in connection.execute(asked.order_by(HOLES.c.start))]

    def summaries(self) -> list[Summary]:
        """Return what is kept, by device.

        Raises:
            ArchiveError: the index cannot be read.
        """
        column = SEGMENTS.c
        asked = (
            sa.select(
                column.device,
                sa.func.min(column.start),
                sa.func.max(column.end),
                sa.func.sum(column.bytes),
            )
            .group_by(column.device)
            .order_by(column.device)
        )
        with self._asking() as connection:
            return [Summary(*row) for row in connection.execute(asked)]

    @contextmanager
    def _asking(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            why = getattr(error, "orig", None) or error
            raise ArchiveError(f"{self._file}: {why}") from error


def onset_of(alert: Alert) -> float:
    """Return when an alarm began, Unix s; when it was raised, where nothing else is known."""
    return alert.raised_at if alert.onset_at is None else alert.onset_at


def _create(connection: sa.Connection) -> None:
    """Make what is not there yet; a recorder and an import may do so at once."""
    for table in TABLES.sorted_tables:
        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        for one in table.indexes:
            connection.execute(sa.schema.CreateIndex(one, if_not_exists=True))
