"""Publishes the state of alerts over MQTT, and lets time pass: escalation, reminders.

Both keep a board of their partition that follows the audit trail.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import aiomqtt
import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.exchange.messages import Fingerprint, device_state, fingerprint
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.alerts.overseer import due
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.standby import Phase
from gateway.deliver.bed_units import BedUnits, NamedUnit
from gateway.deliver.follow import BLOCK_MS, Follower
from gateway.deliver.standby_watch import StandbyWatch

log = logging.getLogger("deliver")

KEPT = 4000
"""Alerts kept on a board: more than the detector keeps in Redis once they are over."""
OVERSEE_S = 1.0
LOOK_S = 1.0
"""How often it is looked whether time alone has changed a state."""


class MqttChannel:
    """Publishes one partition's alerts. Make it with `open`; call `step` until cancelled."""

    def __init__(
        self,
        client: aiomqtt.Client,
        follower: Follower,
        board: Board,
        policy: Policy,
        units: BedUnits,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._follower = follower
        self._board = board
        self._policy = policy
        self._units = units
        self._now = now
        self._told_unit: dict[str, NamedUnit | None] = {}
        self._told: dict[str, Fingerprint] = {}
        self._looked_at = 0.0

    @classmethod
    async def open(
        cls,
        client: aiomqtt.Client,
        store: Store,
        partition: int,
        policy: Policy,
        now: Callable[[], float] = time.time,
        channel: str = keys.MQTT_CHANNEL,
    ) -> MqttChannel:
        """Load the partition's state.

        Args:
            client: connection to the broker.
            store: client of Redis.
            partition: whose alerts are published.
            policy: of escalation.
            now: Unix time, s.
            channel: name of the cursor: each of several brokers has one of its own.

        Raises:
            AlertError: a value in Redis is malformed.
            StoreError: Redis does not answer.
        """
        follower = await Follower.open(store, partition, channel)
        board = await actions.read_board(store, partition)
        return cls(client, follower, board, policy, BedUnits(store), now)

    async def run(self) -> None:
        """Step until cancelled."""
        while True:
            await self.step()

    async def step(self, block_ms: int = BLOCK_MS) -> None:
        """Publish the changes that are there, then what has changed with time.

        Raises:
            aiomqtt.MqttError: the connection is lost; changes since the cursor come again.
            StoreError: Redis does not answer.
        """
        before = self._follower.position
        await self._units.refresh()
        async for name, entry in self._follower.read(block_ms):
            self._board.take(entry)
            await self._publish(entry.device, {"entry": name, **entry.to_map()})
        now = self._now()
        if abs(now - self._looked_at) >= LOOK_S:
            self._looked_at = now
            for device in self._restless():
                if self._told.get(device) != fingerprint(self._board, device, self._policy, now):
                    await self._publish(device, None)
            for device, unit in list(self._told_unit.items()):
                if self._units.of(device) != unit:
                    await self._publish(device, None)
        if self._follower.position != before:
            await self._follower.save()
            self._board.forget_old(KEPT)

    def _restless(self) -> set[str]:
        """Devices whose state may have changed with time alone, or was never told."""
        devices = self._board.devices() - self._told.keys()
        devices |= {self._board.records[name].alert.device for name in self._board.active}
        return devices | {
            device
            for device, (paused, phase, shown) in self._told.items()
            if paused or phase != Phase.OFF or shown
        }

    async def _publish(self, device: str, event: dict[str, Any] | None) -> None:
        now = self._now()
        state = device_state(self._board, device, self._policy, now)
        unit = self._units.of(device)
        payload = orjson.dumps({**state, "unit": unit, "at": now, "event": event})
        await self._client.publish(keys.alert_topic(device), payload, qos=1, retain=True)
        self._told[device] = fingerprint(self._board, device, self._policy, now)
        self._told_unit[device] = unit


async def oversee(
    store: Store, partition: int, policy: Policy, now: Callable[[], float] = time.time
) -> None:
    """Escalate, remind and look after standbys until cancelled.

    Raises:
        AlertError: a value in Redis is malformed.
        StoreError: Redis does not answer.
    """
    board, position = await actions.read_board_at(store, partition)
    follower = Follower(store, partition, "overseer", position)
    standbys = StandbyWatch(store, partition)
    while True:
        board = await follow_changes(follower, board)
        await actions.mark(store, partition, list(due(board, policy, now())))
        await standbys.step(board, now())
        board.forget_old(KEPT)
        await asyncio.sleep(OVERSEE_S)


async def follow_changes(follower: Follower, board: Board) -> Board:
    """Take all that has come: what escalates must not wait behind a burst of other changes."""
    position = ""
    while position != follower.position:
        position = follower.position
        async for _, entry in follower.read(block_ms=1):
            board.take(entry)
    return board
