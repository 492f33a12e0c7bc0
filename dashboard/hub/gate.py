"""Who may hear the hub, and how many: browsers with a session, for as long as it lasts.

The sessions and the care units are read every `REFRESH_S` seconds, never per frame; whoever has
lost theirs is shown out at the next look, and a bed that is no longer theirs is taken from them.
While Redis is away those who are known stay, and nobody new is let in.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers

from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.book import REFRESH_S, Book
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.units.reading import UnitCopy
from ecg_monitor.ward.units.sight import UnitBook, VisibleBeds

log = logging.getLogger(__name__)

READ_S = 1.0
CLEAR_EVERY_S = 60.0
_BETWEEN_LOOKS_S = 0.25
"""Least time between two looks for cookies that the copy does not know."""


MAX_CLIENTS = 256
"""Pages that are open at once, of all users together."""
MAX_OF_SESSION = 16
"""Pages that one browser may have open at once."""


class ClientSlots:
    """The hub's places, none of which can be held against everybody.

    One browser takes no more than `MAX_OF_SESSION`; when all `MAX_CLIENTS` are taken, a newcomer
    gets that of a user who has more of them than the newcomer has.
    """

    def __init__(self) -> None:
        self._taken: dict[ServerConnection, tuple[str, str]] = {}

    def session_is_full(self, session: str) -> bool:
        """Whether a session has all the pages that it may have."""
        return sum(one == session for one, _ in self._taken.values()) >= MAX_OF_SESSION

    def is_full(self, user: str) -> bool:
        """Whether there is no place for a user, not even another one's."""
        return len(self._taken) >= MAX_CLIENTS and self._who_gives_way(user) is None

    def take(
        self, connection: ServerConnection, session: str, user: str
    ) -> ServerConnection | None:
        """Take a place; return the connection that has to leave for it, or None."""
        leaves = self._who_gives_way(user) if len(self._taken) >= MAX_CLIENTS else None
        self._taken[connection] = (session, user)
        return leaves

    def leave(self, connection: ServerConnection) -> None:
        """Give a place back."""
        self._taken.pop(connection, None)

    def taken(self) -> list[tuple[ServerConnection, str]]:
        """Return the connections, the oldest first, each with its session."""
        return [(connection, session) for connection, (session, _) in self._taken.items()]

    def _who_gives_way(self, user: str) -> ServerConnection | None:
        counts = Counter(one for _, one in self._taken.values())
        ((most, count),) = counts.most_common(1)
        if count <= counts[user] + 1:
            return None
        return next(one for one, (_, who) in self._taken.items() if who == most)


class Gate:
    """The hub's copy of the sessions.

    Args:
        settings: secret.
        client: Redis.
    """

    def __init__(self, settings: Settings, client: Store) -> None:
        self._secret = settings.require("secret")
        self._entrance = Entrance(client, settings)
        self._client = client
        self._book = Book()
        self._units = UnitCopy()
        self._reading = asyncio.Lock()
        self._looked_at = float("-inf")

    async def admits(self, headers: Headers) -> bool:
        """Whether a request comes with the cookie of a good session."""
        digest = self.digest_of(headers)
        if not digest:
            return False
        if not self.is_good(digest):
            await self._look_after(time.monotonic())  # signed in a moment ago?
        return self.is_good(digest)

    @property
    def units(self) -> UnitBook:
        """The care units, as they were at the last look."""
        return self._units.book

    def sight_of(self, digest: str) -> VisibleBeds:
        """Return which beds a session may see; none of any unit if it is over."""
        visit = self._book.find(digest, time.time())
        if visit is None:
            return VisibleBeds(self.units, frozenset())
        return self.units.sight_of(visit.session.key, visit.session.units)

    def user_of(self, digest: str) -> str:
        """Return the unique name of a session's user; empty if the session is over."""
        visit = self._book.find(digest, time.time())
        return "" if visit is None else visit.session.key

    def session_of(self, connection: ServerConnection) -> str:
        """Return the name of the session of a connection that was admitted."""
        return self.digest_of(connection.request.headers) if connection.request else ""

    def is_good(self, digest: str) -> bool:
        """Whether a session is known and not over."""
        return self._book.find(digest, time.time()) is not None

    async def watch(self, show_out: Callable[[], Awaitable[None]]) -> None:
        """Look at the sessions until cancelled; call ``show_out`` after every look."""
        cleared_at = time.monotonic()
        while True:
            await self._look_after(time.monotonic())
            await show_out()
            if time.monotonic() - cleared_at >= CLEAR_EVERY_S:
                cleared_at = time.monotonic()
                await self._clear_out()
            await asyncio.sleep(REFRESH_S)

    def digest_of(self, headers: Headers) -> str:
        """Return the name of the session that a cookie claims; empty if it is forged."""
        cookies = "; ".join(headers.get_all("Cookie"))
        return access.digest_of_cookie_header(self._secret, cookies) or ""

    async def _look_after(self, asked_at: float) -> None:
        """Read the sessions after this monotonic time; whoever else asks shares the look."""
        async with self._reading:
            if self._looked_at >= asked_at:
                return
            pause_s = self._looked_at + _BETWEEN_LOOKS_S - time.monotonic()
            await asyncio.sleep(min(_BETWEEN_LOOKS_S, max(0.0, pause_s)))
            self._looked_at = time.monotonic()
            try:
                async with asyncio.timeout(READ_S):
                    # Units before sessions: nobody is known whose units are not.
                    if await self._units.refresh(self._client):
                        for error in self.units.malformed:
                            log.warning("%s", error)
                    await self._entrance.read(self._book)
            except (StoreError, TimeoutError) as error:
                self._book.lost()
                log.debug("cannot read the sessions: %s", error)
        for malformed in self._book.malformed:
            log.warning("%s", malformed)

    async def _clear_out(self) -> None:
        try:
            await self._entrance.clear_out(self._book)
        except (StoreError, AccountError) as error:
            log.warning("cannot clear out old sessions: %s", error)
