"""The staff's desk: everything that can be asked and done about alerts, over all partitions.

What a dashboard or the command line calls; `ecg_monitor.ward.alerts.handling.actions` does it per
partition.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts import evidence
from ecg_monitor.ward.alerts.exchange.fhir import Resource, bundle
from ecg_monitor.ward.alerts.exchange.fhir_r5 import to_r5
from ecg_monitor.ward.alerts.exchange.messages import active_signals
from ecg_monitor.ward.alerts.handling import actions, reason_actions, standby_actions
from ecg_monitor.ward.alerts.handling.actions import AckOutcome, ShownPriorities
from ecg_monitor.ward.alerts.handling.query import Query
from ecg_monitor.ward.alerts.handling.reason_actions import ReasonOutcome
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.policy import MAX_PAUSE_S, Policy, load_policy
from ecg_monitor.ward.alerts.signals import signals
from ecg_monitor.ward.alerts.standby import presence_of
from ecg_monitor.ward.alerts.trail import Entry, EntryKind


class Desk:
    """Alerts of the whole system.

    Args:
        store: client.
        settings: number of partitions, configuration file.
        now: clock, Unix s.

    Raises:
        SettingsError: the configuration file is wrong.
    """

    def __init__(
        self, store: Store, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        self.now = now
        self.policy: Policy = load_policy(settings.config)
        self._store = store
        self._partitions = settings.partitions

    async def find(self, query: Query) -> list[dict[str, Any]]:
        """Return alerts with their signals (`signals.Signal.to_map`), newest first."""
        rows: list[dict[str, Any]] = []
        for partition in self._asked(query.device):
            board = await actions.read_board(self._store, partition)
            now = self.now()
            for device in board.devices():
                pause, standby = board.pauses.get(device), board.standbys.get(device)
                found = signals(board.of_device(device), pause, self.policy, now, standby)
                rows += (row for row in (one.to_map() for one in found) if query.wants(row))
        return sorted(rows, key=lambda row: (-row["raised_at"], row["id"]))

    async def trail(self, query: Query) -> list[dict[str, Any]]:
        """Return the audit trail of the devices, kinds and times asked for, oldest first."""
        rows = []
        since_ms = 0 if query.since is None else int(query.since * 1000)
        for partition in self._asked(query.device):
            for _, entry in await actions.read_trail(self._store, partition, since_ms):
                kind = None if entry.alert is None else entry.alert.kind
                if query.device not in (None, entry.device) or query.kind not in (None, kind):
                    continue
                if query.until is None or entry.at <= query.until:
                    rows.append(entry.to_map())
        return sorted(rows, key=lambda row: float(row["at"]))

    async def acknowledge(
        self,
        by: str,
        *,
        ids: Iterable[str] | None = None,
        device: str | None = None,
        seen: ShownPriorities | None = None,
    ) -> AckOutcome:
        """Acknowledge alerts.

        Args:
            by: who.
            ids: the alerts; None: all of ``device`` that are active now.
            device: see ``ids``.
            seen: the alerts with the priority that was shown; takes the place of ``ids``. A
                screen must give it: what changed after it was drawn is not acknowledged then.

        Raises:
            AlertError: ``by`` is no name, an identity is malformed, or nothing is named.
            StoreError: Redis does not answer.
        """
        if seen is None:
            seen = await self._see(ids, device)
        outcomes = []
        for owner in sorted({_device_of(identity) for identity in seen}):
            mine = {name: seen[name] for name in seen if _device_of(name) == owner}
            partition = self._partition_of(owner)
            outcomes.append(await actions.acknowledge(self._store, partition, owner, mine, by))
        return AckOutcome(
            tuple(name for one in outcomes for name in one.done),
            tuple(name for one in outcomes for name in one.already),
            tuple(name for one in outcomes for name in one.unknown),
        )

    async def give_reason(
        self, by: str, ids: Iterable[str], *, reason: str = "", text: str = ""
    ) -> ReasonOutcome:
        """Say why alerts came that have been acknowledged.

        Args:
            by: who.
            ids: the alerts.
            reason: one of `ecg_monitor.ward.alerts.reasons.AckReason`, or empty.
            text: free words, or empty.

        Raises:
            AlertError: an argument is wrong.
            StoreError: Redis does not answer.
        """
        names = list(dict.fromkeys(ids))
        outcomes = [
            await reason_actions.give_reason(
                *(self._store, self._partition_of(owner), owner),
                ids=[name for name in names if _device_of(name) == owner],
                by=by,
                reason=reason,
                text=text,
            )
            for owner in sorted({_device_of(name) for name in names})
        ]
        return ReasonOutcome(
            tuple(name for one in outcomes for name in one.done),
            tuple(name for one in outcomes for name in one.already),
            tuple(name for one in outcomes for name in one.open),
            tuple(name for one in outcomes for name in one.unknown),
        )

    async def pause(
        self,
        device: str,
        by: str,
        *,
        seen: ShownPriorities | None = None,
        seconds: float = MAX_PAUSE_S,
    ) -> float:
        """Silence a device's alerts; return the Unix time at which sound returns, s.

        Args:
            device: device id.
            by: who.
            seen: the alerts that were shown unacknowledged, with their priority; None: those that
                are now. A screen must give it.
            seconds: how long, over 0 to `MAX_PAUSE_S`.

        Raises:
            AlertError: an argument is wrong.
            StoreError: Redis does not answer.
        """
        partition = self._partition_of(device)
        if seen is None:
            seen = await self._active(device)
        return await actions.pause_audio(self._store, partition, device, seen, by, seconds)

    async def resume(self, device: str, by: str) -> None:
        """End a device's pause.

        Raises:
            AlertError: ``by`` is no name.
            StoreError: Redis does not answer.
        """
        await actions.resume_audio(self._store, self._partition_of(device), device, by)

    async def standby(
        self,
        device: str,
        by: str,
        *,
        seconds: float,
        reason: str,
        seen: ShownPriorities | None = None,
    ) -> float:
        """Put a bed in standby: its patient is away (`ecg_monitor.ward.alerts.standby`).

        Args:
            device: device id.
            by: who.
            seconds: how long at most.
            reason: one of `ecg_monitor.ward.alerts.standby.Reason`.
            seen: the alerts that were shown unacknowledged, with their priority; None: those that
                are now. A screen must give it: what is new to it ends the standby.

        Returns:
            Unix time at which it is over at the latest, s.

        Raises:
            AlertError: an argument is wrong.
            StoreError: Redis does not answer.
        """
        partition = self._partition_of(device)
        if seen is None:
            seen = await self._active(device)
        return await standby_actions.begin(
            self._store, partition, device, seen, by, seconds=seconds, reason=reason
        )

    async def end_standby(self, device: str, by: str) -> bool:
        """End a bed's standby; return whether it was in standby.

        Raises:
            AlertError: an argument is wrong.
            StoreError: Redis does not answer.
        """
        return await standby_actions.end(self._store, self._partition_of(device), device, by)

    async def evidence(self, identity: str) -> evidence.Evidence | None:
        """Return the evidence of an alert; None if it is not there (yet, or any more).

        Raises:
            AlertError: the identity or the evidence is malformed.
            StoreError: Redis does not answer.
        """
        partition = self._partition_of(_device_of(identity))
        return await evidence.evidence_of(self._store, partition, identity)

    async def fhir(self, identity: str, release: str = "r4") -> Resource | None:
        """Return a FHIR Bundle of an alert as it is now; None if it is unknown.

        Args:
            identity: the alert.
            release: ``r4`` or ``r5``.

        Raises:
            AlertError: the identity or the evidence is malformed.
            StoreError: Redis does not answer.
        """
        partition = self._partition_of(_device_of(identity))
        board = await actions.read_board(self._store, partition)
        record = board.records.get(identity)
        if record is None:
            return None
        alert = record.alert
        what = EntryKind.RAISED if alert.present else EntryKind.CLEARED
        at = alert.raised_at if alert.cleared_at is None else alert.cleared_at
        entry = Entry(what, "detector", at, alert.device, alert)
        made = bundle(entry, await evidence.evidence_of(self._store, partition, identity))
        return to_r5(made) if made is not None and release == "r5" else made

    async def _active(self, device: str) -> ShownPriorities:
        """The alerts of a device that are active now and not acknowledged."""
        board = await actions.read_board(self._store, self._partition_of(device))
        found = active_signals(board, device, self.policy, self.now())
        return {
            one.record.alert.id: one.record.alert.priority
            for one in found
            if one.presence is not Presence.ACK
        }

    async def _see(self, ids: Iterable[str] | None, device: str | None) -> ShownPriorities:
        """Look the alerts up: what a person at the command line means is how they are now."""
        if ids is None and device is None:
            raise AlertError("name alerts, or a device")
        names = None if ids is None else list(ids)
        devices = [device] if names is None else sorted({_device_of(name) for name in names})
        seen: dict[str, Any] = {}
        for owner in devices:
            if owner is None:
                continue
            board = await actions.read_board(self._store, self._partition_of(owner))
            for record in board.of_device(owner):
                presence = presence_of(record, board.standbys.get(owner), self.now())
                wanted = names is None and presence in (Presence.ON, Presence.LATCH)
                if wanted or (names is not None and record.alert.id in names):
                    seen[record.alert.id] = record.alert.priority
        return seen | {name: "technical" for name in names or () if name not in seen}

    def _partition_of(self, device: str) -> int:
        return keys.partition_of(device, self._partitions)

    def _asked(self, device: str | None) -> Iterable[int]:
        return range(self._partitions) if device is None else [self._partition_of(device)]


def _device_of(identity: str) -> str:
    device, slash, _ = identity.partition("/")
    if not slash or not keys.DEVICE_ID.fullmatch(device):
        raise AlertError(f"{identity!r} is no alert; they look like bed-01/BOOT/asystole/36000")
    return device
