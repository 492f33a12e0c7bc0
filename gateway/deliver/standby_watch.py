"""Looks after the beds in standby: whether the signal has gone, is back, or the time is up.

What is heard of a signal are the detector's once-a-second numbers in the event stream: a second
counts as usable signal with beats if its quality is good and it has a heart rate. Times are those
at which the detector committed them, so a backlog that a device sends in one burst is no run of
seconds. Nothing is read while no bed of the partition is in standby.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.store import Store, holder_of
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.handling import standby_actions
from ecg_monitor.ward.alerts.standby import SignalPresence, happens

BREAK_S = 2.5
"""A run of usable seconds is over when none has come for so long: one a second is due."""

_VITALS_OF = lua(__name__, "vitals_of")
"""Entries of the devices asked for that have numbers, after a position: filtered where they lie."""


@dataclass(slots=True)
class SignalWatch:
    """What has been heard of one bed's signal.

    Attributes:
        since: when listening began, Unix s.
        usable_at: the last usable second, Unix s, or None.
        run_from: first second of the present run of usable ones, Unix s, or None.
    """

    since: float
    usable_at: float | None = None
    run_from: float | None = None

    def take(self, at: float, *, usable: bool) -> None:
        """Take the numbers of a second that were committed at Unix time ``at``."""
        if not usable:
            self.run_from = None
            return
        broken = self.usable_at is None or at - self.usable_at > BREAK_S
        if broken or self.run_from is None:
            self.run_from = at
        self.usable_at = at

    def heard(self, now: float) -> SignalPresence:
        """Return what has been heard by Unix time ``now``."""
        last = self.since if self.usable_at is None else self.usable_at
        if self.usable_at is None or self.run_from is None or now - self.usable_at > BREAK_S:
            return SignalPresence(0.0, max(0.0, now - last))
        return SignalPresence(self.usable_at - self.run_from, max(0.0, now - last))


class StandbyWatch:
    """Looks after the standbys of one partition.

    Args:
        store: client.
        partition: its number.
    """

    def __init__(self, store: Store, partition: int) -> None:
        self._store = store
        self._clock = holder_of(store, partition)
        self._partition = partition
        self.ears: dict[str, SignalWatch] = {}
        """What was heard of each bed on standby, by device."""
        self._position = ""

    async def step(self, board: Board, now: float) -> None:
        """Write down what has happened to the standbys; call it once a second.

        Args:
            board: state of the partition's alerts.
            now: Unix time, s.

        Raises:
            StoreError: Redis does not answer.
        """
        open_ones = {name: one for name, one in board.standbys.items() if not one.ended}
        await self._listen(open_ones)
        seconds, microseconds = await self._clock.time() if open_ones else (0, 0)
        heard_at = seconds + microseconds / 1e6
        for device, standby in sorted(open_ones.items()):
            heard = self.ears[device].heard(heard_at)
            what = happens(standby, board.of_device(device), heard, now)
            if what is not None:
                await standby_actions.note(self._store, self._partition, device, standby.seq, what)

    async def _listen(self, devices: Iterable[str]) -> None:
        wanted = sorted(devices)
        self.ears = {name: ear for name, ear in self.ears.items() if name in wanted}
        if not wanted:
            self._position = ""
            return
        seconds, microseconds = await self._clock.time()
        if not self._position:
            self._position = f"{seconds * 1000 + microseconds // 1000}-0"
        for name in wanted:
            self.ears.setdefault(name, SignalWatch(seconds + microseconds / 1e6))
        script = self._store.register_script(_VITALS_OF)
        stream = keys.events(self._partition)
        answer: Any = await script(keys=[stream], args=[self._position, *wanted])
        self._position = answer[0].decode()
        for entry, device, text in answer[1]:
            self._take(device.decode(), entry_ms(entry) / 1000, text)

    def _take(self, device: str, at: float, text: bytes) -> None:
        for event in orjson.loads(text):
            if event["type"] == "vitals":
                usable = event["quality"] == "good" and event["heart_rate"] is not None
                self.ears[device].take(at, usable=usable)
