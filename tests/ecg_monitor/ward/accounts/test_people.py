"""Accounts over a real Redis: what is done, and that the trail says so."""

from __future__ import annotations

import asyncio

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.accounts.people import People

GOOD = "blue tram no 7"


async def test_every_act_is_on_the_trail(people: People, entrance: Entrance) -> None:
    await people.add("Karim", "clinician", GOOD)
    await people.set_role("karim", "viewer")
    await people.set_password("karim", "green tram no 8")
    await people.disable("karim")
    await people.enable("karim")
    await entrance.sign_in("karim", "green tram no 8", "10.0.0.9")
    with pytest.raises(AccountError):
        await entrance.sign_in("karim", "wrong password", "10.0.0.9")
    trail = list(reversed(await people.trail()))
    assert [(one.what, one.by, one.user, one.address, one.detail) for one in trail] == [
        ("user_added", "A. Admin", "Karim", "10.0.0.1", "clinician"),
        ("role_changed", "A. Admin", "Karim", "10.0.0.1", "viewer"),
        ("password_changed", "A. Admin", "Karim", "10.0.0.1", ""),
        ("user_disabled", "A. Admin", "Karim", "10.0.0.1", ""),
        ("user_enabled", "A. Admin", "Karim", "10.0.0.1", ""),
        ("signed_in", "Karim", "Karim", "10.0.0.9", "person, viewer"),
        ("refused", "", "Karim", "10.0.0.9", "person"),
    ]


@pytest.mark.parametrize("name", ["", " x", "x ", "x" * 65, "a\nb", "a\u202eb"])
async def test_what_is_no_name(people: People, name: str) -> None:
    with pytest.raises(AccountError, match="name must"):
        await people.add(name, "viewer", GOOD)


@pytest.mark.parametrize("name", ["Karim", "KARIM", "\uff2barim"])
async def test_names_are_unique_whatever_the_case(people: People, name: str) -> None:
    await people.add("karim", "viewer", GOOD)
    with pytest.raises(AccountError, match="already"):
        await people.add(name, "admin", GOOD)
    assert [user.role for user in await people.users()] == ["viewer"]


async def test_a_weak_password_adds_nobody(people: People, redis_client: Store) -> None:
    with pytest.raises(AccountError, match="too easy to guess"):
        await people.add("karim", "viewer", "password123")
    assert await redis_client.hlen(keys.USERS) == await redis_client.xlen(keys.PEOPLE_AUDIT) == 0


async def test_unknown_users(people: People) -> None:
    for act in (
        people.set_role("nobody", "viewer"),
        people.disable("nobody"),
        people.enable("nobody"),
        people.set_password("nobody", GOOD),
    ):
        with pytest.raises(AccountError, match="no user 'nobody'"):
            await act


async def test_two_administrators_at_once(people: People) -> None:
    await people.add("karim", "viewer", GOOD)
    acts = (people.set_role("karim", "clinician"), people.disable("karim"))
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    lost = [one for one in outcomes if isinstance(one, AccountError)]
    user = await people.find("karim")
    assert user is not None
    assert len(await people.trail()) == 3 - len(lost)
    assert (user.role == "clinician") + user.disabled == 2 - len(lost)  # nothing is half done


async def test_a_malformed_account_lets_nobody_in(
    people: People, entrance: Entrance, redis_client: Store
) -> None:
    await redis_client.hset(keys.USERS, "karim", b'{"name":"karim","role":"god"}')
    with pytest.raises(AccountError, match="role 'god'"):
        await entrance.sign_in("karim", GOOD, "10.0.0.9")
    assert await redis_client.hlen(keys.SESSIONS) == 0
