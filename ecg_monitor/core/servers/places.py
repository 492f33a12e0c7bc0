"""Which server of several holds what, and the mark by which each knows its place.

Partition p lies on server p mod n; what is no partition's lies on the first. So number and order of
the servers are part of the data. Each is told its place at its first use (key `keys.PLACE`), and a
connection that finds another place than the one it was named for is refused: whoever read on would
show empty beds, and whoever wrote on would spread one bed over two servers.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import redis.exceptions
from redis.asyncio.connection import AbstractConnection

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError

MOST_PARTITIONS = 1024
_CLAIM = files(__package__).joinpath("claim.lua").read_text(encoding="utf-8")


class MisplacedError(redis.exceptions.RedisError):
    """A server is not the one that it was named for; the text says what is to be done."""


def urls_of(text: str) -> tuple[str, ...]:
    """Return the addresses that ECG_REDIS_URL names, in order; the first is that of the home.

    Raises:
        ServiceError: one is empty, or there twice.
    """
    urls = tuple(one.strip() for one in text.split(","))
    if not all(urls):
        raise ServiceError("ECG_REDIS_URL: an address between commas is empty")
    if len(set(urls)) < len(urls):
        raise ServiceError("ECG_REDIS_URL names a server twice; each has a place of its own")
    return urls


def address_of(url: str) -> str:
    """Return what people call a server: nothing that holds a password."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    number = parts.path.strip("/")
    return f"{host or 'localhost'}:{parts.port or 6379}" + (f"/{number}" if number else "")


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one server: its number from 1, how many there are, and whose they are."""

    number: int
    count: int
    installation: str

    def to_text(self) -> str:
        """Return the text that the server keeps."""
        return f"{self.number}/{self.count}/{self.installation}"


def place_of(text: bytes) -> Place | None:
    """Read a place; None: it is none that this version knows."""
    words = text.decode(errors="replace").split("/")
    if len(words) != 3 or not (words[0].isdecimal() and words[1].isdecimal()):
        return None
    return Place(int(words[0]), int(words[1]), words[2])


class Places:
    """Holds the servers of one client to their places, connection by connection.

    Args:
        urls: addresses, in order.

    Attributes:
        visit_home: connects to the first server; called while its mark is not known and another
            server has none yet.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._names = [address_of(url) for url in urls]
        self._installations: dict[int, str] = {}
        self.visit_home: Callable[[], Awaitable[None]] | None = None

    def greeting(self, index: int) -> Callable[[AbstractConnection], Awaitable[None]]:
        """Return what a new connection to a server does first.

        Args:
            index: of the server, from 0.
        """

        async def greet(connection: AbstractConnection) -> None:
            await connection.on_connect()
            held: bytes | None = await _ask(connection, "GET", keys.PLACE)
            if held is None and len(self._names) > 1:
                held = await self._claim(connection, index)
            if held is not None:
                self._check(index, place_of(held))

        return greet

    async def _claim(self, connection: AbstractConnection, index: int) -> bytes:
        """Give a server that has none its place; return the one that it has then."""
        installation = self._installations.get(0)
        if installation is None and index == 0:
            installation = secrets.token_hex(4)
        elif installation is None and self.visit_home is not None:
            try:
                await self.visit_home()
            except redis.exceptions.ConnectionError as error:  # which is not tried again here
                raise redis.exceptions.RedisError(
                    f"{self._names[index]} has no place yet, and the first server, which says "
                    f"whose it is, does not answer: {error}"
                ) from error
            installation = self._installations[0]
        count = len(self._names)
        strange = [
            key(partition)
            for partition in range(MOST_PARTITIONS)
            if keys.server_of(partition, count) != index
            for key in (keys.epoch, keys.roster, keys.patients)
        ]
        strange += [keys.INSTALLATION, keys.USERS] if index else []
        place = Place(index + 1, count, installation or "")
        words = (keys.PLACE, *strange, place.to_text())
        held, found = await _ask(connection, "EVAL", _CLAIM, len(words) - 1, *words)
        if not held:
            raise MisplacedError(
                f"ECG_REDIS_URL: {self._names[index]} is named as server {index + 1} of {count}, "
                f"but holds {found.decode()}, which does not belong there: the number of servers "
                "cannot change while state is kept. Name the servers that the system has, or begin "
                "with empty ones"
            )
        return bytes(held)

    def _check(self, index: int, place: Place | None) -> None:
        """Make sure that a server is the one that was meant.

        Raises:
            MisplacedError: it is not.
        """
        name, count = f"ECG_REDIS_URL: {self._names[index]}", len(self._names)
        if place is None:
            raise MisplacedError(f"{name}: {keys.PLACE} there is from another version of us")
        if place.count != count:
            raise MisplacedError(
                f"{name} is server {place.number} of {place.count}, and {count} "
                f"{'is' if count == 1 else 'are'} named: name all {place.count}, separated by "
                "commas and in their order; their number cannot change while state is kept"
            )
        if place.number != index + 1:
            raise MisplacedError(
                f"{name} is server {place.number} of {count}, but is named as number {index + 1}: "
                "name the servers in their order"
            )
        self._installations[index] = place.installation
        for other, installation in self._installations.items():
            if installation != place.installation:
                raise MisplacedError(
                    f"{name} belongs to the installation {place.installation}, "
                    f"{self._names[other]} to {installation}: name the servers of one, or empty "
                    "the wrong one (FLUSHALL) if nobody needs what it holds"
                )


async def _ask(connection: AbstractConnection, *words: Any) -> Any:
    await connection.send_command(*words)
    return await connection.read_response()
