"""From one device to another: three steps, each of which survives the death of who takes it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.store import Store, StoreError, within_reach
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.handling import standby_actions
from ecg_monitor.ward.alerts.handling.actions import end_pause, read_board
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.patients.actions import read_bed, read_beds, read_notes, write
from ecg_monitor.ward.patients.model import Bed, PendingTransfer, bed_from_json
from ecg_monitor.ward.patients.trail import ChangeKind

log = logging.getLogger("deliver")

SETTLE_S = 5.0
"""How often it is looked for transfers whose author is gone."""
TRIES = 5
"""A step is taken again when another writer came between."""


@dataclass(frozen=True, slots=True)
class Ward:
    """Where beds are kept: a client, and the number of partitions."""

    store: Store
    partitions: int

    def partition_of(self, device: str) -> int:
        """Return the partition of a device."""
        return keys.partition_of(device, self.partitions)

    async def bed(self, device: str) -> Bed:
        """Return the state of a bed."""
        return await read_bed(self.store, self.partition_of(device), device)

    async def make_ready(self, device: str, by: str) -> None:
        """End standby and audio pause, which were meant for the patient before."""
        partition = self.partition_of(device)
        await standby_actions.end(self.store, partition, device, by)
        await end_pause(self.store, partition, device, by)

    async def asks(self, device: str) -> bool:
        """Whether an alert of high priority about the heart has not been acknowledged."""
        board = await read_board(self.store, self.partition_of(device))
        return any(
            record.presence in (Presence.ON, Presence.LATCH)
            and record.alert.priority == "high"
            and record.alert.kind not in OF_DEVICE
            for record in board.of_device(device)
        )


async def awaited(store: Store, partitions: int) -> set[str]:
    """Return the devices that a patient is on the way to.

    A bed whose state is malformed names none: who reads it for its own sake says so.

    Args:
        store: client.
        partitions: their number.

    Raises:
        StoreError: Redis does not answer.
    """
    async with store.pipeline(transaction=False) as pipe:
        for partition in range(partitions):
            pipe.hvals(keys.patients(partition))
        beds: list[list[bytes]] = await pipe.execute()
    ways = [_way(text) for some in beds for text in some]
    return {device for device in ways if device}


def _way(text: bytes) -> str:
    """Return where the patient of a bed is going; empty if nowhere, or if nobody can tell."""
    try:
        leaving = bed_from_json(text).leaving
    except PatientError:
        return ""
    return "" if leaving is None else leaving.to


async def begin(ward: Ward, source: str, old: Bed, target: str, by: str) -> None:
    """Mark a bed as leaving: from here on the transfer is carried through, whoever dies.

    Args:
        ward: where the beds are.
        source: device that has the patient.
        old: its state, as its author has seen it.
        target: device that the patient goes to.
        by: who.

    Raises:
        PatientError: there is no patient, the target has one, or is the source; an alert of high
            priority waits at the source; or someone has changed the source meanwhile.
        StoreError: Redis does not answer.
    """
    if old.admission is None:
        raise PatientError("{device}: there is no patient to be transferred", device=source)
    if target == source:
        raise PatientError("{device}: the patient is there already", device=source)
    if (await ward.bed(target)).admission is not None:
        raise PatientError("{device}: there is a patient already", device=target)
    if await ward.asks(source):
        raise PatientError(
            "{device}: an alarm of high priority is not acknowledged; "
            "acknowledge it, then transfer",
            device=source,
        )
    transfer = secrets.token_hex(8)
    new = replace(old, by=by, leaving=PendingTransfer(transfer, target, by))
    partition = ward.partition_of(source)
    await write(
        ward.store, partition, source, old, new, ChangeKind.LEAVING, other=target, transfer=transfer
    )


async def finish(ward: Ward, source: str) -> None:
    """Carry through what `begin` has begun. Several may do so at the same time, or again.

    Raises:
        PatientError: the target has been taken: the patient stays at the source.
        StoreError: Redis does not answer.
    """
    for left in reversed(range(TRIES)):
        try:
            return await _finish(ward, source)
        except _TakenError as error:
            raise PatientError(str(error)) from error
        except PatientError:
            if not left:
                raise


async def settle(ward: Ward) -> None:
    """Finish transfers of authors that are gone, until cancelled.

    Raises:
        StoreError: Redis does not answer.
    """
    seen: set[str] = set()
    while True:
        await asyncio.sleep(SETTLE_S)
        seen = await settle_once(ward, seen)


async def settle_once(ward: Ward, seen: set[str]) -> set[str]:
    """Finish the transfers that were under way the last time already; return those that are now.

    Args:
        ward: where the beds are.
        seen: numbers of the transfers that were under way the last time.

    Raises:
        StoreError: Redis does not answer.
    """
    under_way = set()
    for partition in await within_reach(ward.store, ward.partitions):
        for device, bed in (await read_beds(ward.store, partition)).items():
            if bed.leaving is None:
                continue
            under_way.add(bed.leaving.transfer)
            if bed.leaving.transfer in seen:
                try:
                    await finish(ward, device)
                except (PatientError, StoreError) as error:
                    log.warning("transfer of %s: %s", device, error)
    return under_way


class _TakenError(PatientError):
    """The target has another patient."""


async def _finish(ward: Ward, source: str) -> None:
    bed = await ward.bed(source)
    leaving = bed.leaving
    if bed.admission is None or leaving is None:
        return
    partition, goal = ward.partition_of(source), ward.partition_of(leaving.to)
    target = await ward.bed(leaving.to)
    if target.arrival != leaving.transfer:
        if target.admission is not None:
            stays = replace(bed, by=leaving.by, leaving=None)
            await write(
                *(ward.store, partition, source, bed, stays, ChangeKind.STAYED),
                other=leaving.to,
                transfer=leaving.transfer,
            )
            raise _TakenError(f"{leaving.to}: there is a patient already; {source} keeps its own")
        arrives = replace(
            target,
            by=leaving.by,
            admission=bed.admission,
            leaving=None,
            arrival=leaving.transfer,
            own=None,
        )
        await write(
            *(ward.store, goal, leaving.to, target, arrives, ChangeKind.ARRIVED),
            other=source,
            transfer=leaving.transfer,
            notes=await read_notes(ward.store, partition, source),
        )
    await ward.make_ready(leaving.to, leaving.by)
    left = replace(bed, by=leaving.by, admission=None, leaving=None)
    await write(
        *(ward.store, partition, source, bed, left, ChangeKind.LEFT),
        other=leaving.to,
        transfer=leaving.transfer,
        notes=[],
    )
