"""The one seam to Redis: how clients are made, what they time out on, what they retry.

Every process makes its client here, so that time limits and retries are the same everywhere and
a test can point them at a server of its own. Of several servers, each holds its partitions
(`ecg_monitor.core.servers.shards`); who must go on though one is away asks by server (`by_server`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import redis.asyncio
import redis.exceptions
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.format.resp import packing_quickly
from ecg_monitor.core.servers.places import MisplacedError, Places, address_of, urls_of
from ecg_monitor.core.servers.shards import ShardedStore
from ecg_monitor.core.tls import tls_problem

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 10.0
"""Longest wait for an answer, s: longer than any blocking read here (1 s) and a slow fsync."""
CONNECTION_WAIT_S = 5.0
"""Longest wait for one of a bounded number of connections, s."""
RETRIES = 6
"""Most attempts: five waits of 0.1 to 1.6 s ride out a restart, not a lasting outage."""

log = logging.getLogger(__name__)

Store = redis.asyncio.Redis
StoreError = redis.exceptions.RedisError
StoreRefusedError = redis.exceptions.ResponseError
"""The server answers with a refusal, for example since its memory or its disk is full."""


def connect(url: str, most: int | None = None) -> Store:
    """Return a client for the server, or servers, at ``url``. It connects at first use.

    Args:
        url: address of the server; of several, separated by commas, the first holds what is no
            partition's.
        most: connections at a time to each, for whoever is asked by many at once: who comes when
            all are in use waits for one. None: as many as are needed, up to the library's bound,
            at which it raises.

    Raises:
        ServiceError: the URL is malformed.
    """
    urls = urls_of(url)
    places = Places(urls)
    servers = [_connect(one, most, places.greeting(index)) for index, one in enumerate(urls)]
    if len(servers) == 1:
        return servers[0]

    async def visit_home() -> None:
        await servers[0].dbsize()

    places.visit_home = visit_home
    return ShardedStore(servers, [address_of(one) for one in urls])


def _connect(url: str, most: int | None, greeting: Any) -> Store:
    bounds = {} if most is None else {"max_connections": most, "timeout": CONNECTION_WAIT_S}
    kind = redis.asyncio.ConnectionPool if most is None else redis.asyncio.BlockingConnectionPool
    try:
        pool = kind.from_url(
            url,
            **bounds,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=ANSWER_TIMEOUT_S,
            # A socket of this machine needs none, and its connections take no such word.
            **({} if url.startswith("unix:") else {"socket_keepalive": True}),
            # A check is a PING, and Redis refuses PING while it cannot write its file: whoever
            # only reads would then be shut out as well.
            health_check_interval=0,
            redis_connect_func=greeting,
            retry=_Retry(ExponentialBackoff(cap=2.0, base=0.1), RETRIES),
            retry_on_error=[
                redis.exceptions.ConnectionError,
                redis.exceptions.BusyLoadingError,
            ],
        )
    except ValueError as error:
        raise ServiceError(f"ECG_REDIS_URL: {error}") from error
    pool.connection_class = packing_quickly(pool.connection_class)
    client: Store = redis.asyncio.Redis.from_pool(pool)
    return client


def servers_of(client: Store) -> tuple[Store, ...]:
    """Return the clients of the single servers, the home first."""
    return client.servers if isinstance(client, ShardedStore) else (client,)


def holder_of(client: Store, partition: int) -> Store:
    """Return the client of the server that holds a partition: its clock numbers the entries."""
    servers = servers_of(client)
    return servers[keys.server_of(partition, len(servers))]


def name_of(client: Store, index: int) -> str:
    """Return what people call a server of several; empty: there is but one."""
    if not isinstance(client, ShardedStore):
        return ""
    return f"server {index + 1} of {len(client.servers)}, {client.addresses[index]}"


def by_server(client: Store, partitions: Iterable[int]) -> list[tuple[int, ...]]:
    """Return partitions that lie on one server together, for all servers that hold any of them.

    Whoever waits for one of them waits for no other server.
    """
    count = len(servers_of(client))
    groups: dict[int, list[int]] = {}
    for partition in partitions:
        groups.setdefault(keys.server_of(partition, count), []).append(partition)
    return [tuple(groups[index]) for index in sorted(groups)]


class _Retry(Retry):
    """Does not retry a refused password: redis counts it among the connection errors."""

    async def call_with_retry(
        self, do: Any, fail: Any, is_retryable: Any = None, with_failure_count: bool = False
    ) -> Any:
        def worth_a_retry(error: Exception) -> bool:
            refused = isinstance(error, redis.exceptions.AuthenticationError)
            return not refused and (is_retryable is None or is_retryable(error))

        return await super().call_with_retry(do, fail, worth_a_retry, with_failure_count)


@asynccontextmanager
async def answering(url: str) -> AsyncIterator[Store]:
    """Make a client of a server that answers, and close it in the end.

    Args:
        url: address of the server.

    Raises:
        ServiceError: the URL is malformed, or the server does not answer or does not let us in.
    """
    client = connect(url)
    try:
        await check(client)
        yield client
    finally:
        await client.aclose()


async def check(client: Store) -> None:
    """Make sure that the server answers and lets us in; it may be one that takes no writes now.

    Of several the first must answer; another may be away, if it is none but the one that was meant.

    Raises:
        ServiceError: it does not; the error says why.
    """
    home, *others = servers_of(client)
    problems = await asyncio.gather(_problem(home), *map(_problem, others))
    for index, error in enumerate(problems):
        if error is None:
            continue
        if isinstance(error, MisplacedError):
            raise ServiceError(str(error)) from error
        if isinstance(error, redis.exceptions.AuthenticationError):
            raise ServiceError(
                f"Redis refuses the user or password in ECG_REDIS_URL: {error}"
            ) from error
        why = (tls_problem(error) or str(error)).rstrip(".")
        if index:
            log.warning("its beds wait: Redis, %s: %s", name_of(client, index), why)
            continue
        raise ServiceError(
            f"cannot reach Redis: {why}; is it running where ECG_REDIS_URL says?"
        ) from error


async def _problem(server: Store) -> StoreError | None:
    """Return why a server does not answer, or not to us; None: it does."""
    try:
        await server.dbsize()  # not PING: see `connect`
    except redis.exceptions.RedisError as error:
        return error
    return None


async def check_answers(client: Store, within_s: float) -> None:
    """Make sure that the server answers a read.

    Args:
        client: the client.
        within_s: longest wait, with all attempts, s.

    Raises:
        StoreError: it answers nothing.
    """
    try:
        async with asyncio.timeout(within_s):
            await client.dbsize()  # not PING: see `connect`
    except TimeoutError as error:
        raise redis.exceptions.TimeoutError(f"no answer within {within_s:g} s") from error


async def within_reach(client: Store, partitions: int, within_s: float = 1.0) -> list[int]:
    """Return the partitions whose server answers; all of them where there is one server.

    Args:
        client: the client.
        partitions: their number.
        within_s: how long a server beside the first is waited for, s.
    """

    async def answers(server: Store) -> bool:
        try:
            await check_answers(server, within_s)
        except StoreError:
            return False
        return True

    found = await asyncio.gather(*map(answers, servers_of(client)[1:]))
    there = [True, *found]
    return [one for one in range(partitions) if there[keys.server_of(one, len(there))]]


async def read_stream(
    client: Store, stream: str, after: str, count: int, block_ms: int
) -> list[tuple[str, dict[bytes, bytes]]]:
    """Return the entries of a stream after an id, waiting for the first one.

    Args:
        client: the client.
        stream: key of the stream.
        after: id of the last entry known.
        count: most entries to return.
        block_ms: longest wait, ms.
    """
    answer: Any = await client.xread({stream: after}, count, block_ms)
    return [(entry.decode(), fields) for _, entries in answer or [] for entry, fields in entries]


async def read_words(
    client: Store, positions: Mapping[str, str | bytes], count: int, block_ms: int
) -> list[tuple[str, list[Any]]]:
    """Return what has come in streams as Redis puts it, which costs a fraction of `read_stream`.

    Args:
        client: the client.
        positions: id of the last entry known, by the key of the stream.
        count: most entries of a stream to return.
        block_ms: longest wait for the first entry, ms.

    Returns:
        Streams in which something has come, each with its entries: an id, and a list of names and
        values by turns.
    """
    words = (b"COUNT", count, b"BLOCK", block_ms, b"STREAMS", *positions, *positions.values())
    # The client makes maps of the answers to commands that it knows by name: a text, not bytes.
    answer: Any = await client.execute_command(b"XREAD", *words)  # type: ignore[no-untyped-call]
    found = answer.items() if isinstance(answer, dict) else answer or ()
    return [(stream.decode(), entries) for stream, entries in found]


async def read_hash(client: Store, key: str) -> dict[str, bytes]:
    """Return all fields of a hash."""
    answer: Any = await client.hgetall(key)
    return {name.decode(): value for name, value in answer.items()}
