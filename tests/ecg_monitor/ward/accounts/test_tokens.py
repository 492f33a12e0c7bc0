"""What a token lets a program do, and when it is of no use any more."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.store import Store
from ecg_monitor.ward.access import ROLES
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.accounts.tokens import Token, Tokens, digest_of, find, token_of

GOOD = "correct horse 7 battery"


@pytest.fixture
def tokens(redis_client: Store, clock: Any) -> Tokens:
    return Tokens(redis_client, "A. Admin", "10.0.0.1", clock)


async def make(tokens: Tokens, name: str = "pager", **changes: Any) -> tuple[str, Token]:
    fields = {"user": "Karim", "role": "clinician", "scopes": ["read"], **changes}
    return await tokens.add(name, **fields)


async def test_a_secret_finds_its_token_until_it_is_revoked(
    tokens: Tokens, redis_client: Store, people: People, clock: Any
) -> None:
    secret, token = await make(tokens, scopes=["score", "read"])
    assert token.scopes == ("read", "score")
    assert await find(redis_client, secret, clock()) == token
    for other in ("", secret[:-1], secret + "x", secret.swapcase(), token.digest):
        assert await find(redis_client, other, clock()) is None
    await tokens.revoke("pager")
    assert await find(redis_client, secret, clock()) is None
    assert await tokens.all() == []
    told = [(one.what, one.user, one.detail) for one in await people.trail()]
    assert told == [
        ("token_revoked", "Karim", "pager"),
        ("token_added", "Karim", "pager: read, score"),
    ]


async def test_a_name_is_given_once(tokens: Tokens) -> None:
    await make(tokens)
    with pytest.raises(AccountError, match="of that name already"):
        await make(tokens)
    assert [one.name for one in await tokens.all()] == ["pager"]


async def test_a_token_ends_when_its_days_are_over(
    tokens: Tokens, redis_client: Store, clock: Any
) -> None:
    short, _ = await make(tokens, days=1)
    lasting, _ = await make(tokens, "wall", days=None)
    clock.now += 86_400 - 1
    assert await find(redis_client, short, clock()) is not None
    clock.now += 1
    assert await find(redis_client, short, clock()) is None
    clock.now += 20 * 365 * 86_400
    assert await find(redis_client, lasting, clock()) is not None


@pytest.mark.parametrize(("of_token", "of_person"), list(itertools.product(ROLES, ROLES)))
async def test_a_token_may_do_no_more_than_its_person(
    tokens: Tokens, redis_client: Store, people: People, clock: Any, of_token: Any, of_person: Any
) -> None:
    await people.add("Karim", of_person, GOOD)
    secret, _ = await make(tokens, role=of_token)
    found = await find(redis_client, secret, clock())
    assert found is not None
    assert found.role == min(of_token, of_person, key=ROLES.index)


async def test_who_is_kept_out_has_no_token_that_works(
    tokens: Tokens, redis_client: Store, people: People, clock: Any
) -> None:
    await people.add("Karim", "admin", GOOD)
    secret, _ = await make(tokens)
    await people.disable("Karim")
    assert await find(redis_client, secret, clock()) is None
    await people.enable("Karim")
    assert await find(redis_client, secret, clock()) is not None


async def test_a_token_is_of_some_beds_and_of_some_networks(tokens: Tokens) -> None:
    _, all_of_them = await make(tokens)
    _, some = await make(
        tokens, "icu", beds=["icu-*", "er-1"], networks=["10.1.0.0/16", "::1", "192.0.2.7"]
    )
    beds = ["icu-1", "er-1", "er-10", "ICU-1", "x-icu-1"]
    assert [some.may_see(bed) for bed in beds] == [True, True, False, False, False]
    places = ["10.1.2.3", "::1", "192.0.2.7", "192.0.2.8", "10.2.0.1", "unknown", ""]
    assert [some.may_come_from(place) for place in places] == [True] * 3 + [False] * 4
    assert all(all_of_them.may_see(bed) for bed in beds)
    assert all(all_of_them.may_come_from(place) for place in places)


async def test_an_entry_under_the_hash_of_another_is_no_token(
    tokens: Tokens, redis_client: Store, clock: Any
) -> None:
    """Who can write into Redis but knows no secret makes no token work."""
    _, token = await make(tokens)
    forged = "ecgm_" + "x" * 43
    await redis_client.hset(keys.TOKENS, digest_of(forged), token.to_json())
    assert await find(redis_client, forged, clock()) is None


@pytest.mark.parametrize(
    "change",
    [{"role": "owner"}, {"scopes": ["fly"]}, {"scopes": []}, {"beds": None}, {"more": 1}],
    ids=str,
)
async def test_what_is_malformed_is_said_and_not_guessed(
    tokens: Tokens, redis_client: Store, clock: Any, change: dict[str, Any]
) -> None:
    secret, token = await make(tokens)
    text = orjson.dumps(orjson.loads(token.to_json()) | change)
    await redis_client.hset(keys.TOKENS, token.digest, text)
    with pytest.raises(AccountError):
        await find(redis_client, secret, clock())
    with pytest.raises(AccountError, match="malformed"):
        token_of(text[:-1])
