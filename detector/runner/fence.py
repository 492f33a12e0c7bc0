"""Fenced commits: all of a tick's writes in one Lua call, once, or none if the owner has changed.

Whoever takes a partition over increments its epoch; a former owner that wakes from a pause still
carries the old one, and its writes are refused by the server itself.

The client sends a command again when its answer does not come: a server that stands still for
longer than `ecg_monitor.core.store.ANSWER_TIMEOUT_S` has then got it twice. So each commit carries
a number, and the server carries a number out once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store

SCRIPT = lua(__name__, "commit")
_TAKE = lua(__name__, "take")

Word = str | bytes | int | float
CHECK_S = 1.0
"""An owner that has nothing to commit looks this often whether another has taken over, s."""
MOST_WORDS = 1000
"""Words of one command that was joined of many: the server's Lua takes less than 8000 at once."""


@dataclass(slots=True)
class Commit:
    """Commands that take effect together. All keys must belong to one partition."""

    words: list[Word] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def add(self, command: str, key: str, *words: Word) -> None:
        """Add one Redis command."""
        self.words += (len(words) + 2, command, key, *words)
        self.keys.add(key)

    def set_fields(self, key: str, pairs: Sequence[Word]) -> None:
        """Set fields of a hash, names and values by turns."""
        for start in range(0, len(pairs), MOST_WORDS):
            self.add("HSET", key, *pairs[start : start + MOST_WORDS])


class Fence:
    """The right to write to one partition.

    Attributes:
        partition: its number.
        epoch: counts the owners of the partition; this one's.
    """

    def __init__(self, store: Store, partition: int, epoch: int) -> None:
        self.partition = partition
        self.epoch = epoch
        self._store = store
        self._script = store.register_script(SCRIPT)
        self._number = 0
        self._checked_at = 0.0

    @classmethod
    async def take(cls, store: Store, partition: int) -> Fence:
        """Become the owner of a partition; from now on the former owner's writes are refused."""
        epoch = await store.register_script(_TAKE)(
            keys=[keys.epoch(partition), keys.owner(partition)], args=[secrets.token_hex(8)]
        )
        return cls(store, partition, int(epoch))

    async def commit(self, commit: Commit) -> None:
        """Carry out all commands of the commit, once, or none.

        Raises:
            FencedError: another process owns the partition now.
            StoreError: Redis does not answer; whether it has carried the commit out is not known,
                and is found by taking the partition anew.
        """
        self._number += 1
        own = [keys.epoch(self.partition), keys.committed(self.partition)]
        done = await self._script(
            keys=[*own, *sorted(commit.keys)], args=[self.epoch, self._number, *commit.words]
        )
        if not done:
            raise self._lost()

    async def check(self, now: float) -> None:
        """Find out now and then whether the partition is still ours: nothing is to be committed.

        Args:
            now: Unix time, s.

        Raises:
            FencedError: another process owns the partition now.
            StoreError: Redis does not answer.
        """
        if abs(now - self._checked_at) < CHECK_S:
            return
        self._checked_at = now
        epoch: Any = await self._store.get(keys.epoch(self.partition))
        if int(epoch or 0) != self.epoch:
            raise self._lost()

    def _lost(self) -> FencedError:
        return FencedError(f"partition {self.partition} has been taken over by another detector")
