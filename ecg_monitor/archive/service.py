"""The recorder's process: all partitions, retention, and its reports."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import ChainMap
from collections.abc import Sequence
from pathlib import Path

from ecg_monitor.archive.kept.copying import Copier, begin_copies
from ecg_monitor.archive.kept.elsewhere import RemoteStore
from ecg_monitor.archive.kept.index import PARTITIONS, Index
from ecg_monitor.archive.kept.journal import Entry
from ecg_monitor.archive.kept.terms import VARIABLE, TermsOfUnits
from ecg_monitor.archive.recorder import SEAL_S, Answer, Figures, Lock, PartitionRecorder
from ecg_monitor.archive.retention import clear_out_elsewhere, clear_out_units
from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import run_together
from ecg_monitor.ward.system.process_figures import ProcessFigures, report
from ecg_monitor.ward.units.reading import UnitCopy

log = logging.getLogger("record")

CLEAR_OUT_S = 60.0
ROLE = "record"
TURN_S = 2.0
"""Time between two readings, s: what a loss of power may cost, if Redis loses it as well."""
READ_COUNT = 5000
"""Most entries of a kind that are read in one turn, of all partitions together."""
FREE_BYTES = 2_000_000_000
"""Space that is left on the disk for others: twice that at which Redis's own file is in danger
(`ecg_monitor.ward.system.conditions.DISK_FREE_GB`)."""


class Recorder:
    """Records all partitions: one question to Redis, and one look at the disk, serve them all.

    Each has its own journal: what keeps one from being recorded leaves the others alone.

    Attributes:
        figures: what the recorder tells of itself.
    """

    def __init__(
        self, client: store.Store, root: Path, partitions: Sequence[PartitionRecorder],
        figures: Figures, free_bytes: int = FREE_BYTES,
    ) -> None:  # fmt: skip
        self._client = client
        self._root = root
        self._partitions = partitions
        by_number = {one.partition: one for one in partitions}
        self._groups = [
            [by_number[number] for number in some] for some in store.by_server(client, by_number)
        ]
        self.figures = figures
        self._free_bytes = free_bytes
        self._count = -(-READ_COUNT // len(partitions))

    @classmethod
    def open(
        cls, client: store.Store, root: Path, index: Index, partitions: int,
        seal_s: float = SEAL_S, free_bytes: int = FREE_BYTES,
    ) -> Recorder:  # fmt: skip
        """Take up where the last recorder ended.

        Raises:
            ArchiveError: the index or a journal cannot be read.
        """
        figures = Figures()
        some = [
            PartitionRecorder.open(client, root, index, number, figures, seal_s)
            for number in range(partitions)
        ]
        return cls(client, root, some, figures, free_bytes)

    async def run(self) -> None:
        """Record until cancelled."""
        await run_together(self._run(group) for group in self._groups)

    async def _run(self, group: Sequence[PartitionRecorder]) -> None:
        """Record the partitions of one server."""
        while True:
            try:
                caught_up = await self._turn(group)
            except store.StoreError as error:
                log.warning("nothing is recorded of %s: Redis is away: %s", _named(group), error)
                caught_up = True
            except (OSError, ArchiveError) as error:
                for one in group:
                    one.hold(str(error))
                caught_up = True
            if caught_up:
                await asyncio.sleep(TURN_S)

    async def turn(self) -> bool:
        """Read and journal once, seal what is due; return whether nothing more waits.

        A partition that the disk does not take is held (`Figures.held`), and read again next time.

        Raises:
            StoreError: Redis does not answer.
            OSError: the disk cannot be looked at.
            ArchiveError: too little space is left.
        """
        return all([await self._turn(group) for group in self._groups])

    async def _turn(self, group: Sequence[PartitionRecorder]) -> bool:
        if shutil.disk_usage(self._root).free < self._free_bytes:
            left = f"{self._free_bytes / 1e9:.1f} GB"
            raise ArchiveError(f"less than {left}, which others need, are left in {self._root}")
        answers = await self._ask(group)
        read: list[tuple[PartitionRecorder, Answer, list[Entry]]] = []
        for one, answer in zip(group, answers, strict=True):
            try:
                read.append((one, answer, await one.read(answer)))
            except ArchiveError as error:
                one.hold(str(error))
        caught_up = True
        for (one, answer, entries), failure in zip(
            read, await asyncio.to_thread(_journaled, read), strict=True
        ):
            if failure is not None:
                one.hold(str(failure))
                continue
            one.keep(answer, entries)
            waits = any(len(some) >= self._count for some in answer.found.values())
            caught_up = caught_up and not waits
            if waits or await self._sealed(one):
                one.go_on()
        return caught_up

    async def seal(self) -> None:
        """Make segments of what was gathered.

        Raises:
            OSError: the disk takes nothing.
            ArchiveError: likewise, of the index.
        """
        for one in self._partitions:
            await asyncio.to_thread(one.seal)

    def close(self) -> None:
        """Give the journals back; what is in them is taken up by the next recorder."""
        for one in self._partitions:
            one.close()

    async def _ask(self, group: Sequence[PartitionRecorder]) -> list[Answer]:
        """Return what Redis says of each partition of one server.

        All is of one moment, so that what is trimmed between two readings is never overlooked.

        Raises:
            StoreError: Redis does not answer.
        """
        async with self._client.pipeline(transaction=True) as pipe:
            for one in group:
                one.ask(pipe)
            positions = dict(ChainMap(*(one.positions for one in group)))
            pipe.xread(positions, count=self._count)  # type: ignore[arg-type]
            *said, found = await pipe.execute(raise_on_error=False)
        for answer in (found, *said[1::2]):
            if isinstance(answer, store.StoreError):
                raise answer
        entries = {name.decode(): some for name, some in found or ()}
        answers = []
        for one, wave, patients in zip(group, said[::2], said[1::2], strict=True):
            own = {name: entries[name] for name in one.positions if name in entries}
            answers.append(Answer(wave, patients, own))
        return answers

    async def _sealed(self, one: PartitionRecorder) -> bool:
        """Seal a partition if it is due; return whether it need not be held."""
        try:
            if one.is_due:
                await asyncio.to_thread(one.seal)
        except (OSError, ArchiveError) as error:
            one.hold(str(error))
            return False
        return True


def _named(group: Sequence[PartitionRecorder]) -> str:
    return "partitions " + ", ".join(str(one.partition) for one in group)


def _journaled(
    read: Sequence[tuple[PartitionRecorder, Answer, list[Entry]]],
) -> list[OSError | None]:
    """Write what was read into the journals; return what kept each from it."""
    failures: list[OSError | None] = []
    for one, _, entries in read:
        try:
            one.journal(entries)
            failures.append(None)
        except OSError as error:
            failures.append(error)
    return failures


async def record(settings: Settings, segment_s: float) -> None:
    """Record until cancelled.

    Args:
        settings: Redis, partitions, folder, retention.
        segment_s: length of a segment, s of arrival.

    Raises:
        ServiceError: Redis cannot be reached at the start.
        ArchiveError: the archive cannot be opened, or another recorder writes to it.
        SettingsError: what is set of care units is malformed.
    """
    terms = TermsOfUnits.of(settings)
    root = settings.archive_dir
    if settings.archive_url:
        RemoteStore(settings.archive_url).check()
    client = store.connect(settings.require("redis_url"))
    lock = Lock(root)
    try:
        await store.check(client)
        index = Index.open(root, make=True)
        index.seal({PARTITIONS: str(settings.partitions)})
        units = UnitCopy()
        copying = None
        if settings.archive_url:
            begin_copies(root, index, settings.archive_url)
            copying = Copier(
                root,
                index,
                settings.archive_url,
                lambda: clear_out_elsewhere(root, index, terms, units.book),
            )
            copying.start()
        recorder = Recorder.open(client, root, index, settings.partitions, segment_s)
        figures = recorder.figures
        log.info("recording %d partitions into %s", settings.partitions, root)
        reported = [figures.to_map] + ([] if copying is None else [copying.figures.to_map])
        try:
            await run_together(
                [
                    report(client, ROLE, lambda: dict(ChainMap(*(told() for told in reported)))),
                    _clear_out(client, root, index, terms, units, figures),
                    recorder.run(),
                ]
            )
        finally:
            if copying is not None:
                await asyncio.to_thread(copying.stop)
            recorder.close()
            index.close()
            await _take_leave(client)
    finally:
        lock.release()
        await client.aclose()


async def _take_leave(client: store.Store) -> None:
    """Take the report back: a recorder that was stopped is not missed, one that died is."""
    try:
        await client.hdel(keys.THROUGHPUT, ProcessFigures(ROLE).name)
    except store.StoreError as error:
        log.debug("the report is not taken back: %s", error)


async def _clear_out(
    client: store.Store,
    root: Path,
    index: Index,
    terms: TermsOfUnits,
    units: UnitCopy,
    figures: Figures,
) -> None:
    """Remove what is to leave, until cancelled; what units have terms for, once they are known."""
    unknown: list[str] = []
    while True:
        removed = 0
        try:
            if terms.units:
                await units.refresh(client)
            if terms.unknown(units.book) != unknown:
                unknown = terms.unknown(units.book)
                told = ", ".join(unknown) or "none of them any more"
                log.warning("%s, names of no care unit: %s", VARIABLE, told)
            removed = await asyncio.to_thread(clear_out_units, root, index, terms, units.book)
        except store.StoreError as error:
            log.warning("old records are not removed: Redis is away: %s", error)
        except (OSError, ArchiveError) as error:
            log.error("old records are not removed: %s", error)
        figures.removed += removed
        await asyncio.sleep(0.0 if removed else CLEAR_OUT_S)
