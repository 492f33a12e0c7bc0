"""The hub over websockets: lets clients in, moves texts and frames, stops cleanly.

Who is let in: a browser with a valid session cookie, on a page of the dashboard itself (its
``Origin``). What a client may do is bounded in size, rate and number. Close codes: 1008 for a
client that breaks the rules, 4008 for one that reads too slowly, 4001 for one whose session is
over, 1013 for one that gives its place to another user, 1001 when the hub stops.

``GET /healthz`` on the same port answers 200 when Redis answers (one server at least, of several)
and takes writes, else 503, for container checks; and says what is wrong with the system.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import defaultdict
from contextlib import AsyncExitStack, suppress
from http import HTTPStatus

import orjson
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.gate import ClientSlots, Gate
from dashboard.hub.outbox import MAX_FRAME_BYTES, Outbox, dated
from dashboard.hub.polling import PartitionPoller
from dashboard.hub.readers import StreamReader
from dashboard.hub.requests import MAX_REQUEST_BYTES, parse
from ecg_monitor.core import store
from ecg_monitor.core.errors import ServiceError, WireError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.ward import access
from ecg_monitor.ward.alerts.policy import load_policy
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.system.process_figures import report

log = logging.getLogger(__name__)

SEND_BUFFER_BYTES = 128 * 1024
"""What the operating system may hold for one client, bytes; by itself it takes megabytes. It is a
second of 64 beds with two leads of 500 Hz."""
MAX_OPENING = 32
"""Connections of one address that have not yet said what they want; the oldest gives way."""
CATCH_UP_S = 3.0
"""Wait at most this long for the past before letting clients in: Redis may be away."""
TICK_S = 1.0
CLOSE_S = 1.0
"""How long a client has to take note that it is being closed."""
RULES_BROKEN = 1008
TRY_LATER = 1013
SESSION_OVER = 4001
TOO_SLOW = 4008


class _Connection(ServerConnection):
    """A connection with a small send buffer, one of few of its address before it is let in."""

    opening: dict[object, dict[_Connection, None]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        peer = transport.get_extra_info("peername")
        self._from = peer[0] if peer else None
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES
        )
        super().connection_made(transport)
        others = self.opening[self._from]
        others[self] = None
        if len(others) > MAX_OPENING:
            oldest = next(iter(others))
            oldest.let_in()
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.let_in()
        super().connection_lost(exc)

    def let_in(self) -> None:
        """Count it no longer among those that have not said what they want."""
        self.opening[self._from].pop(self, None)
        if not self.opening[self._from]:
            del self.opening[self._from]


class Hub:
    """The running hub; use as an asynchronous context manager.

    Args:
        settings: Redis, partitions, secret, addresses.
        port: port to listen on; 0 chooses a free one.
        send_timeout_s: a client that takes no byte for this long is closed.
        max_frame_bytes: most bytes of samples that wait for one client.

    Raises:
        SettingsError: a needed setting is missing or wrong.
        ServiceError: the port cannot be bound.
    """

    def __init__(
        self,
        settings: Settings,
        port: int,
        *,
        send_timeout_s: float = 10.0,
        max_frame_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        self._client = store.connect(settings.require("redis_url"))
        self._gate = Gate(settings, self._client)
        self._origins = access.allowed_origins(settings)
        self._address = (settings.host, port)
        self._send_timeout_s = send_timeout_s
        self._max_frame_bytes = max_frame_bytes
        self._stack = AsyncExitStack()
        self._server: Server | None = None
        self._places = ClientSlots()
        self._leaving: set[asyncio.Task[None]] = set()
        self._clients: dict[ServerConnection, Client] = {}
        policy, limits = load_policy(settings.config), load_limits(settings.config)
        self.core = HubCore(settings.partitions, time.time(), policy, limits)

    @property
    def port(self) -> int:
        """Port on which the hub listens."""
        if self._server is None:
            raise ServiceError("the hub is not running")
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    async def __aenter__(self) -> Hub:
        async with AsyncExitStack() as stack:
            client = self._client
            stack.push_async_callback(client.aclose)
            partitions = range(len(self.core.partitions))
            groups = store.by_server(client, partitions)
            readers = [StreamReader(self.core, client, group) for group in groups]
            tasks = [asyncio.create_task(reader.follow()) for reader in readers]
            tasks += [
                asyncio.create_task(PartitionPoller(self.core, client, partition).poll())
                for partition in partitions
            ]
            tasks.append(asyncio.create_task(self._tick()))
            tasks.append(asyncio.create_task(report(client, "hub", self.core.figures)))
            tasks.append(asyncio.create_task(self._gate.watch(self._show_out)))
            stack.push_async_callback(_cancel, tasks)
            with suppress(TimeoutError):
                async with asyncio.timeout(CATCH_UP_S):
                    for reader in readers:
                        await reader.caught_up.wait()
            self._server = await self._listen()
            stack.push_async_callback(self._close, self._server)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _listen(self) -> Server:
        host, port = self._address
        kind = type("Connection", (_Connection,), {"opening": defaultdict(dict)})
        try:
            return await serve(
                self._handle,
                host,
                port,
                process_request=self._admit,
                create_connection=kind,
                compression=None,  # samples hardly shrink; it would cost more than all the rest
                max_size=MAX_REQUEST_BYTES,
                max_queue=16,
                ping_interval=20,
                ping_timeout=20,
                close_timeout=CLOSE_S,
                server_header=None,
            )
        except OSError as error:
            raise ServiceError(
                f"the hub cannot listen on {host} port {port}: {error}; choose another in "
                "ECG_HUB_PORT"
            ) from error

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request that is no websocket of a signed-in page; None lets it in."""
        if request.path == "/healthz":
            return self._health(connection)
        if request.headers.get("Origin", "").lower() not in self._origins:
            log.warning("refused a page of %.80r", request.headers.get("Origin"))
            return connection.respond(HTTPStatus.FORBIDDEN, "not a page of this dashboard\n")
        if not await self._gate.admits(request.headers):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "not signed in\n")
        session = self._gate.digest_of(request.headers)
        if self._places.session_is_full(session):
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "too many pages are open\n")
        if self._places.is_full(self._gate.user_of(session)):
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many clients\n")
        return None

    async def _show_out(self) -> None:
        """Close the connections whose session is over; show others the beds that they may see."""
        if self._gate.units is not self.core.book:
            sights = {
                client: self._gate.sight_of(self._gate.session_of(connection))
                for connection, client in self._clients.items()
            }
            self.core.see(self._gate.units, sights, time.time())
        over = [one for one, digest in self._places.taken() if not self._gate.is_good(digest)]
        await asyncio.gather(*(_dismiss(one, SESSION_OVER, "session over") for one in over))

    def _health(self, connection: ServerConnection) -> Response:
        now = time.time()
        gone, partly = self.core.gone(now), self.core.stale(now)
        refuses = "store_refuses" in self.core.conditions
        well = not gone and not refuses
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        redis = "stale" if gone else "refuses" if refuses else "partly stale" if partly else "ok"
        body = orjson.dumps({"redis": redis, "conditions": self.core.conditions}).decode()
        response = connection.respond(status, body + "\n")
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response

    async def _handle(self, connection: ServerConnection) -> None:
        if isinstance(connection, _Connection):
            connection.let_in()
        session = self._gate.session_of(connection)
        user = self._gate.user_of(session)
        if self._places.session_is_full(session) or self._places.is_full(user):  # many at once
            await connection.close(TRY_LATER, "too many pages are open")
            return
        leaves = self._places.take(connection, session, user)
        if leaves is not None:
            self._places.leave(leaves)
            self._leaving.add(task := asyncio.create_task(_dismiss(leaves, TRY_LATER, "too many")))
            task.add_done_callback(self._leaving.discard)
        waiting = asyncio.Event()
        client = Client(Outbox(waiting.set, self._max_frame_bytes))
        client.sight = self._gate.sight_of(session)
        self._clients[connection] = client
        self.core.connect(client)
        sender = asyncio.create_task(self._send(connection, client, waiting))
        try:
            await self._receive(connection, client)
        except ConnectionClosed as closed:
            log.debug("client left: %s", closed)
        finally:
            self.core.disconnect(client)
            self._clients.pop(connection, None)
            self._places.leave(connection)
            await _cancel([sender])

    async def _receive(self, connection: ServerConnection, client: Client) -> None:
        async for message in connection:
            now = time.time()
            if not client.limit.allow(now):
                await connection.close(RULES_BROKEN, "too many requests")
                return
            try:
                request = parse(message)
            except WireError as error:
                await connection.close(RULES_BROKEN, str(error)[:120])
                return
            self.core.request(client, request, now)

    async def _send(
        self, connection: ServerConnection, client: Client, waiting: asyncio.Event
    ) -> None:
        try:
            while True:
                await waiting.wait()
                waiting.clear()
                while (message := client.outbox.next_message(now := time.time())) is not None:
                    message = dated(message, now, client.outbox.dropped)
                    if not connection.transport.get_write_buffer_size():
                        broadcast([connection], message)  # nothing to wait for: half the work
                        continue
                    async with asyncio.timeout(self._send_timeout_s):
                        await connection.send(message)
        except ConnectionClosed as closed:
            log.debug("client left: %s", closed)
        except TimeoutError:
            log.warning("closed a client that reads too slowly")
            await _dismiss(connection, TOO_SLOW, "reads too slowly")

    async def _close(self, server: Server) -> None:
        server.close()
        closed = asyncio.create_task(server.wait_closed())
        await asyncio.wait([closed], timeout=2 * CLOSE_S)
        for connection, _ in self._places.taken():  # those that do not even take the farewell
            connection.transport.abort()
        await closed

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.core.tick(time.time())


async def _dismiss(connection: ServerConnection, code: int, reason: str) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await connection.close(code, reason)
    # Closing waits until everything has been sent, and that is what some do not take.
    connection.transport.abort()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    await cancel_all(tasks)
    for task in tasks:
        if not task.cancelled() and task.exception() is not None:
            log.error("task failed", exc_info=task.exception())
