"""Screens of a hub that cost the measuring process little: they take what comes, and count it.

A browser decodes what it is sent; here one screen does, and tells whether every sample has come.
The others read nothing but bytes.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from dashboard.hub import frames
from ecg_monitor.core.errors import ServiceError

PING_S = 1.0
_FINAL_TEXT = 0x81
_MASKED = 0x80


@dataclass(slots=True, eq=False)
class Screen(asyncio.Protocol):
    """A page that shows some beds, and hears of the alarms of all.

    Attributes:
        port: of the hub.
        origin: address of the page that it claims to be.
        cookie: of its session.
        devices: what it shows.
        reads: whether it looks at what comes; else it counts bytes alone.
        received: bytes so far.
        samples: by device, samples of one lead that have come; of a screen that reads.
        dropped: frames and beats that it was too slow for, as the hub told it last; likewise.
        closed: whether the hub has ended the connection.
    """

    port: int
    origin: str
    cookie: str
    devices: Sequence[str]
    reads: bool = False
    received: int = 0
    samples: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    dropped: int = 0
    closed: bool = False
    _transport: Any = None
    _rest: bytes = b""
    _is_open: bool = False
    _names: dict[int, str] = field(default_factory=dict)

    async def join(self) -> None:
        """Connect, and ask for the beds.

        Raises:
            ServiceError: the hub does not let it in.
        """
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self.port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET / HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Upgrade: websocket",
            "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            f"Origin: {self.origin}", f"Cookie: {self.cookie}", "", "",
        )  # fmt: skip
        self._transport.write("\r\n".join(lines).encode())
        while not self._is_open:
            if self.closed:
                raise ServiceError("the hub does not let a screen in")
            await asyncio.sleep(0.01)
        request = {"t": "subscribe", "beds": list(self.devices), "history_s": 20, "alarms": "all"}
        self._send({**request, "leads": 1})

    def ping(self) -> None:
        """Ask for the hub's clock, as pages do every second."""
        self._send({"t": "ping", "c": round(time.time(), 3)})

    def close(self) -> None:
        """End the connection."""
        self._transport.abort()

    def _send(self, request: dict[str, Any]) -> None:
        text = orjson.dumps(request)
        size = bytes([_MASKED | min(len(text), 126)])
        if len(text) > 125:
            size += struct.pack(">H", len(text))
        # A mask of zeros leaves the text as it is.
        self._transport.write(bytes([_FINAL_TEXT]) + size + bytes(4) + text)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        """End."""
        self.closed = True

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        self.received += len(data)
        if self._is_open and not self.reads:
            return
        self._rest += data
        if not self._is_open:
            head, mark, rest = self._rest.partition(b"\r\n\r\n")
            if not mark:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._transport.abort()
                return
            self._is_open, self._rest = True, rest
        if self.reads:
            self._read()

    def _read(self) -> None:
        """Look at the whole messages among what has come."""
        data, at = self._rest, 0
        while len(data) - at >= 2:
            size, begin = data[at + 1], at + 2
            if size >= 126:
                begin += 2 if size == 126 else 8
                size = int.from_bytes(data[at + 2 : begin])
            if len(data) < max(begin + size, begin):
                break
            if data[at] == _FINAL_TEXT:
                self._texts(data[begin : begin + size])
            elif data[at] == 0x82:
                for frame in frames.unpack(data[begin : begin + size]):
                    self.samples[self._names[frame.bed]] += len(frame.samples)
            at = begin + size
        self._rest = data[at:]

    def _texts(self, message: bytes) -> None:
        for text in orjson.loads(message):
            if text["t"] == "bed":
                self._names[text["bed"]] = text["device"]
            elif text["t"] == "sent":
                self.dropped = text["dropped"]


async def pinging(screens: Sequence[Screen]) -> None:
    """Let screens ask for the hub's clock, spread over each second, until cancelled."""
    while True:
        for screen in screens:
            screen.ping()
            await asyncio.sleep(PING_S / len(screens))
