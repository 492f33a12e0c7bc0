"""Errors of the API, all in one form: ``{"error": {"code", "message", "field"}}``.

``code`` is a short stable word, ``message`` is for people, ``field`` names what was wrong in the
request and is absent where nothing in it was. Nothing of the request is repeated but its names.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ecg_monitor.core.errors import AlertError, EcgMonitorError, SignalError

log = logging.getLogger("api")

_CODES = {
    400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found",
    405: "method_not_allowed", 408: "too_slow", 409: "conflict", 413: "too_large",
    415: "wrong_type", 422: "invalid", 429: "too_many_requests", 500: "internal",
    503: "unavailable",
}  # fmt: skip


class ErrorBody(BaseModel):
    """What is wrong, and where in the request."""

    code: str
    message: str
    field: str | None = None


class ErrorAnswer(BaseModel):
    """Every refusal looks like this."""

    error: ErrorBody


class ApiError(Exception):
    """A request that is refused.

    Attributes:
        status: HTTP status.
        message: for people.
        field: what was wrong in the request; empty: nothing in it.
        code: stable word; follows from the status unless given.
        headers: what else to send.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str = "",
        code: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        self.code = code or code_of(status)
        self.headers = dict(headers or {})


def code_of(status: int) -> str:
    """Return the word for an HTTP status."""
    return _CODES.get(status, "error")


def body_of(code: str, message: str, field: str = "") -> dict[str, Any]:
    """Return the JSON form of an error."""
    told = {"code": code, "message": message}
    return {"error": {**told, "field": field} if field else told}


def response(error: ApiError) -> JSONResponse:
    """Return the answer that tells an error."""
    return JSONResponse(
        body_of(error.code, error.message, error.field), error.status, headers=error.headers
    )


def install(app: FastAPI) -> None:
    """Give the app's errors their form."""
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _by_http)
    app.add_exception_handler(EcgMonitorError, _on_purpose)
    app.add_exception_handler(RedisError, _store_away)
    app.add_exception_handler(TimeoutError, _store_away)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the answers of a route other than its success, for OpenAPI."""
    return {status: {"model": ErrorAnswer, "description": code_of(status)} for status in statuses}


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for it alone
    return response(error)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = next(iter(error.errors()), {"loc": (), "msg": "is malformed", "type": ""})
    if first["type"] == "json_invalid":
        return response(ApiError(400, "the body is no JSON", field="body", code="bad_json"))
    return response(ApiError(422, _plain(str(first["msg"])), field=field_of(first["loc"])))


async def _by_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    told = ApiError(error.status_code, _plain(str(error.detail)), headers=error.headers)
    return response(told)


async def _on_purpose(_: Request, error: Exception) -> JSONResponse:
    field = error.argument if isinstance(error, SignalError) else ""
    message = str(error).removeprefix(f"{field}: ") if field else str(error)
    status = 422 if isinstance(error, SignalError | AlertError) else 400
    return response(ApiError(status, _plain(message), field=field))


async def _store_away(_: Request, error: Exception) -> JSONResponse:
    log.warning("cannot reach Redis: %s", error)
    return response(ApiError(503, "Redis does not answer; try again", headers={"Retry-After": "2"}))


async def _gone(request: Request, _: Exception) -> JSONResponse:
    log.debug("%s %s: whoever asked is gone", request.method, request.url.path)
    return response(ApiError(400, "the request was cut short", code="cut_short"))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return response(ApiError(500, "the request has failed; the log of the API says why"))


def field_of(place: Sequence[Any]) -> str:
    """Return the name of a place in a request: ``("body", "beat", 3)`` is ``beat.3``."""
    words = [str(one) for one in place if not (one == "body" and place[0] == one)]
    return _plain(".".join(words))[:100] or "body"


def _plain(text: str) -> str:
    """Return a text that can be sent, whatever characters a request had."""
    return text.encode("utf-8", "backslashreplace").decode()
