"""A client that watches the hub as a page does, and takes the delays of frames.

It signs in by a session of its own, subscribes to all beds or to those of one wall and to the
alarms of all, and tells the hub every second what it has seen, as pages do
(`dashboard.hub.requests`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from dashboard.addresses import hub_port
from dashboard.hub import frames
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import run_together
from ecg_monitor.core.store import Store
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts import changes
from ecg_monitor.ward.accounts.model import Session
from ecg_monitor.ward.accounts.trail import Entry
from workbench.bench.whole.follower import Follower

WHO = "bench"
LIFE_S = 7 * 86_400.0
PING_S = 1.0
_BEDS_CHANGE = ('"t":"bed"', '"t":"gone"')
"""What is looked for in texts, beside the date that stands first in each."""
AGAIN_S = 0.1
"""Pause between tries to reach a hub that is starting, s."""


@dataclass(slots=True)
class Watcher:
    """What the client has seen.

    Attributes:
        follower: takes the delays of frames.
        beds: names of the devices that it shows, None for all; `show` others.
        names: devices by their index at the hub.
        dropped: messages that the hub did not send, by its own count.
        joined: set when the hub has answered.
    """

    follower: Follower
    beds: Sequence[str] | None = None
    names: dict[int, str] = field(default_factory=dict)
    dropped: int = 0
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: float = 0.0
    _socket: ClientConnection | None = None
    _starts: npt.NDArray[np.float64] = field(default_factory=lambda: np.full(frames.BEDS, np.nan))
    _rates: npt.NDArray[np.float64] = field(default_factory=lambda: np.full(frames.BEDS, np.nan))

    async def watch(self, settings: Settings, store: Store) -> None:
        """Watch until cancelled; wait for a hub that is starting.

        Raises:
            ServiceError: the hub ends the connection.
        """
        cookie = await session_cookie(settings, store)
        origin = min(access.allowed_origins(settings))
        address = f"ws://127.0.0.1:{hub_port(settings)}"
        while True:
            try:
                socket = await connect(
                    address,
                    origin=origin,  # type: ignore[arg-type]  # a NewType of str
                    additional_headers={"Cookie": cookie},
                    compression=None,
                    max_size=None,
                    ping_interval=None,
                )
                break
            except (OSError, WebSocketException):
                await asyncio.sleep(AGAIN_S)
        try:
            self._socket = socket
            await self._subscribe()
            await run_together([self._ping(socket), self._read(socket)])
        except WebSocketException as error:
            raise ServiceError(f"the hub ended the connection: {error}") from error
        finally:
            with suppress(WebSocketException, OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await socket.close()

    async def show(self, beds: Sequence[str]) -> None:
        """Show other beds than before, once the hub has answered.

        Args:
            beds: names of their devices.

        Raises:
            ServiceError: the hub has ended the connection.
        """
        self.beds = beds
        try:
            await self._subscribe()
        except WebSocketException as error:
            raise ServiceError(f"the hub ended the connection: {error}") from error

    async def _subscribe(self) -> None:
        if self._socket is None:
            return  # it asks for them when it comes
        beds = "all" if self.beds is None else list(self.beds)
        request = {"t": "subscribe", "beds": beds, "leads": "all", "alarms": "all"}
        await self._socket.send(orjson.dumps(request).decode())

    async def _ping(self, socket: ClientConnection) -> None:
        while True:
            told = {"t": "ping", "c": 0, **({"seen": self._seen} if self._seen else {})}
            await socket.send(orjson.dumps(told).decode())
            await asyncio.sleep(PING_S)

    async def _read(self, socket: ClientConnection) -> None:
        async for message in socket:
            self.take(message, time.time())
        raise ServiceError("the hub ended the connection")

    def take(self, message: str | bytes, now: float) -> None:
        """Take one message that came at Unix time ``now``, s."""
        if isinstance(message, bytes):
            kind, sent_at = frames.DATE.unpack_from(message)
            if kind == frames.KIND_DATE:
                self._seen = sent_at
            for heads in frames.spans(message):
                self._frames(heads[(heads["flags"] & frames.FLAG_HISTORY) == 0], now)
            return
        self.joined.set()
        if not any(kind in message for kind in _BEDS_CHANGE):  # numbers and beats: all but the date
            message = message[: message.index("}") + 1] + "]"
        for said in orjson.loads(message):
            match said["t"]:
                case "sent":
                    self._seen, self.dropped = said["now"], said["dropped"]
                case "bed":
                    if self.names.get(said["bed"]) != said["device"]:
                        self._starts[said["bed"]] = np.nan
                        self.names[said["bed"]] = said["device"]
                case "gone":
                    self._starts[said["bed"]] = np.nan
                    self.names.pop(said["bed"], None)

    def _frames(self, heads: npt.NDArray[np.void], now: float) -> None:
        """Take frames by their headers (`dashboard.hub.frames.HEADERS`)."""
        beds = heads["bed"]
        for bed in np.unique(beds[np.isnan(self._starts[beds])]).tolist():  # not met so far
            account = self.follower.devices.get(self.names.get(bed, ""))
            if account is not None:
                self._starts[bed], self._rates[bed] = account.start, account.fs
        known = ~np.isnan(self._starts[beds])
        beds, ends = beds[known], (heads["n0"] + heads["count"])[known]
        self.follower.frames(now - self._starts[beds] - ends / self._rates[beds])


async def session_cookie(settings: Settings, store: Store) -> str:
    """Open a session and return the cookie that proves it."""
    token, now = secrets.token_urlsafe(16), time.time()
    session = Session(WHO, WHO, "viewer", "person", "", now, now + LIFE_S, None)
    entry = Entry("signed_in", WHO, WHO, now)
    await changes.open_session(store, None, access.digest_of(token), session, "", entry)
    return f"{access.SESSION_COOKIE}={access.make_cookie(settings.require('secret'), token)}"
