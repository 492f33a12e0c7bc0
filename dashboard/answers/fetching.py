"""GET requests of our own pages: they answer with JSON read from Redis, or with somebody's files.

Status 400 says what is wrong with a request, 403 that the user's role does not allow it or that a
bed is of another care unit (which `dashboard.doors.guard` answers), 404 that what is asked for is
not there (any more), 503 that Redis is away.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from flask import Flask, Response, g, request

from dashboard.answers import refusals
from dashboard.answers.asking import StoreThread
from dashboard.answers.posting import answer
from ecg_monitor.core.errors import EcgMonitorError, RequestError
from ecg_monitor.core.keys import DEVICE_ID, DEVICE_NAMES
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Role
from ecg_monitor.ward.units.sight import VisibleBeds

log = logging.getLogger(__name__)

ANSWER_S = 12.0
"""Longer than an explanation may take (see `ecg_monitor.ward.signal.explaining`)."""

Query = Mapping[str, str]
Look = Callable[[Store, str, Query], Awaitable[dict[str, Any] | None]]
"""Reads what was asked for: a client of Redis, the device (empty where the address names none) and
the query; None: it is not there. It runs outside of the request."""
LookSeen = Callable[[Store, VisibleBeds, str, Query], Awaitable[dict[str, Any] | None]]
"""The same, told which beds the visitor sees: what it tells of other beds it must leave out."""


class GetRoutes:
    """Adds GET addresses to a server that `dashboard.doors.guard` guards.

    Args:
        server: the server.
        store: asks Redis.
    """

    def __init__(self, server: Flask, store: StoreThread) -> None:
        self._server = server
        self._store = store

    def add(self, path: str, look: Look, role: Role = "viewer") -> None:
        """Answer GET requests to ``path``; it holds ``<device>`` unless it is about all beds."""

        def view(device: str | None = None) -> Response:
            return self._handle(look, role, device)

        self._server.add_url_rule(path, f"get:{path}", view, methods=["GET"])

    def add_seen(self, path: str, look: LookSeen, role: Role = "viewer") -> None:
        """Answer GET requests likewise, by a look that depends on which beds the visitor sees."""

        def view(device: str | None = None) -> Response:
            sight = g.sight

            async def with_sight(store: Store, device: str, query: Query) -> Any:
                return await look(store, sight, device, query)

            return self._handle(with_sight, role, device)

        self._server.add_url_rule(path, f"get:{path}", view, methods=["GET"])

    def add_own(self, path: str, look: Callable[..., Response], role: Role) -> None:
        """Answer GET requests to ``path`` about what the user alone has, in the request's thread.

        Args:
            path: the address.
            look: takes the user and what the address names, returns the answer; raises
                `FileNotFoundError` if what is asked for is not there.
            role: who may ask.
        """

        def view(**named: str) -> Response:
            try:
                return _answered(role, lambda: look(g.user, **named))
            except FileNotFoundError:
                return answer(404, error=refusals.gone())

        self._server.add_url_rule(path, f"get:{path}", view, methods=["GET"])

    def _handle(self, look: Look, role: Role, device: str | None) -> Response:
        def ask() -> Response:
            if device is not None and not DEVICE_ID.fullmatch(device):
                raise RequestError(f"device names are {DEVICE_NAMES}")
            query = request.args
            found = self._store.ask(lambda client: look(client, device or "", query), ANSWER_S)
            return answer(404, error=refusals.gone()) if found is None else answer(200, **found)

        return _answered(role, ask)


def _answered(role: Role, look: Callable[[], Response]) -> Response:
    """Return what a look answers, or why the present user gets no answer."""
    if not access.at_least(g.role, role):
        return answer(403, error=refusals.needs(role))
    try:
        return look()
    except (StoreError, TimeoutError) as error:
        log.warning("%s is not answered: %s", request.path, str(error) or "too late")
        return answer(503, error=refusals.unanswered(error))
    except EcgMonitorError as error:
        return answer(400, error=refusals.wrong(error))


def number(query: Query, name: str, low: float, high: float, default: float | None = None) -> float:
    """Return a number of the query.

    Raises:
        RequestError: it is missing without a default, is none, or lies outside of the limits.
    """
    text = query.get(name)
    if text is None and default is not None:
        return default
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise RequestError(f"{name} must be a number {low:g} .. {high:g}, got {text!r}")
    return value


def text(query: Query, name: str) -> str:
    """Return a text of the query.

    Raises:
        RequestError: it is missing.
    """
    found = query.get(name)
    if not found:
        raise RequestError(f"{name} is missing")
    return found
