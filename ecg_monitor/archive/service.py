"""The recorder's process: all partitions, retention, and its reports."""

from __future__ import annotations

import asyncio
import logging
from collections import ChainMap
from pathlib import Path

from ecg_monitor.archive.kept.copying import Copier, begin_copies
from ecg_monitor.archive.kept.elsewhere import RemoteStore
from ecg_monitor.archive.kept.index import PARTITIONS, Index
from ecg_monitor.archive.kept.terms import VARIABLE, TermsOfUnits
from ecg_monitor.archive.recorder import Figures, Lock, PartitionRecorder
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
        figures = Figures()
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
        partitions = [
            PartitionRecorder.open(client, root, index, number, figures, segment_s)
            for number in range(settings.partitions)
        ]
        log.info("recording %d partitions into %s", len(partitions), root)
        reported = [figures.to_map] + ([] if copying is None else [copying.figures.to_map])
        try:
            await run_together(
                [
                    report(client, ROLE, lambda: dict(ChainMap(*(told() for told in reported)))),
                    _clear_out(client, root, index, terms, units, figures),
                    *(one.run() for one in partitions),
                ]
            )
        finally:
            if copying is not None:
                await asyncio.to_thread(copying.stop)
            for one in partitions:
                one.close()
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
