"""POST requests of our own pages: a JSON map comes in, a JSON map goes out.

A page of another site can do none of it with a visitor's cookie: the request must come from a
page of the dashboard itself (``Origin``) and be JSON, and the cookie is SameSite. Status 400 says
what is wrong with a request, 403 that it comes from elsewhere, that the user's role does not allow
it or that it names a bed of another care unit, 503 that Redis is away; all in the language of the
request.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from flask import Flask, Response, g, request

from dashboard.answers import refusals
from dashboard.answers.asking import StoreThread
from dashboard.answers.sight import sees_all
from ecg_monitor.core.errors import EcgMonitorError, RequestError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Role
from ecg_monitor.ward.units.sight import VisibleBeds

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
"""Largest body of a request that is read; pages are told it (`dashboard.web.shell`)."""
ANSWER_S = 5.0
"""A person waits for the answer; whether it was done shows on the page in any case."""

Fields = dict[str, Any]
Act = Callable[[Store, Fields, str, str], Awaitable[Fields]]
"""Does what was asked: a client of Redis, the request's map, the user and the network address of
their browser; returns the answer. It runs outside of the request."""
First = Callable[[Fields, str], Fields | None]
"""Work before an act that asks nothing of Redis: takes the request's map and the user.

Returns the answer, in place of the act; None: the act is to be done."""
ActSeen = Callable[[Store, VisibleBeds, Fields, str, str], Awaitable[Fields]]
"""The same, told which beds the user sees."""
Desk = TypeVar("Desk")


class PostRoutes:
    """Adds POST addresses to a server that `dashboard.doors.guard` guards.

    Args:
        server: the server.
        settings: what desks need, and the dashboard's addresses.
        store: asks Redis.

    Raises:
        SettingsError: an address is malformed.
    """

    def __init__(self, server: Flask, settings: Settings, store: StoreThread) -> None:
        self._server = server
        self._settings = settings
        self._store = store
        self._origins = access.allowed_origins(settings)

    def add(
        self,
        path: str,
        act: Act,
        role: Role,
        *,
        everywhere: bool = False,
        first: First | None = None,
    ) -> None:
        """Answer POST requests to ``path`` of users who have ``role`` or a stronger one.

        Args:
            path: the address.
            act: does what is asked.
            role: who may ask.
            everywhere: whether it may be about beds of all care units, as administration is;
                otherwise about those that the user sees.
            first: what is done before it, in the request's own thread and however long it takes:
                looking through a file is no reason to say that Redis does not answer.
        """

        def view() -> Response:
            return self._handle(act, role, everywhere=everywhere, first=first)

        self._server.add_url_rule(path, f"post:{path}", view, methods=["POST"])

    def add_seen(self, path: str, act: ActSeen, role: Role) -> None:
        """Answer POST requests likewise, by an act that depends on which beds the user sees."""

        def view() -> Response:
            sight = g.sight

            async def with_sight(store: Store, fields: Fields, user: str, address: str) -> Fields:
                return await act(store, sight, fields, user, address)

            return self._handle(with_sight, role, everywhere=False)

        self._server.add_url_rule(path, f"post:{path}", view, methods=["POST"])

    def add_bytes(
        self, path: str, take: Callable[[bytes, str], Fields], role: Role, most: int
    ) -> None:
        """Answer POST requests of bytes to ``path``, in the request's own thread.

        Args:
            path: the address.
            take: takes the bytes and the user; returns the answer.
            role: who may do it.
            most: largest request, bytes.
        """

        def view() -> Response:
            refused = self._refused(role)
            if refused is not None:
                return refused
            content = request.stream.read(most + 1)  # whatever length the request says it has
            if len(content) > most:
                return answer(413, error=refusals.too_large())
            try:
                return answer(200, **take(content, g.user))
            except EcgMonitorError as error:
                return answer(400, error=refusals.wrong(error))
            except OSError as error:
                log.error("%s: %s", path, error)
                return answer(507, error=refusals.no_space())

        self._server.add_url_rule(path, f"post:{path}", view, methods=["POST"])

    def at(
        self, desk: Callable[[Store, Settings], Desk], role: Role
    ) -> Callable[[str, Callable[[Desk, Fields, str], Awaitable[Fields]]], None]:
        """Return what adds addresses whose acts are done at a desk.

        Args:
            desk: makes the desk that a request needs.
            role: who may do it.
        """

        def add(path: str, act: Callable[[Desk, Fields, str], Awaitable[Fields]]) -> None:
            async def at_desk(client: Store, fields: Fields, user: str, _: str) -> Fields:
                return await act(desk(client, self._settings), fields, user)

            self.add(path, at_desk, role)

        return add

    def _refused(self, role: Role) -> Response | None:
        """Return why a request of the present user is refused; None if it is not."""
        if request.headers.get("Origin", "").lower() not in self._origins:
            log.warning("refused a request of %.80r", request.headers.get("Origin"))
            return answer(403, error=refusals.foreign())
        if not access.at_least(g.role, role):
            return answer(403, error=refusals.needs(role))
        return None

    def _handle(
        self, act: Act, role: Role, *, everywhere: bool, first: First | None = None
    ) -> Response:
        refused = self._refused(role)
        if refused is not None:
            return refused
        try:
            fields, user, address = fields_of_request(), g.user, request.remote_addr or ""
            if not everywhere and not sees_all(fields):
                return answer(403, error=refusals.other_unit())
            if first is not None and (done := first(fields, user)) is not None:
                return answer(200, **done)
            done = self._store.ask(lambda client: act(client, fields, user, address), ANSWER_S)
        except (StoreError, TimeoutError) as error:
            log.warning("%s is not answered: %s", request.path, str(error) or "too late")
            return answer(503, error=refusals.unanswered(error))
        except EcgMonitorError as error:
            return answer(400, error=refusals.wrong(error))
        return answer(200, **done)


def answer(status: int, **fields: Any) -> Response:
    """Return a JSON answer that nobody keeps."""
    return Response(
        orjson.dumps(fields),
        status,
        {"Cache-Control": "no-store"},
        content_type="application/json",
    )


def fields_of_request() -> Fields:
    """Return the request's JSON map.

    Raises:
        RequestError: it is none.
    """
    if request.mimetype != "application/json":
        raise RequestError("the request must be application/json")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestError(f"the request must be of at most {MAX_BODY_BYTES} bytes")
    try:
        fields = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise RequestError(f"the request is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise RequestError("the request must be a JSON map")
    return fields


def text_of(fields: Fields, name: str) -> str:
    """Return a text of a request.

    Raises:
        RequestError: it is missing, or none.
    """
    value = fields.get(name)
    if not isinstance(value, str):
        raise RequestError(f"{name} must be a text")
    return value


def number_of(fields: Fields, name: str) -> float:
    """Return a number of a request.

    Raises:
        RequestError: it is missing, or none.
    """
    value: Any = fields.get(name)
    if type(value) not in (int, float):
        raise RequestError(f"{name} must be a number")
    return float(value)
