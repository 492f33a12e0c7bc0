"""What staff do about alerts from a page: acknowledge, pause the audio, let it sound again.

Each is a POST with a JSON map; who does it is the signed-in user.

``/alerts/acknowledge``  ``{"seen": {alert id: priority as shown}}`` -> who was reached
``/alerts/pause``        ``{"device": id, "seen": {...}, "seconds": 120}`` -> ``{"until": Unix s}``
``/alerts/resume``       ``{"device": id}``

A page of another site can do none of it with a visitor's cookie: the request must come from a
page of the dashboard itself (``Origin``) and be JSON, and the cookie is SameSite. Status 400 says
what is wrong with a request, 403 that it comes from elsewhere, 503 that Redis is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import orjson
from flask import Flask, Response, g, request

from ecg_monitor import access, store
from ecg_monitor.alerts.desk import Desk
from ecg_monitor.alerts.policy import MAX_PAUSE_S
from ecg_monitor.errors import AlertError
from ecg_monitor.settings import Settings

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
MAX_SEEN = 500
ANSWER_S = 5.0
"""A person waits for the answer; whether it was done shows on the page in any case."""

Fields = dict[str, Any]
Act = Callable[[Desk, Fields, str], Awaitable[Fields]]


def install(server: Flask, settings: Settings) -> None:
    """Add the addresses to a server that `dashboard.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """
    origins = access.allowed_origins(settings)

    def handle(act: Act) -> Response:
        if request.headers.get("Origin", "").lower() not in origins:
            log.warning("refused a request of %.80r", request.headers.get("Origin"))
            return _answer(403, error="not a page of this dashboard")
        try:
            fields = _fields()
            done = asyncio.run(_do(settings, act, fields, g.user))
        except AlertError as error:
            return _answer(400, error=str(error))
        except (store.StoreError, TimeoutError) as error:
            log.warning("cannot reach Redis: %s", error)
            return _answer(503, error="the data store does not answer")
        return _answer(200, **done)

    @server.post("/alerts/acknowledge")
    def acknowledge() -> Response:
        return handle(_acknowledge)

    @server.post("/alerts/pause")
    def pause() -> Response:
        return handle(_pause)

    @server.post("/alerts/resume")
    def resume() -> Response:
        return handle(_resume)


async def _do(settings: Settings, act: Act, fields: Fields, user: str) -> Fields:
    # A client of its own: a thread of the server has no event loop in which one could stay open.
    client = store.connect(settings.require("redis_url"))
    try:
        async with asyncio.timeout(ANSWER_S):
            return await act(Desk(client, settings), fields, user)
    finally:
        await client.aclose()


async def _acknowledge(desk: Desk, fields: Fields, user: str) -> Fields:
    return asdict(await desk.acknowledge(user, seen=_seen(fields)))


async def _pause(desk: Desk, fields: Fields, user: str) -> Fields:
    seconds = fields.get("seconds", MAX_PAUSE_S)
    if type(seconds) not in (int, float):
        raise AlertError("seconds must be a number")
    until = await desk.pause(_device(fields), user, seen=_seen(fields), seconds=float(seconds))
    return {"until": until}


async def _resume(desk: Desk, fields: Fields, user: str) -> Fields:
    await desk.resume(_device(fields), user)
    return {}


def _fields() -> Fields:
    """Return the request's JSON map."""
    if request.mimetype != "application/json":
        raise AlertError("the request must be application/json")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise AlertError(f"the request must be of at most {MAX_BODY_BYTES} bytes")
    try:
        fields = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise AlertError(f"the request is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise AlertError("the request must be a JSON map")
    return fields


def _seen(fields: Fields) -> Any:
    seen = fields.get("seen")
    if not isinstance(seen, dict) or not all(isinstance(one, str) for one in seen.values()):
        raise AlertError("seen must map alert ids to priorities")
    if len(seen) > MAX_SEEN:
        raise AlertError(f"seen must name at most {MAX_SEEN} alerts")
    return seen


def _device(fields: Fields) -> str:
    device = fields.get("device")
    if not isinstance(device, str):
        raise AlertError("device must be a text")
    return device


def _answer(status: int, **fields: Any) -> Response:
    return Response(
        orjson.dumps(fields),
        status,
        {"Cache-Control": "no-store"},
        content_type="application/json",
    )
