"""Fetches for the hub's core what is not a stream: devices, patients, alarms as they stand.

Most of it is as it was a second ago, and is looked at only where its bytes differ.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Set
from typing import Any

from dashboard.hub import entries
from dashboard.hub.beds.known import KnownTexts
from dashboard.hub.core import HubCore
from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError, PatientError, WireError
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward.devices.roster import entry_of
from ecg_monitor.ward.patients.model import bed_from_json
from ecg_monitor.ward.system.watch import read_conditions

log = logging.getLogger(__name__)

POLL_S = 1.0
ALARM_SWEEP_S = 5.0
"""The alert log brings changes at once; the whole hash is read as well, to heal what was missed."""
REFUSALS = 20


class PartitionPoller:
    """Asks for what a partition's hashes hold, once a second.

    Args:
        core: takes what is read.
        client: Redis.
        partition: number of the partition.
    """

    def __init__(self, core: HubCore, client: Store, partition: int) -> None:
        self._core = core
        self._client = client
        self._partition = partition
        self._lag_at: bytes | None = None
        self._conditions: set[str] = set()
        self._told = {one: KnownTexts() for one in (keys.devices, keys.patients, keys.roster)}
        self._swept: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
        self._names: Set[bytes] = frozenset()
        self._known: frozenset[str] = frozenset()

    async def poll(self) -> None:
        """Fetch alarms, devices and the detector's lag every second until cancelled."""
        swept_at = -ALARM_SWEEP_S
        while True:
            sweep = time.monotonic() - swept_at >= ALARM_SWEEP_S
            try:
                await self.fetch(sweep_alarms=sweep)
                if sweep:
                    swept_at = time.monotonic()
            except StoreError as error:
                log.debug("partition %d: cannot poll: %s", self._partition, error)
            await asyncio.sleep(POLL_S)

    async def fetch(self, *, sweep_alarms: bool) -> None:
        """Fetch devices, patients and the detector's lag once.

        Args:
            sweep_alarms: also fetch all alarms, to mend what the streams may have lacked.

        Raises:
            StoreError: Redis does not answer.
        """
        partition = self._partition
        core = self._core
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.devices(partition))
            pipe.hgetall(keys.patients(partition))
            pipe.hgetall(keys.roster(partition))
            pipe.hgetall(keys.lag(partition))
            pipe.xrevrange(keys.wave(partition), count=1)
            if sweep_alarms:
                pipe.hgetall(keys.alerts(partition))
                pipe.hgetall(keys.acts(partition))
            devices, patients, roster, lag, newest, *alerts = await pipe.execute()
        state = core.partitions[partition]
        state.behind_s = entries.behind_s(lag, newest[0][0] if newest else None)
        if b"behind_s" in lag and lag.get(b"at") != self._lag_at:
            self._lag_at = lag.get(b"at")
            core.delays.add("ingest_to_detector", float(lag[b"behind_s"]))
        self._take_devices(devices)
        self._take_patients(patients)
        if alerts:
            self._take_alerts(*alerts)
        self._take_roster(devices, roster)
        if partition == 0:  # what is wrong with the system is told once
            present = set(await read_conditions(self._client, "hub"))
            # After an outage of Redis who watches gets a second to say so.
            unsure = {"unwatched"} & present - self._conditions
            self._conditions = present
            core.conditions = sorted(present - unsure)
            starting: Any = await self._client.get(keys.STARTING)
            core.starting = entries.share(starting)
        if core.wants_system:
            await self._fetch_system()

    async def _fetch_system(self) -> None:
        partition = self._partition
        state = self._core.partitions[partition]
        counted: Any = await self._client.hgetall(keys.counters(partition))
        state.counters = entries.counters(counted)
        refused: Any = await self._client.xrevrange(keys.refusals(partition), count=REFUSALS)
        state.refusals = entries.refusals(refused)

    def _take_devices(self, devices: dict[bytes, bytes]) -> None:
        """Take what devices tell of themselves, as far as it is new."""
        told = self._told[keys.devices]
        for name, text in told.news(devices, self._core.beds.removed):
            try:
                self._core.device(name.decode(), entries.device(text))
            except WireError as error:
                self._unreadable(keys.devices(self._partition), error)
            else:
                told.note(name, text, self._core.beds)

    def _take_patients(self, patients: dict[bytes, bytes]) -> None:
        """Take what staff have said of beds, as far as it is new."""
        told = self._told[keys.patients]
        for name, text in told.news(patients, self._core.beds.removed):
            try:
                self._core.staff_said(name.decode(), bed_from_json(text))
            except PatientError as error:
                self._unreadable(keys.patients(self._partition), error)
            else:
                told.note(name, text, self._core.beds)

    def _take_alerts(self, facts: dict[bytes, bytes], acts: dict[bytes, bytes]) -> None:
        """Take all alerts and what was done about them, as far as it is new."""
        known_facts, known_acts = self._swept
        new_facts = {name: text for name, text in facts.items() if known_facts.get(name) != text}
        new_acts = {  # an act that came before its alert was ignored
            name: text
            for name, text in acts.items()
            if known_acts.get(name) != text or name.partition(b"|")[2] in new_facts
        }
        self._swept = facts, acts
        malformed = self._core.alerts(
            self._partition,
            {name.decode(): text for name, text in new_facts.items()},
            {name.decode(): text for name, text in new_acts.items()},
            time.time(),
        )
        for what, error in malformed.items():
            self._unreadable(keys.alerts(self._partition), error)
            for one in self._swept:
                one.pop(what.encode(), None)  # told again until it is mended

    def _take_roster(self, devices: dict[bytes, bytes], roster: dict[bytes, bytes]) -> None:
        """Take who is known, and when they have sent, as far as it is new."""
        told, core = self._told[keys.roster], self._core
        heard = {}
        for name, text in told.news(roster, core.beds.removed):
            heard[name.decode()] = entry_of(text).last
            told.note(name, text, core.beds)
        names = devices.keys() | roster.keys()
        if names != self._names:
            self._names, self._known = names, frozenset(name.decode() for name in names)
        core.roster(self._partition, self._known, time.time(), heard)

    def _unreadable(self, key: str, error: WireError | AlertError | PatientError) -> None:
        self._core.unreadable += 1
        log.warning("%s: skipped an entry: %s", key, error)
