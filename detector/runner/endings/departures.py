"""Devices that are gone: all that is kept of them ends, in memory and in Redis.

Otherwise every id that was ever published would stay for good. Gone is a device without a patient
that has long been silent (`ecg_monitor.ward.devices.roster`), as long as no alert about a heart
waits for somebody, or one that somebody has asked to have removed. Such an order is void once the
device has a patient or sends again: it was given about another state of things, and must not be
carried out when the patient is discharged days later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from detector.runner.alert_desk import AlertDesk
from detector.runner.desk import Desk, Errand, PartitionState
from detector.runner.fence import Commit
from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.store import StoreError, read_hash
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.devices.roster import (
    CROWD,
    RosterEntry,
    entry_of,
    old_acquaintance,
    read_admitted,
)
from ecg_monitor.ward.patients.actions import LOG_LENGTH
from ecg_monitor.ward.patients.trail import ChangeKind, Entry
from ecg_monitor.ward.patients.transfer import awaited

log = logging.getLogger("detector")

LOOK_S = 5.0
PER_LOOK = 100
"""Devices that are forgotten at a time: a crowd must not hold analysis up."""
FRESH_S = 4.0
"""An answer that is older, s, is not acted on: somebody may have been admitted since."""
HEARD_S = 30.0
"""A device whose packets have been read within this time is there, whatever the roster says, s."""


@dataclass(frozen=True, slots=True)
class _Knowledge:
    """What Redis said.

    Attributes:
        at: Unix time when it was asked, s.
        roster: what is known of each device.
        told: devices of which their form is known.
        orders: removals that somebody has asked for, by device.
        admitted: devices with a patient, or awaiting one.
        crowd: nearly as many devices are known as may be.
    """

    at: float
    roster: dict[str, RosterEntry]
    told: set[str]
    orders: dict[str, bytes]
    admitted: set[str]
    crowd: bool


class DepartureDesk(Desk):
    """Forgets devices that are gone.

    Args:
        state: of the partition.
        alerts: ends their alerts.
        desks: forget them as well.
    """

    def __init__(self, state: PartitionState, alerts: AlertDesk, desks: Iterable[Desk]) -> None:
        self._state = state
        self._alerts = alerts
        self._desks = tuple(desks)
        self._looked_at = 0.0
        self._looking: Errand[_Knowledge | None] = Errand()
        self.errands = (self._looking,)

    async def before(self, commit: Commit, now: float) -> None:
        """Look who is gone, every few seconds; no tick waits for the answers."""
        found = self._looking.take()
        if found is not None and abs(now - found.at) < FRESH_S:
            await self._settle(commit, found, now)
        if self._looking.under_way or abs(now - self._looked_at) < LOOK_S:
            return
        self._looked_at = now
        self._looking.send(self._look(now))

    async def _look(self, now: float) -> _Knowledge | None:
        """Read what is known of the devices, and who has asked for what; None: not all is known."""
        state, number = self._state, self._state.number
        found = await read_hash(state.store, keys.roster(number))
        told: Any = await state.store.hkeys(keys.devices(number))
        orders = await read_hash(state.store, keys.removals(number))
        admitted = await read_admitted(state.store, number)
        roster = {device: entry_of(text) for device, text in found.items()}
        try:
            if orders or any(self._has_gone(*one, now, crowd=True) for one in roster.items()):
                admitted |= await awaited(state.store, state.settings.partitions)
            crowd = await self._is_crowded()
        except (
            StoreError
        ):  # another partition's server is away: who is awaited from there may not go
            return None
        return _Knowledge(
            now, roster, {name.decode() for name in told}, orders, admitted, crowd=crowd
        )

    async def _settle(self, commit: Commit, found: _Knowledge, now: float) -> None:
        """Forget who is gone; carry out orders, or say that they are void."""
        state = self._state
        self._enter(commit, found, now)
        roster, orders, admitted = found.roster, found.orders, found.admitted
        for device in [name for name in orders if self._is_void(name, orders[name], admitted)]:
            del orders[device]
            commit.add("HDEL", keys.removals(state.number), device)
            log.warning("%s is not removed: it has a patient, or sends again", device)
        quiet = [
            device
            for device, entry in roster.items()
            if device not in admitted
            and (
                self._has_gone(device, entry, now, crowd=found.crowd)
                or (device in orders and self._is_quiet(device, now))
            )
        ]
        if quiet:
            waiting = await self._alerts.waiting()
            gone = [one for one in quiet if one in orders or one not in waiting][:PER_LOOK]
            counters: Any = await state.store.hkeys(keys.counters(state.number))
            self._forget(commit, set(gone), orders, [name.decode() for name in counters], now)
        for device in orders.keys() - roster.keys():
            commit.add("HDEL", keys.removals(state.number), device)

    def _enter(self, commit: Commit, found: _Knowledge, now: float) -> None:
        """Add to the roster who is there but was there before it was."""
        names = self._state.beds.keys() | found.told
        for device in names - found.roster.keys():
            found.roster[device] = entry = old_acquaintance(now)
            commit.add("HSETNX", keys.roster(self._state.number), device, entry.to_text())

    def _has_gone(self, device: str, entry: RosterEntry, now: float, *, crowd: bool) -> bool:
        """Return whether a device has been silent for as long as one is kept."""
        kept_s = self._state.settings.device_retention_s
        return self._is_quiet(device, now) and entry.is_gone(now, kept_s, crowd=crowd)

    async def _is_crowded(self) -> bool:
        state = self._state
        async with state.store.pipeline(transaction=False) as pipe:
            for partition in range(state.settings.partitions):
                pipe.hlen(keys.roster(partition))
            counts: list[int] = await pipe.execute()
        return sum(counts) > CROWD * state.settings.max_devices

    def _is_quiet(self, device: str, now: float) -> bool:
        bed = self._state.beds.get(device)
        if bed is None:
            return True
        return bed.is_current and now - entry_ms(bed.last_entry) / 1000 > HEARD_S

    def _is_void(self, device: str, order: bytes, admitted: set[str]) -> bool:
        """Return whether a device has got a patient, or sent, since its removal was asked for."""
        bed = self._state.beds.get(device)
        sent_at = 0.0 if bed is None else entry_ms(bed.last_entry) / 1000
        return device in admitted or sent_at > float(orjson.loads(order)["at"])

    def _forget(
        self,
        commit: Commit,
        gone: set[str],
        orders: Mapping[str, bytes],
        counters: Iterable[str],
        now: float,
    ) -> None:
        state, partition = self._state, self._state.number
        present = self._alerts.present_by_device()
        for device in sorted(gone):
            for alert in present.get(device, []):
                over = Alarm(alert.kind, alert.priority, alert.n, alert.n, False)
                self._alerts.alarm(commit, device, alert.boot, over, now)
            state.beds.pop(device, None)
            if device in state.analyzer.devices:
                state.analyzer.forget(device)
            for desk in self._desks:
                desk.forget(device)
            for key in (
                keys.progress, keys.devices, keys.roster, keys.removals, keys.trend_now,
                keys.diagnoses, keys.forms, keys.refused, keys.strangers,
            ):  # fmt: skip
                commit.add("HDEL", key(partition), device)
            for key_of_device in (keys.state, keys.trend, keys.beats, keys.notes):
                commit.add("DEL", key_of_device(partition, device))
            if device in orders:
                self._record(commit, device, orders[device], now)
            log.info("%s is forgotten", device)
        for name in counters:
            if name.rpartition("|")[0] in gone:
                commit.add("HDEL", keys.counters(partition), name)

    def _record(self, commit: Commit, device: str, order: bytes, now: float) -> None:
        """Add to the audit trail who has had a device removed."""
        entry = Entry(ChangeKind.REMOVED, str(orjson.loads(order)["by"]), now, device, 0)
        fields = ("d", device, "e", orjson.dumps(entry.to_map()))
        stream = keys.patientlog(self._state.number)
        commit.add("XADD", stream, "MAXLEN", "~", LOG_LENGTH, "*", *fields)
