"""Who is asking: the sessions as the dashboard's process knows them.

A request is answered from a copy of the sessions that is at most `REFRESH_S` old; one that changes
something, or brings a cookie that the copy does not know, looks in Redis first. While Redis is away
the copy stays good, and nobody new is let in.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flask import g, has_request_context

from dashboard.answers.asking import StoreThread
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.book import REFRESH_S, Book, Visit
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.units.reading import UnitCopy
from ecg_monitor.ward.units.sight import VisibleBeds

log = logging.getLogger(__name__)

READ_S = 1.5
"""A page waits no longer for the sessions; with Redis on the same network they take 5 ms."""
ANSWER_S = 5.0

T = TypeVar("T")


def visitor_attributes() -> dict[str, str]:
    """Return attributes that tell a page who is asking: name, role, kind of the session."""
    if not has_request_context() or "visit" not in g:
        return {}
    session = g.visit.session
    return {"data-user": session.user, "data-role": session.role, "data-kind": session.kind}


class Visitors:
    """Knows the sessions of this process's visitors; its methods may be called by any thread.

    Args:
        settings: secret, how long a person who does nothing may act.
        store: asks Redis.

    Raises:
        SettingsError: the secret is missing.
    """

    def __init__(self, settings: Settings, store: StoreThread) -> None:
        self._settings = settings
        self._secret = settings.require("secret")
        self._store = store
        self._book = Book()
        self._units = UnitCopy()
        self._reading = threading.Lock()
        self._failed_at = 0.0

    def find(self, cookie: str, *, fresh: bool = False) -> Visit | None:
        """Return the visit of a cookie; None if it is forged, or its session is over.

        Args:
            cookie: value of the session's cookie.
            fresh: look in Redis first, if it answers.
        """
        digest = access.digest_of_cookie(self._secret, cookie)
        if digest is None:
            return None
        began = time.time()
        self._refresh(0.0 if fresh else REFRESH_S, began)
        visit = self._book.find(digest, time.time())
        if visit is None and self._book.read_at < began:
            self._refresh(0.0, began)  # signed in a moment ago, perhaps by another process
            visit = self._book.find(digest, time.time())
        return visit

    def visits(self) -> list[Visit]:
        """Return all sessions, as they are in Redis if it answers."""
        self._refresh(0.0, time.time())
        return self._book.visits(time.time())

    def sight_of(self, visit: Visit) -> VisibleBeds:
        """Return which beds a visitor may see, as the copy that found the visit says."""
        return self._units.book.sight_of(visit.session.key, visit.session.units)

    def ask(self, act: Callable[[Store], Awaitable[T]]) -> T:
        """Do something in Redis, outside of the request; returns what it returns.

        Raises:
            StoreError: Redis does not answer.
            TimeoutError: it answers too slowly.
        """
        return self._store.ask(act, ANSWER_S)

    def enter(self, act: Callable[[Entrance], Awaitable[T]]) -> T:
        """Do something at the entrance; the sessions are looked up anew thereafter.

        Raises:
            AccountError: it is refused.
            StoreError: Redis does not answer.
            TimeoutError: it answers too slowly.
        """

        async def with_entrance(client: Store) -> T:
            return await act(Entrance(client, self._settings))

        try:
            return self.ask(with_entrance)
        finally:
            self._refresh(0.0, time.time())

    def _refresh(self, older_than_s: float, asked_at: float) -> None:
        """Read the sessions if the copy is older than this and Redis was not away just now."""
        if asked_at - self._book.read_at < older_than_s:
            return
        # Without a need nobody waits for another thread that reads already.
        if not self._reading.acquire(blocking=older_than_s == 0 or self._book.read_at <= 0):
            return
        try:
            if max(self._book.read_at, self._failed_at + REFRESH_S) <= asked_at:
                self._store.ask(self._read, READ_S)
        except (StoreError, TimeoutError) as error:
            self._book.lost()
            self._failed_at = time.time()
            log.warning("cannot read the sessions: %s", error or "Redis is too slow")
        finally:
            self._reading.release()

    async def _read(self, client: Store) -> None:
        # Units before sessions: nobody is known whose units are not.
        if await self._units.refresh(client):
            for error in self._units.book.malformed:
                log.warning("%s", error)
        entrance = Entrance(client, self._settings)
        await entrance.read(self._book)
        for malformed in self._book.malformed:
            log.warning("%s", malformed)
