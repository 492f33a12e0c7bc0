"""Where people come in and leave: signing in, sessions, displays on a wall.

A person who does nothing for a while is not signed out: the session watches on, since a ward must
not go dark. It may act again when somebody says who they are (`Entrance.come_back`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AccountError, TooManyAttemptsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link, Role
from ecg_monitor.ward.accounts import attempts, changes, passwords
from ecg_monitor.ward.accounts.book import Book, Visit
from ecg_monitor.ward.accounts.model import Kind, Session, User, key_of, session_of
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.accounts.trail import AccountAct, Entry

LONGEST_S = 12 * 3600.0
"""A shift: whoever works longer signs in again."""
WALL_S = 7 * 24 * 3600.0
MAX_SESSIONS = 200
"""Open sessions of one user; the oldest end. A script that opens a link again and again must not
fill the memory."""

REFUSED = "user name or password is wrong"
"""The same for an unknown user, a wrong password and an account that is disabled."""


class Entrance:
    """Signs in and out.

    Args:
        client: Redis.
        settings: how long a person who does nothing may act.
        now: clock, Unix s.

    All methods raise `StoreError` if Redis does not answer.
    """

    def __init__(
        self, client: Store, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._idle_s = settings.idle_s
        self._now = now

    async def sign_in(self, name: str, password: str, address: str, former: str = "") -> str:
        """Sign in with a password; return the new session's token.

        Args:
            name: user name as typed.
            password: password as typed.
            address: network address of the browser.
            former: digest of a session that this browser has had until now; it ends.

        Raises:
            TooManyAttemptsError: the user or the address has to wait.
            AccountError: user name or password is wrong, or the user is disabled.
        """
        user = await self._known(name, password, address)
        token = await self._open(user, user.name, user.role, "person", address, former)
        await attempts.succeed(self._client, name, address, self._now())
        return token

    async def come_back(self, visit: Visit, name: str, password: str, address: str) -> str | None:
        """Say who is at an idle session, so that it may act again.

        Whose session it is goes on with it; anybody else gets a session of their own in its place.

        Args:
            visit: the session of the browser.
            name: user name as typed.
            password: password as typed.
            address: network address of the browser.

        Returns:
            None if the session goes on, or the new session's token.

        Raises:
            TooManyAttemptsError: the user or the address has to wait.
            AccountError: user name or password is wrong, the user is disabled, or the session has
                ended meanwhile.
        """
        user = await self._known(name, password, address)
        token = None
        if key_of(user.name) != visit.session.key or visit.session.kind != "person":
            token = await self._open(user, user.name, user.role, "person", address, visit.digest)
        else:
            idle_s = max(0.0, -(visit.acts_s or 0.0)) + (visit.session.idle_s or 0.0)
            detail = f"idle {idle_s:.0f} s" if visit.idle else ""
            entry = Entry("came_back", user.name, user.name, self._now(), address, detail)
            if not await changes.touch_session(self._client, visit.digest, self._now(), entry):
                raise AccountError("this session has ended already")
        await attempts.succeed(self._client, name, address, self._now())
        return token

    async def _known(self, name: str, password: str, address: str) -> User:
        """Return the user of a name and a password as typed.

        Raises:
            TooManyAttemptsError: the user or the address has to wait.
            AccountError: user name or password is wrong, or the user is disabled.
        """
        name, password = name[: 4 * passwords.MAX_LENGTH], password[: 4 * passwords.MAX_LENGTH]
        wait_s = await attempts.begin(self._client, name, address, self._now())
        if wait_s > 0:
            raise TooManyAttemptsError(wait_s)
        user = await People(self._client, name).find(name)
        held = None if user is None else user.password
        right = await asyncio.to_thread(passwords.verify, held, password)
        if user is None or not right or user.disabled:
            # A name that is not known may be a password in the wrong field: it is not written down.
            known = "" if user is None else user.name
            await changes.add_entry(
                self._client, Entry("refused", "", known, self._now(), address, "person")
            )
            raise AccountError(REFUSED)
        return user

    async def change_password(self, name: str, old: str, new: str, address: str) -> None:
        """Change one's own password; see `People.set_password` for what ends with it.

        Raises:
            TooManyAttemptsError: the user or the address has to wait.
            AccountError: there is no account of that name, the old password is wrong, or the new
                one is unacceptable.
        """
        wait_s = await attempts.begin(self._client, name, address, self._now())
        if wait_s > 0:
            raise TooManyAttemptsError(wait_s)
        people = People(self._client, name, address, self._now)
        user = await people.find(name)
        if user is None:
            raise AccountError("you came by a link: you have no password")
        if not await asyncio.to_thread(passwords.verify, user.password, old):
            raise AccountError("the present password is wrong")
        await attempts.succeed(self._client, name, address, self._now())
        await people.set_password(name, new)

    async def follow_link(self, link: Link, address: str, former: str = "") -> str:
        """Sign in with a link; return the new session's token.

        Whoever has an account gets no more from a link than the account's role.

        Raises:
            AccountError: the link has been revoked, or the user is disabled.
        """
        void: Any = await self._client.hget(keys.LINKS, key_of(link.user))
        user = await People(self._client, link.user).find(link.user)
        if (void is not None and link.made_at <= float(void)) or (user and user.disabled):
            entry = Entry("refused", "", link.user, self._now(), address, "link")
            await changes.add_entry(self._client, entry)
            raise AccountError("this link has been revoked")
        role = link.role
        if user is not None and access.at_least(role, user.role):
            role = user.role
        return await self._open(user, link.user, role, "link", address, former)

    async def start_wall(self, visit: Visit, address: str, units: Collection[str] = ()) -> str:
        """Turn a browser into a display on a wall: it sees, and stays; returns the new token.

        Args:
            visit: the session of the browser; it ends.
            address: network address of the browser.
            units: ids of the care units that it shows; none: all that its user sees.

        Raises:
            AccountError: the session's role is too weak.
        """
        session = visit.session
        if not access.at_least(session.role, "clinician"):
            raise AccountError("only a clinician may start a wall display")
        user = await People(self._client, session.user).find(session.user)
        return await self._open(
            user, session.user, "viewer", "wall", address, visit.digest, tuple(sorted(units))
        )

    async def sign_out(self, visit: Visit, address: str) -> None:
        """End the session of the browser that asks for it."""
        await self._end(visit, "signed_out", visit.session.user, address)

    async def revoke(self, digest: str, by: str, address: str) -> None:
        """End a session, and make void the link with which it began.

        Raises:
            AccountError: there is no such session.
        """
        text: Any = await self._client.hget(keys.SESSIONS, digest)
        if text is None:
            raise AccountError("this session has ended already")
        session = session_of(text)
        if session.kind == "link":
            await self._client.hset(keys.LINKS, session.key, repr(self._now()))
        await self._end(Visit(digest, session, 0.0), "revoked", by, address)

    async def touch(self, digest: str) -> bool:
        """Take note that a session's user did something; returns whether there is one."""
        return await changes.touch_session(self._client, digest, self._now())

    async def read(self, book: Book) -> None:
        """Bring a book up to date."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.SESSIONS)
            pipe.hgetall(keys.SEEN)
            sessions, seen = await pipe.execute()
        book.load(sessions, seen, self._now())

    async def clear_out(self, book: Book) -> None:
        """End what is over in a book that is up to date, and the oldest of too many."""
        for digest in book.over(self._now()):
            text: Any = await self._client.hget(keys.SESSIONS, digest)
            if text is not None:
                await self._end(Visit(digest, session_of(text), 0.0), "expired", "", "")
        by_user: dict[str, list[Visit]] = {}
        for visit in book.visits(self._now()):
            by_user.setdefault(visit.session.key, []).append(visit)
        for visits in by_user.values():
            newest_first = sorted(visits, key=lambda one: -one.session.opened_at)
            for visit in newest_first[MAX_SESSIONS:]:
                await self._end(visit, "expired", "", "")

    async def _open(
        self,
        account: User | None,
        user: str,
        role: Role,
        kind: Kind,
        address: str,
        former: str,
        units: tuple[str, ...] = (),
    ) -> str:
        now = self._now()
        session = Session(
            user=user,
            key=key_of(user),
            role=role,
            kind=kind,
            address=address,
            opened_at=now,
            ends_at=now + (WALL_S if kind == "wall" else LONGEST_S),
            # A link is for demonstrations and for a first look; it can be switched off.
            idle_s=self._idle_s if kind == "person" else None,
            units=units,
        )
        what: AccountAct = "wall_started" if kind == "wall" else "signed_in"
        entry = Entry(what, user, user, now, address, f"{kind}, {role}")
        token = access.new_token()
        digest = access.digest_of(token)
        if not await changes.open_session(self._client, account, digest, session, former, entry):
            raise AccountError("the account was changed just now; try again")
        return token

    async def _end(self, visit: Visit, what: AccountAct, by: str, address: str) -> None:
        session = visit.session
        entry = Entry(what, by, session.user, self._now(), address, f"{session.kind}")
        await changes.end_session(self._client, visit.digest, entry)
