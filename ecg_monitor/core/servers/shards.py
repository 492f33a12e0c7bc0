"""One client for several servers: each command goes to the server that holds its key.

It is a client as any other, so that nobody else need know how many servers there are. What concerns
several of them is taken apart: a pipeline, whose answers come in the order of its commands (a
transaction is one on each server), reading several streams, and asking for several values. A server
that is away fails what concerns it and nothing else; who must not wait for it goes by server
(`ecg_monitor.core.store.by_server`).
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import redis.asyncio
import redis.exceptions
from redis.asyncio.client import Pipeline
from redis.commands.core import AsyncScript

from ecg_monitor.core import keys

Words = tuple[Any, ...]
STANDING_S = 10.0
"""An answer that nobody has come for in this time, s, is forgotten."""


def shard_of(key: str | bytes, count: int) -> int:
    """Return the index of the server that holds a key, of so many."""
    partition = keys.partition_in(key)
    return 0 if partition is None else keys.server_of(partition, count)


def taken_apart(words: Words, count: int) -> dict[int, Words]:
    """Return a command by the index of the server, each with the keys that are there.

    Args:
        words: of the command.
        count: servers.

    Raises:
        redis.exceptions.DataError: its keys are on several, and it is none that can be taken apart.
    """
    name = _text(words[0])
    if name == "XREAD":
        return _streams_apart(words, count)
    if name in ("EVAL", "EVALSHA"):
        named: Sequence[Any] = words[3 : 3 + int(words[2])]
    elif name in ("MGET", "DEL", "EXISTS", "UNLINK", "WATCH"):
        named = words[1:]
    else:
        named = words[1:2]
    homes = {shard_of(key, count) for key in named} or {0}
    if len(homes) == 1:
        return dict.fromkeys(homes, words)
    if name != "MGET":
        raise redis.exceptions.DataError(f"{name}: its keys are on several servers")
    return {
        home: (words[0], *(key for key in named if shard_of(key, count) == home))
        for home in sorted(homes)
    }


def _streams_apart(words: Words, count: int) -> dict[int, Words]:
    at = next(i for i, word in enumerate(words) if _text(word) == "STREAMS") + 1
    half = (len(words) - at) // 2
    pairs: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
    for stream, position in zip(words[at : at + half], words[at + half :], strict=True):
        pairs[shard_of(stream, count)].append((stream, position))
    if len(pairs) == 1:
        return dict.fromkeys(pairs, words)
    return {
        home: (*words[:at], *(one for one, _ in some), *(one for _, one in some))
        for home, some in pairs.items()
    }


def put_together(words: Words, answers: dict[int, Any], count: int) -> Any:
    """Return the answer to a command from those of the servers; an error if there is one."""
    for answer in answers.values():
        if isinstance(answer, Exception):
            return answer
    if len(answers) == 1:
        return next(iter(answers.values()))
    if _text(words[0]) == "MGET":
        turns = {home: iter(values) for home, values in answers.items()}
        return [next(turns[shard_of(key, count)]) for key in words[1:]]
    found = [answer for answer in answers.values() if answer]
    if any(isinstance(answer, dict) for answer in found):
        return {stream: some for answer in found for stream, some in answer.items()}
    return [one for answer in found for one in answer]


def _text(word: Any) -> str:
    text = word.decode() if isinstance(word, bytes) else str(word)
    return text.upper()


class ShardedStore(redis.asyncio.Redis):
    """A client of several servers.

    Args:
        servers: clients of each, in order; they are closed with this one.
        addresses: what people call them.

    Attributes:
        servers: the same.
        addresses: likewise.
    """

    def __init__(self, servers: Sequence[redis.asyncio.Redis], addresses: Sequence[str]) -> None:
        super().__init__(connection_pool=servers[0].connection_pool)
        self.servers = tuple(servers)
        self.addresses = tuple(addresses)
        self._standing: dict[tuple[int, Words], tuple[float, asyncio.Task[Any]]] = {}

    def server_of(self, key: str | bytes) -> redis.asyncio.Redis:
        """Return the client of the server that holds a key."""
        return self.servers[shard_of(key, len(self.servers))]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Ask the servers that hold the keys; of a read that waits, return what comes first.

        Raises:
            redis.exceptions.RedisError: one of them does not answer, or refuses.
        """
        parts = taken_apart(args, len(self.servers))
        if len(parts) == 1:
            return await self._ask(*next(iter(parts.items())), options)
        if any(_text(word) == "BLOCK" for word in args[:6]):
            return await self._first(args, parts, options)
        found = await asyncio.gather(*(self._ask(*part, options) for part in parts.items()))
        return put_together(args, dict(zip(parts, found, strict=True)), len(self.servers))

    async def _ask(self, index: int, words: Words, options: dict[str, Any]) -> Any:
        server: Any = self.servers[index]
        return await server.execute_command(*words, **options)

    async def _first(self, args: Words, parts: dict[int, Words], options: dict[str, Any]) -> Any:
        """Return what the first server has; the others are asked on, and heard the next time.

        To break a question off would cost the connection.
        """
        self._forget_old()
        tasks = {}
        for name in parts.items():
            standing = self._standing.pop(name, None)
            tasks[name] = (
                asyncio.ensure_future(self._ask(*name, options))
                if standing is None
                else standing[1]
            )
        try:
            await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for name, task in tasks.items():
                if not task.done():
                    self._standing.setdefault(name, (time.monotonic(), task))
        answers = {index: task.result() for (index, _), task in tasks.items() if task.done()}
        return put_together(args, answers, len(self.servers))

    def _forget_old(self) -> None:
        now = time.monotonic()
        for name, (since, task) in list(self._standing.items()):
            if task.done() and now - since > STANDING_S:
                del self._standing[name]
                task.cancelled() or task.exception()  # it is known that nobody wants it

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:  # noqa: ARG002
        """Return a pipeline whose commands go to the servers that hold their keys."""
        return _ShardedPipeline(self, transaction=transaction)

    async def transaction(self, func: Any, *watches: Any, **options: Any) -> Any:
        """Carry out a transaction on the server that holds what is watched."""
        return await self.server_of(watches[0]).transaction(func, *watches, **options)

    def register_script(self, script: Any) -> Any:
        """Return a script that runs where its first key is."""
        return _ShardedScript(self, script)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the clients of all servers."""
        for _, task in self._standing.values():
            task.cancel()
        await asyncio.gather(*(task for _, task in self._standing.values()), return_exceptions=True)
        self._standing.clear()
        for one in self.servers:
            await one.aclose(close_connection_pool)


class _ShardedScript(AsyncScript):
    """A script that runs where its first key is."""

    async def __call__(self, keys: Any = None, args: Any = None, client: Any = None) -> Any:
        """Run it; a server that does not know it yet is told."""
        owner: Any = self.registered_client
        return await super().__call__(keys, args, client or owner.server_of(keys[0]))


class _ShardedPipeline(Pipeline):
    """Commands that are sent together, to each server its own."""

    def __init__(self, owner: ShardedStore, *, transaction: bool) -> None:
        super().__init__(owner.connection_pool, owner.response_callbacks, transaction, None)
        self._owner = owner

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Put a command at the end.

        Raises:
            redis.exceptions.DataError: it watches a key: see `ShardedStore.transaction`.
        """
        if args[0] == "WATCH":
            raise redis.exceptions.DataError("a pipeline of several servers watches no key")
        return super().execute_command(*args, **options)

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send all, and return the answers in their order.

        Args:
            raise_on_error: raise what a server answers, or that it answers nothing, when the
                others have answered; if not, the error stands in the place of each answer that it
                concerns.
        """
        stack, servers = list(self.command_stack), self._owner.servers
        await self.reset()  # type: ignore[no-untyped-call]
        parts = [taken_apart(words, len(servers)) for words, _ in stack]
        own: dict[int, list[tuple[int, Words]]] = defaultdict(list)
        for place, part in enumerate(parts):
            for index, words in part.items():
                own[index].append((place, words))
        answers: list[dict[int, Any]] = [{} for _ in stack]

        async def send(index: int) -> None:
            async with servers[index].pipeline(transaction=self.is_transaction) as pipe:
                for place, words in own[index]:
                    pipe.execute_command(*words, **stack[place][1])
                try:
                    found = await pipe.execute(raise_on_error=False)
                except redis.exceptions.RedisError as error:
                    found = [error] * len(own[index])
            for (place, _), answer in zip(own[index], found, strict=True):
                answers[place][index] = answer

        await asyncio.gather(*map(send, own))
        whole = [
            put_together(words, some, len(servers))
            for (words, _), some in zip(stack, answers, strict=True)
        ]
        for answer in whole if raise_on_error else ():
            if isinstance(answer, Exception):
                raise answer
        return whole
