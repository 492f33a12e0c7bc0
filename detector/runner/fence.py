"""Fenced commits: all of a tick's writes in one Lua call, once, or none if the owner has changed.

Whoever takes a partition over increments its epoch; a former owner that wakes from a pause still
carries the old one, and its writes are refused by the server itself.

The client sends a command again when its answer does not come: a server that stands still for
longer than `ecg_monitor.core.store.ANSWER_TIMEOUT_S` has then got it twice. So each commit carries
a number, and the server carries a number out once.

Redis's Lua reads each byte that it is given, to find equal texts: it takes 0.2 ms for a checkpoint.
So values that are large go before the call, in the same write, to keys that carry the epoch and the
number and are thus this commit's alone; the call only gives them their names.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import NoScriptError

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
STAGED_S = 600
"""A value whose commit was not carried out is gone after this time, s."""


@dataclass(slots=True)
class Commit:
    """Commands that take effect together. All keys must belong to one partition.

    Attributes:
        words: of the commands, each after its number of words.
        keys: that they touch.
        large: values of keys that are set first.
    """

    words: list[Word] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    large: dict[str, bytes] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to be carried out."""
        return bool(self.words or self.large)

    def add(self, command: str, key: str, *words: Word) -> None:
        """Add one Redis command."""
        self.words += (len(words) + 2, command, key, *words)
        self.keys.add(key)

    def set_fields(self, key: str, pairs: Sequence[Word]) -> None:
        """Set fields of a hash, names and values by turns."""
        for start in range(0, len(pairs), MOST_WORDS):
            self.add("HSET", key, *pairs[start : start + MOST_WORDS])

    def set_large(self, key: str, value: bytes) -> None:
        """Set a key to a value of many kB, before all other commands."""
        self.large[key] = value


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
        staged: dict[str, bytes] = {}
        moves: list[Word] = []
        for key, value in commit.large.items():
            name = keys.staged(self.partition, f"{self.epoch}/{self._number}/{len(staged)}")
            staged[name] = value
            # In the order in which they expire: if one is gone, nothing has been done yet.
            moves += (3, "RENAME", name, key, 2, "PERSIST", key)
        own = [keys.epoch(self.partition), keys.committed(self.partition)]
        own += sorted({*commit.keys, *commit.large, *staged})
        words = [self.epoch, self._number, *moves, *commit.words]
        if not await self._carry_out(own, words, staged):
            raise self._lost()

    async def _carry_out(
        self, own: Sequence[str], words: Sequence[Word], staged: Mapping[str, bytes]
    ) -> Any:
        """Run the script, after values have been set under names of their own."""
        if staged:
            async with self._store.pipeline(transaction=False) as pipe:
                for name, value in staged.items():
                    pipe.execute_command("SET", name, value, "EX", STAGED_S)
                pipe.execute_command("EVALSHA", self._script.sha, len(own), *own, *words)
                with contextlib.suppress(NoScriptError):  # a server that is told of it below
                    return (await pipe.execute())[-1]
        return await self._script(keys=own, args=words)

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
