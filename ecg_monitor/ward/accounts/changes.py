"""The Lua calls that change accounts and sessions, each with its entry of the audit trail."""

from __future__ import annotations

from typing import Any, Literal

from ecg_monitor.core import keys
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts import trail
from ecg_monitor.ward.accounts.model import Session, User, key_of
from ecg_monitor.ward.accounts.trail import Entry

Ends = Literal["none", "personal", "all"]
"""Which sessions of a user end with a change: all, or all but displays on a wall."""

_KEYS = [keys.USERS, keys.SESSIONS, keys.SEEN, keys.PEOPLE_AUDIT]

_CHANGE = lua(__name__, "change_user")
_OPEN = lua(__name__, "open_session")
_END = lua(__name__, "end_session")
_TOUCH = lua(__name__, "touch_session")


async def change_user(
    client: Store, before: User | None, after: User, ends: Ends, entry: Entry
) -> bool:
    """Write an account, unless it is no longer what it was; returns whether it was."""
    former = b"" if before is None else before.to_json()
    args = [key_of(after.name), former, after.to_json(), ends, entry.to_json(), trail.KEPT]
    return await _run(client, _CHANGE, args)


async def open_session(
    client: Store, account: User | None, digest: str, session: Session, former: str, entry: Entry
) -> bool:
    """Begin a session, unless the account is no longer what it was; returns whether it was.

    Args:
        client: the client.
        account: the user's account as it was looked at; None: there was none.
        digest: name of the session.
        session: the session.
        former: name of the session that it takes the place of, or empty.
        entry: for the audit trail.
    """
    held = b"" if account is None else account.to_json()
    args = [session.key, held, digest, session.to_json(), session.opened_at, former]
    return await _run(client, _OPEN, [*args, entry.to_json(), trail.KEPT])


async def end_session(client: Store, digest: str, entry: Entry) -> bool:
    """End a session; returns whether there was one."""
    return await _run(client, _END, [digest, entry.to_json(), trail.KEPT])


async def touch_session(client: Store, digest: str, now: float, entry: Entry | None = None) -> bool:
    """Take note that a session's user did something; returns whether there is such a session.

    Args:
        client: the client.
        digest: name of the session.
        now: Unix time, s.
        entry: for the audit trail, if it should be there.
    """
    text = b"" if entry is None else entry.to_json()
    return await _run(client, _TOUCH, [digest, now, text, trail.KEPT])


async def add_entry(client: Store, entry: Entry) -> None:
    """Write an entry of the audit trail about what changed nothing."""
    await client.xadd(keys.PEOPLE_AUDIT, {"e": entry.to_json()}, maxlen=trail.KEPT)


async def _run(client: Store, script: str, args: list[Any]) -> bool:
    return bool(await client.register_script(script)(keys=_KEYS, args=args))
