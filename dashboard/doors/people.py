"""What administrators do about users and sessions on the page Users.

``GET /people``          ``{"users": [...], "sessions": [...], "trail": [...]}``, for administrators
``POST /people/add``     ``{"name", "role", "password"}``
``POST /people/role``    ``{"name", "role"}``
``POST /people/password``  ``{"name", "password"}``
``POST /people/disable``, ``/people/enable``  ``{"name"}``
``POST /people/revoke``  ``{"session": digest}``

Nobody changes the role of, or disables, the account that they use: so one administrator remains.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flask import Flask, Response, g

from dashboard.answers import refusals
from dashboard.answers.asking import StoreThread
from dashboard.answers.posting import Fields, PostRoutes, answer
from dashboard.doors.visitors import Visitors
from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.book import Visit
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.accounts.model import check_role, key_of
from ecg_monitor.ward.accounts.people import People

TRAIL = 200
"""Entries of the audit trail on the page; `ecg-monitor users audit` has all."""


def install(server: Flask, settings: Settings, store: StoreThread, visitors: Visitors) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """
    posting = PostRoutes(server, settings, store)

    def add(path: str, act: Callable[[People, Fields, str], Awaitable[None]]) -> None:
        async def with_people(client: Store, fields: Fields, user: str, address: str) -> Fields:
            await act(People(client, user, address), fields, user)
            return {}

        posting.add(path, with_people, "admin")

    async def revoke(client: Store, fields: Fields, user: str, address: str) -> Fields:
        await Entrance(client, settings).revoke(_text(fields, "session"), user, address)
        return {}

    @server.get("/people")
    def people() -> Response:
        return _show(visitors)

    add("/people/add", _add)
    add("/people/role", _role)
    add("/people/password", _password)
    add("/people/disable", _disable)
    add("/people/enable", _enable)
    posting.add("/people/revoke", revoke, "admin")


def _show(visitors: Visitors) -> Response:
    if not access.at_least(g.role, "admin"):
        return answer(403, error=refusals.needs("admin"))

    user = g.user

    async def read(client: Store) -> tuple[Any, Any]:
        people = People(client, user)
        return await people.users(), await people.trail(TRAIL)

    try:
        users, trail = visitors.ask(read)
    except (StoreError, TimeoutError):
        return answer(503, error=refusals.store_away())
    except AccountError as error:
        return answer(500, error=str(error))
    return answer(
        200,
        users=[user.to_map() for user in users],
        sessions=[_session(visit) for visit in visitors.visits()],
        trail=[entry.to_map() for entry in trail],
    )


def _session(visit: Visit) -> Fields:
    session = visit.session
    return {
        "session": visit.digest,
        "user": session.user,
        "role": session.role,
        "kind": session.kind,
        "address": session.address,
        "units": session.units,
        "opened_at": session.opened_at,
        "left_s": visit.left_s,
        "own": visit.digest == g.visit.digest,
    }


async def _add(people: People, fields: Fields, _: str) -> None:
    role = check_role(fields.get("role"))
    await people.add(_text(fields, "name"), role, _text(fields, "password"))


async def _role(people: People, fields: Fields, user: str) -> None:
    await people.set_role(_other(fields, user), check_role(fields.get("role")))


async def _password(people: People, fields: Fields, _: str) -> None:
    await people.set_password(_text(fields, "name"), _text(fields, "password"))


async def _disable(people: People, fields: Fields, user: str) -> None:
    await people.disable(_other(fields, user))


async def _enable(people: People, fields: Fields, user: str) -> None:
    await people.enable(_other(fields, user))


def _other(fields: Fields, user: str) -> str:
    """Return the name of an account that is not the one of the user who asks."""
    name = _text(fields, "name")
    if key_of(name) == key_of(user):
        raise AccountError("ask another administrator to change your own account")
    return name


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise AccountError(f"{name} must be a text")
    return value
