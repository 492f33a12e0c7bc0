"""Who comes in: nothing below ``/v1/`` is answered without a token, whatever the route.

A token that is unknown, revoked or over is refused with 401, and so is one from an address that it
is not for: a stolen one that is played back elsewhere opens nothing. Whoever sends such ones again
and again waits; those who share the address and have a good token do not.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.store import StoreError
from ecg_monitor.ward.accounts.tokens import Token, find
from ecg_monitor.ward.accounts.trail import Entry
from gateway.api.caller import Caller
from gateway.api.errors import ApiError, body_of, response
from gateway.api.state import ApiState

log = logging.getLogger("api")

GUARDED = "/v1/"
WITHIN_S = 3.0
"""Longest wait for Redis, s: programs that poll must hear soon that it is away."""
_JSON = b"application/json"
_TOO_LARGE = orjson.dumps(body_of("too_large", "the body is larger than this address takes"))
_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Doors:
    """Middleware that lets in by token.

    Args:
        app: what is behind it.
        shared: Redis and the counts of who asks.
    """

    def __init__(self, app: ASGIApp, shared: ApiState) -> None:
        self._app = app
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        if scope["path"].startswith(GUARDED):
            try:
                async with asyncio.timeout(WITHIN_S):
                    caller = await self._admit(scope)
            except TimeoutError:
                await _refuse(scope, receive, send, _away())
                return
            except ApiError as error:
                await _refuse(scope, receive, send, error)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> Caller:
        client = scope.get("client")
        address = client[0] if client else ""
        try:
            token = await find(self._shared.client, _bearer(scope), time.time())
            if token is None or not token.may_come_from(address):
                raise await self._unwelcome(address, token)
            sight = await self._shared.sight_of(token)
        except StoreError as error:
            log.warning("cannot reach Redis: %s", error)
            raise _away() from error
        except AccountError as error:
            log.error("%s", error)
            raise ApiError(401, "the token cannot be read; make another one") from error
        wait = self._shared.requests.take(token.digest, time.monotonic())
        if wait:
            raise _too_many(wait)
        return Caller(token, address, sight)

    async def _unwelcome(self, address: str, token: Token | None) -> ApiError:
        now = time.monotonic()
        wait = self._shared.refusals.take(address, now)
        if not self._shared.recorded.take(address, now):
            name, user = ("", "") if token is None else (token.name, token.user)
            entry = Entry("token_refused", "", user, time.time(), address, name)
            await self._shared.note(entry)
        if wait:
            return _too_many(wait)
        return ApiError(
            401,
            "send a token that is good: Authorization: Bearer TOKEN (`ecg-monitor tokens add`)",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _bearer(scope: Scope) -> str:
    """Return the token of a request; empty if it has none."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    kind, _, secret = values[0].decode("latin-1").partition(" ") if values else ("", "", "")
    return secret.strip() if kind.lower() == "bearer" and len(values) == 1 else ""


def _away() -> ApiError:
    return ApiError(503, "Redis does not answer; try again", headers={"Retry-After": "2"})


def _too_many(wait: float) -> ApiError:
    seconds = math.ceil(wait)
    return ApiError(
        429, f"too many requests; try again in {seconds} s", headers={"Retry-After": str(seconds)}
    )


async def _refuse(scope: Scope, receive: Receive, send: Send, error: ApiError) -> None:
    answer = response(error)
    if scope["type"] == "http":
        await answer(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        headers = [*answer.raw_headers]
        await send(
            {
                "type": "websocket.http.response.start",
                "status": error.status,
                "headers": headers,
            }
        )
        await send({"type": "websocket.http.response.body", "body": bytes(answer.body)})
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})


def _with_headers(send: Send) -> Send:
    """Return a way to answer that adds our headers, and gives one refusal our form.

    That a body is too large is said by the framework, as plain text.
    """
    replaced = False

    async def sending(message: Message) -> None:
        nonlocal replaced
        if message["type"] == "http.response.start":
            held: list[Any] = list(message.get("headers", []))
            if message["status"] == 413 and dict(held).get(b"content-type") != _JSON:
                replaced = True
                held = [(b"content-type", _JSON), (b"content-length", b"%d" % len(_TOO_LARGE))]
            message["headers"] = [*held, *_HEADERS]
        elif replaced and message["type"] == "http.response.body":
            message = {"type": "http.response.body", "body": _TOO_LARGE}
        await send(message)

    return sending
