"""Accounts in Redis: add users, change roles and passwords, keep somebody out; read the trail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.ward.access import Role
from ecg_monitor.ward.accounts import attempts, changes, passwords, trail
from ecg_monitor.ward.accounts.changes import Ends
from ecg_monitor.ward.accounts.model import User, check_name, key_of, user_of
from ecg_monitor.ward.accounts.trail import AccountAct, Entry


class People:
    """The accounts of the system.

    Args:
        client: Redis.
        by: who acts.
        address: network address from which, or how.
        now: clock, Unix s.

    All methods raise `StoreError` if Redis does not answer.
    """

    def __init__(
        self, client: Store, by: str, address: str = "", now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._by = by
        self._address = address
        self._now = now

    async def users(self) -> list[User]:
        """Return all accounts, by name.

        Raises:
            AccountError: one is malformed.
        """
        held = await read_hash(self._client, keys.USERS)
        return sorted(map(user_of, held.values()), key=lambda user: key_of(user.name))

    async def find(self, name: str) -> User | None:
        """Return the account of a name, or None.

        Raises:
            AccountError: it is malformed.
        """
        text: Any = await self._client.hget(keys.USERS, key_of(name))
        return None if text is None else user_of(text)

    async def add(self, name: str, role: Role, password: str) -> User:
        """Add an account.

        Raises:
            AccountError: the name or the password is unacceptable, or the name is taken.
        """
        name = check_name(name)
        if await self.find(name) is not None:
            raise AccountError("there is a user of that name already")
        await asyncio.to_thread(passwords.check_password, password, name)
        hashed = await asyncio.to_thread(passwords.hash_password, password)
        now = self._now()
        user = User(name, role, hashed, False, now, now)
        await self._change(None, user, "none", "user_added", role)
        return user

    async def set_role(self, name: str, role: Role) -> None:
        """Change what a user may do; their sessions end, the next one has the new role.

        Raises:
            AccountError: there is no such user.
        """
        user = await self._require(name)
        await self._change(user, replace(user, role=role), "all", "role_changed", role)

    async def disable(self, name: str) -> None:
        """Keep a user out; their sessions end.

        Raises:
            AccountError: there is no such user.
        """
        user = await self._require(name)
        await self._change(user, replace(user, disabled=True), "all", "user_disabled")

    async def enable(self, name: str) -> None:
        """Let a user in again.

        Raises:
            AccountError: there is no such user.
        """
        user = await self._require(name)
        await self._change(user, replace(user, disabled=False), "none", "user_enabled")

    async def set_password(self, name: str, password: str) -> None:
        """Set a password. The user's sessions end, but for displays that they started on a wall.

        Raises:
            AccountError: there is no such user, or the password is unacceptable.
        """
        user = await self._require(name)
        await asyncio.to_thread(passwords.check_password, password, user.name)
        hashed = await asyncio.to_thread(passwords.hash_password, password)
        changed = replace(user, password=hashed, changed_at=self._now())
        await self._change(user, changed, "personal", "password_changed")
        await attempts.forget(self._client, user.name)

    async def trail(self, count: int = 200) -> list[Entry]:
        """Return the newest entries of the audit trail, newest first.

        Raises:
            AccountError: one is malformed.
        """
        found: Any = await self._client.xrevrange(keys.PEOPLE_AUDIT, count=count)
        return [trail.from_fields(fields) for _, fields in found]

    async def _require(self, name: str) -> User:
        user = await self.find(name)
        if user is None:
            raise AccountError("there is no user {name}", name=repr(name))
        return user

    async def _change(
        self, before: User | None, after: User, ends: Ends, what: AccountAct, detail: str = ""
    ) -> None:
        entry = Entry(what, self._by, after.name, self._now(), self._address, detail)
        if not await changes.change_user(self._client, before, after, ends, entry):
            raise AccountError("the account was changed by somebody else just now; look again")
