"""Fenced commits: all of a tick's writes in one Lua call, or none if the owner has changed.

Whoever takes a partition over increments its epoch; a former owner that wakes from a pause still
carries the old one, and its writes are refused by the server itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecg_monitor.core import keys
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store

SCRIPT = lua(__name__, "commit")

Word = str | bytes | int | float


@dataclass(slots=True)
class Commit:
    """Commands that take effect together. All keys must belong to one partition."""

    words: list[Word] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def add(self, command: str, key: str, *words: Word) -> None:
        """Add one Redis command."""
        self.words += (len(words) + 2, command, key, *words)
        self.keys.add(key)


class Fence:
    """The right to write to one partition."""

    def __init__(self, store: Store, partition: int, epoch: int) -> None:
        self.partition = partition
        self.epoch = epoch
        self._store = store
        self._script = store.register_script(SCRIPT)

    @classmethod
    async def take(cls, store: Store, partition: int) -> Fence:
        """Become the owner of a partition; from now on the former owner's writes are refused."""
        return cls(store, partition, await store.incr(keys.epoch(partition)))

    async def commit(self, commit: Commit) -> None:
        """Carry out all commands of the commit, or none.

        Raises:
            FencedError: another process owns the partition now.
        """
        epoch_key = keys.epoch(self.partition)
        done = await self._script(
            keys=[epoch_key, *sorted(commit.keys)], args=[self.epoch, *commit.words]
        )
        if not done:
            raise FencedError(f"partition {self.partition} has been taken over by another detector")
