"""Who comes in: by which token, from where, how often; and that it is on record."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.accounts.tokens import PREFIX, Tokens
from gateway.api.rates import Buckets, Rate
from gateway.api.state import REFUSALS
from tests.gateway.api.conftest import Grant

ASKED = "/v1/models"


async def code(api: httpx.AsyncClient, headers: dict[str, str]) -> tuple[int, str]:
    answer = await api.get(ASKED, headers=headers)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


async def test_nothing_is_answered_without_a_token(api: httpx.AsyncClient) -> None:
    for path in (ASKED, "/v1/score", "/v1/", "/v1/nothing/of/the/kind"):
        answer = await api.get(path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await api.get("/health")).json()["redis"] is True
    assert (await api.get("/openapi.json")).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic QTpC", "Bearer x", f"Bearer {PREFIX}{'a' * 43}", "Bearer é"],
)
async def test_what_is_no_token(api: httpx.AsyncClient, header: str) -> None:
    assert await code(api, {"Authorization": header.encode()}) == (401, "unauthorized")


async def test_scopes(api: httpx.AsyncClient, grant: Grant) -> None:
    assert (await code(api, await grant("score")))[0] == 200
    assert await code(api, await grant("read")) == (403, "no_scope")


async def test_a_revoked_token_opens_nothing_from_then_on(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store
) -> None:
    headers = await grant("score")
    assert (await code(api, headers))[0] == 200
    await Tokens(redis_client, "A. Admin").revoke("token-1")
    assert await code(api, headers) == (401, "unauthorized")
    trail = await People(redis_client, "").trail()
    assert [(one.what, one.user, one.detail) for one in trail] == [
        ("token_refused", "", ""),
        ("token_revoked", "A. Nurse", "token-1"),
        ("token_added", "A. Nurse", "token-1: score"),
    ]


async def test_a_token_that_is_over(api: httpx.AsyncClient, redis_client: Store) -> None:
    long_ago = Tokens(redis_client, "A. Admin", now=lambda: 1_700_000_000.0)
    secret, _ = await long_ago.add("old", user="A. Nurse", role="viewer", scopes=["score"], days=1)
    assert await code(api, {"Authorization": f"Bearer {secret}"}) == (401, "unauthorized")


async def test_a_token_played_back_from_elsewhere(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store
) -> None:
    here, elsewhere = (
        await grant("score", networks=["127.0.0.0/8"]),
        await grant("score", networks=["10.0.0.0/8", "::1"]),
    )
    assert (await code(api, here))[0] == 200
    assert await code(api, elsewhere) == (401, "unauthorized")
    (newest, *_) = await People(redis_client, "").trail()
    assert (newest.what, newest.detail, newest.address) == ("token_refused", "token-2", "127.0.0.1")


async def test_the_account_behind_a_token_holds_too(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store
) -> None:
    headers = await grant("score")
    people = People(redis_client, "A. Admin")
    await people.add("A. Nurse", "viewer", "blue tram no 7")
    assert (await code(api, headers))[0] == 200
    await people.disable("A. Nurse")
    assert await code(api, headers) == (401, "unauthorized")


async def test_redis_holds_no_token(grant: Grant, redis_client: Store) -> None:
    secret = (await grant("score"))["Authorization"].removeprefix("Bearer ")
    held: Any = await redis_client.hgetall(keys.TOKENS)
    assert len(held) == 1
    assert secret.encode() not in b"".join([*held, *held.values()])
    assert secret.removeprefix(PREFIX).encode() not in b"".join(held.values())


async def test_one_token_does_not_use_up_what_others_have(
    app: Any, api: httpx.AsyncClient, grant: Grant
) -> None:
    greedy, modest = await grant("read"), await grant("score")
    app.state.shared.requests = Buckets(Rate(per_s=0.001, burst=3.0))
    assert [(await code(api, greedy))[0] for _ in range(5)] == [403, 403, 403, 429, 429]
    answer = await api.get(ASKED, headers=greedy)
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await code(api, modest))[0] == 200


async def test_guessing_waits_and_holds_nobody_up(api: httpx.AsyncClient, grant: Grant) -> None:
    good = await grant("score")
    for i in range(round(REFUSALS.burst) + 1):
        status, _ = await code(api, {"Authorization": f"Bearer {PREFIX}{i:043d}"})
    assert status == 429
    assert (await code(api, good))[0] == 200


async def test_redis_that_is_away_is_told(settings: Settings) -> None:
    from gateway.api.app import make_app

    away = Settings(redis_url="redis://127.0.0.1:1", state=settings.state)
    app = make_app(away)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        answer = await client.get(ASKED, headers={"Authorization": f"Bearer {PREFIX}{'a' * 43}"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert (await client.get("/health")).status_code == 503
    await app.state.shared.close()
