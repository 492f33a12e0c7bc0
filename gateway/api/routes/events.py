"""``/v1/events``: a websocket that tells what happens, as it happens.

Each message is a JSON map. ``type`` is ``r_peak``, ``beat``, ``vitals``, ``measurement``,
``episode`` or ``alarm`` (what the detector found; see `ecg_monitor.core.types`) or ``alert`` (a
change of an alarm: raised, acknowledged, cleared ...). A program that does not read is shut out
with code 1013 rather than told old news; it asks ``/v1/alarms`` for what it has missed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import StoreError
from ecg_monitor.ward.accounts.tokens import Token, by_digest
from ecg_monitor.ward.alerts.trail import from_fields
from gateway.api.caller import Caller, caller_of
from gateway.api.errors import ApiError
from gateway.api.state import ApiState, state_of

log = logging.getLogger("api")
router = APIRouter()

TYPES = ("r_peak", "beat", "vitals", "measurement", "episode", "alarm", "alert")
BLOCK_MS = 500
READ_COUNT = 500
SLOWEST_S = 5.0
"""A message that a program does not take within this time ends its stream, s."""
LOOK_AGAIN_S = 2.0
"""How long a token that has been revoked may go on listening, or to a bed given away, s."""
SLOW, WRONG, OVER = 1013, 1008, 4401
"""Codes of RFC 6455 (try again later, policy), and one of our own: the token is over."""

Fields = dict[bytes, bytes]
Listed = Annotated[str, Query(max_length=1000)]


@router.websocket("/events")
async def events(socket: WebSocket, beds: Listed = "", types: Listed = "") -> None:
    """Tell what happens at the beds that the token may see.

    Args:
        socket: who listens.
        beds: device ids, separated by commas; empty: all.
        types: types of message, likewise.
    """
    caller, state = caller_of(socket), state_of(socket)
    await socket.accept()
    try:
        follower = _follower(caller, state, beds, types)
    except ApiError as error:
        await socket.close(WRONG, error.message[:120])
        return
    with state.listening.place(caller.token.digest) as granted:
        if not granted:
            await socket.close(SLOW, "too many listeners")
            return
        sending = asyncio.ensure_future(_send(socket, follower))
        hearing = asyncio.ensure_future(_until_gone(socket))
        watching = asyncio.ensure_future(_until_over(state, caller.token, follower))
        tasks = [sending, hearing, watching]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                return
            code, why = (OVER, "the token is over") if watching.done() else (SLOW, "too slow")
            if sending.done() and isinstance(sending.exception(), StoreError):
                why = "Redis does not answer"
            await _close(socket, code, why)
        finally:
            await cancel_all(tasks)


class Follower:
    """Reads what happens in all partitions from now on.

    Args:
        state: Redis and settings.
        caller: whose beds are told.
        beds: those that are asked for; none: all.
        types: types of message that are asked for.

    Attributes:
        caller: who listens; another one when the units of the person have changed.
    """

    def __init__(
        self, state: ApiState, caller: Caller, beds: frozenset[str], types: frozenset[str]
    ) -> None:
        self._client = state.listener
        self._partitions = range(state.settings.partitions)
        self.caller = caller
        self._beds = beds
        self._types = types

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield messages as they come.

        Raises:
            StoreError: Redis does not answer.
        """
        now: Any = await self._client.time()
        start = f"{now[0] * 1000 + now[1] // 1000}-0"
        streams = [make(p) for p in self._partitions for make in (keys.events, keys.alertlog)]
        positions: dict[Any, Any] = dict.fromkeys(streams, start)
        logs = {keys.alertlog(p) for p in self._partitions}
        while True:
            answer: Any = await self._client.xread(positions, READ_COUNT, BLOCK_MS)
            for stream, found in answer or []:
                name = stream.decode()
                for entry, fields in found:
                    read = self._alert if name in logs else self._events
                    for message in read(fields, entry_ms(entry) / 1000):
                        yield orjson.dumps(message)
                positions[name] = found[-1][0]

    def _events(self, fields: Fields, at: float) -> Iterator[dict[str, Any]]:
        device = fields.get(b"d", b"").decode()
        if not self._wants(device):
            return
        boot = fields.get(b"b", b"").decode()
        for event in orjson.loads(fields[b"j"]):
            if event["type"] in self._types:
                yield {"device": device, "boot": boot, "at": at, **event}

    def _alert(self, fields: Fields, at: float) -> Iterator[dict[str, Any]]:
        try:
            entry = from_fields(fields)
        except AlertError as error:
            log.error("a change of an alarm is malformed: %s", error)
            return
        if "alert" in self._types and self._wants(entry.device):
            alert = None if entry.alert is None else orjson.loads(entry.alert.to_json())
            yield {"type": "alert", **entry.to_map(), "told_at": at, "alert": alert}

    def _wants(self, device: str) -> bool:
        return (not self._beds or device in self._beds) and self.caller.may_see(device)


def _follower(caller: Caller, state: ApiState, beds: str, types: str) -> Follower:
    caller.check("read")
    wanted = frozenset(filter(None, beds.split(",")))
    for device in wanted:
        caller.check_bed(device)
    kinds = frozenset(filter(None, types.split(","))) or frozenset(TYPES)
    unknown = kinds - set(TYPES)
    if unknown:
        raise ApiError(422, f"types: there is no {min(unknown)}; there are {', '.join(TYPES)}")
    return Follower(state, caller, wanted, kinds)


async def _send(socket: WebSocket, follower: Follower) -> None:
    async for message in follower.messages():
        async with asyncio.timeout(SLOWEST_S):
            await socket.send_text(message.decode())


async def _until_gone(socket: WebSocket) -> None:
    """Wait until the other side is gone; what it says is not listened to."""
    try:
        while True:
            await socket.receive_bytes()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return


async def _until_over(state: ApiState, token: Token, follower: Follower) -> None:
    """Wait until the token is revoked, over, or its person kept out; tell what they see by then."""
    while True:
        await asyncio.sleep(LOOK_AGAIN_S)
        try:
            if await by_digest(state.client, token.digest, time.time()) is None:
                return
            sight = await state.sight_of(token)
            follower.caller = replace(follower.caller, sight=sight)
        except StoreError as error:  # nobody can be revoked now
            log.debug("cannot look: %s", error)


async def _close(socket: WebSocket, code: int, why: str) -> None:
    try:
        async with asyncio.timeout(1.0):
            await socket.close(code, why)
    except (TimeoutError, RuntimeError, WebSocketDisconnect) as error:
        log.debug("a listener could not be told why: %s", error)
