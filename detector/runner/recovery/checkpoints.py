"""Saves the beds of a partition, in turn, and puts them back after a restart."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from detector.runner.desk import Bed, Desk, PartitionState, taking_part
from detector.runner.fence import Commit
from detector.runner.turns import Turns
from ecg_monitor.core import keys
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.remote.streams import entry_order

log = logging.getLogger("detector")

CHECKPOINT_S = 10.0
"""Age at which a device's checkpoint is renewed: what must be analysed again after a crash."""
PAGE = 100
"""Checkpoints read in one call: a few MB."""


class Checkpoints:
    """The checkpoints of one partition's beds.

    Args:
        state: of the partition.
        desks: have parts of them.
        now: Unix time, s.
    """

    def __init__(self, state: PartitionState, desks: Sequence[Desk], now: float) -> None:
        self._state = state
        self._desks = desks
        self._parts = [desk for desk in desks if desk.PART]
        self._saved = taking_part(desks, "saved")
        self._turns = Turns(CHECKPOINT_S, now)

    def add(self, commit: Commit, position: str, now: float, *, everything: bool = False) -> None:
        """Add checkpoints of those whose turn it is; a new device gets one at once.

        Args:
            commit: takes the commands.
            position: entry of the wave stream up to which everything is committed with it.
            now: Unix time, s.
            everything: of all devices that have brought anything since their last.
        """
        state = self._state
        turns = set(state.beds if everything else self._turns.next(state.beds, now))
        for device, bed in state.beds.items():
            if not (bed.save_due or device in turns) or bed.last_entry == bed.saved_entry:
                continue
            bed.saved_entry = bed.last_entry
            bed.save_due = False
            saved: dict[str, Any] = {"position": position, "boot": bed.boot, "stay": bed.stay}
            saved |= {desk.PART: desk.save(device) for desk in self._parts}
            saved["analyzer"] = state.analyzer.save(device)
            commit.set_large(keys.state(state.number, device), codec.packed(saved))
            for note in self._saved:
                note(commit, device, now)

    async def read(self, devices: Sequence[str]) -> dict[str, bytes]:
        """Return the checkpoints of devices that have one.

        Raises:
            StoreError: Redis does not answer.
        """
        store, number = self._state.store, self._state.number
        await store.unlink(keys.former_state(number))  # nobody can read those any more
        found: dict[str, bytes] = {}
        for start in range(0, len(devices), PAGE):
            names = devices[start : start + PAGE]
            saved: Any = await store.mget([keys.state(number, name) for name in names])
            found |= {name: one for name, one in zip(names, saved, strict=True) if one is not None}
        return found

    def restore(
        self, device: str, saved: bytes, ordinal: int, last_entry: str, now: float
    ) -> str | None:
        """Load one checkpoint.

        Args:
            device: device id.
            saved: its checkpoint.
            ordinal: number of its next event to be committed.
            last_entry: its last entry of the wave stream that is committed.
            now: Unix time, s.

        Returns:
            the entry of the wave stream up to which the checkpoint reaches; None if the device
            starts anew.
        """
        analyzer = self._state.analyzer
        try:
            state: dict[str, Any] = codec.opened(saved)
            analyzer.load(device, state["analyzer"])
            for desk in self._parts:
                desk.load(device, state.get(desk.PART))
        except (CheckpointError, KeyError, TypeError) as error:
            log.warning("%s starts anew: %s", device, error)
            if device in analyzer.devices:
                analyzer.forget(device)
            return None
        signature, position = analyzer.signature(device), str(state["position"])
        bed = Bed(DeviceClock(signature.fs), signature.boot, ordinal, last_entry, last_entry, False)
        bed.stay = state.get("stay", "")
        self._state.beds[device] = bed
        if entry_order(position) < entry_order(last_entry):
            bed.last_entry, bed.replay_until = position, last_entry
            bed.saved_entry = position
        for desk in self._desks:
            desk.resumed(device, now)
        return position
