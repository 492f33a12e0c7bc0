"""Feeds the hub's core from Redis: one reader and one poller per partition.

The reader blocks on the partition's streams and starts a little in the past, so that a page shows
a trace at once. The poller fetches what is not a stream. Both outlive an outage of Redis: the
reader goes on where it stopped, so that nothing is shown twice or left out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from dashboard.hub import entries
from dashboard.hub.core import HubCore
from dashboard.hub.requests import HISTORY_S
from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError, PatientError, WireError
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward.alerts import trail
from ecg_monitor.ward.devices.roster import entry_of
from ecg_monitor.ward.patients.model import bed_from_json
from ecg_monitor.ward.system.watch import read_conditions

log = logging.getLogger(__name__)

BLOCK_MS = 500
GATHER_S = 0.02
"""Least time from the beginning of one read to that of the next, s: little more than a page's frame
lasts (1/60 s). What comes after a pause is read at once; the packets of many beds share a read."""
READ_COUNT = 500
RETRY_S = 0.5
POLL_S = 1.0
ALARM_SWEEP_S = 5.0
"""The alert log brings changes at once; the whole hash is read as well, to heal what was missed."""
REFUSALS = 20


class PartitionReader:
    """Follows one partition.

    Args:
        core: takes what is read.
        client: Redis.
        partition: number of the partition.

    Attributes:
        caught_up: set once the past has been read.
    """

    def __init__(self, core: HubCore, client: Store, partition: int) -> None:
        self.caught_up = asyncio.Event()
        self._core = core
        self._client = client
        self._partition = partition
        self._positions: dict[str, bytes | str] = {}
        self._lag_at: bytes | None = None
        self._conditions: set[str] = set()
        self._handlers: dict[str, Callable[[entries.Fields], None]] = {
            keys.wave(partition): self._on_packet,
            keys.events(partition): self._on_events,
            keys.alertlog(partition): self._on_alert,
        }

    async def follow(self) -> None:
        """Read the streams until cancelled."""
        while True:
            try:
                began = time.monotonic()
                least_s = 0.0 if await self.read() else GATHER_S
                await asyncio.sleep(max(0.0, began + least_s - time.monotonic()))
            except StoreError as error:
                log.warning("partition %d: Redis is away: %s", self._partition, error)
                await asyncio.sleep(RETRY_S)

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

    async def read(self) -> bool:
        """Take what has come since the last time, waiting for it for a moment.

        Returns:
            whether more waits.

        Raises:
            StoreError: Redis does not answer.
        """
        if not self._positions:
            seconds, microseconds = await self._client.time()
            since = int((seconds - HISTORY_S) * 1000 + microseconds / 1000)
            self._positions = dict.fromkeys(self._handlers, f"{since}-0")
        answer: Any = await self._client.xread(
            self._positions,  # type: ignore[arg-type]
            count=READ_COUNT,
            block=BLOCK_MS,
        )
        self._core.heard(self._partition, time.time())
        most = 0
        for stream, found in answer:
            name = stream.decode()
            for entry, fields in found:
                self._handle(name, fields)
                if name == keys.events(self._partition):
                    self._core.events_read(entries.committed_at(entry), time.time())
            self._positions[name] = found[-1][0]
            most = max(most, len(found))
        if most >= READ_COUNT:
            return True
        self.caught_up.set()
        return False

    def _handle(self, stream: str, fields: entries.Fields) -> None:
        try:
            self._handlers[stream](fields)
        except (WireError, AlertError) as error:
            self._unreadable(stream, error)

    def _unreadable(self, key: str, error: WireError | AlertError | PatientError) -> None:
        self._core.unreadable += 1
        log.warning("%s: skipped an entry: %s", key, error)

    def _on_packet(self, fields: entries.Fields) -> None:
        if self._core.hold(self._partition, fields, time.time()):
            return
        packet, arrival = entries.packet(fields)
        self._core.packet(self._partition, packet, arrival, time.time())

    def _on_events(self, fields: entries.Fields) -> None:
        self._core.events(*entries.events(fields))

    def _on_alert(self, fields: entries.Fields) -> None:
        self._core.alert_entry(self._partition, trail.from_fields(fields), time.time())

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
        for name, text in devices.items():
            try:
                core.device(name.decode(), entries.device(text))
            except WireError as error:
                self._unreadable(keys.devices(partition), error)
        for name, text in patients.items():
            try:
                core.staff_said(name.decode(), bed_from_json(text))
            except PatientError as error:
                self._unreadable(keys.patients(partition), error)
        if alerts:
            facts, acts = (
                {name.decode(): text for name, text in found.items()} for found in alerts
            )
            for malformed in core.alerts(partition, facts, acts, time.time()):
                self._unreadable(keys.alerts(partition), malformed)
        known = {name.decode() for name in (*devices, *roster)}
        heard = {name.decode(): entry_of(text).last for name, text in roster.items()}
        core.roster(partition, known, time.time(), heard)
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
