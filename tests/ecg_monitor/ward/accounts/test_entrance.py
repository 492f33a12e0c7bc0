"""Signing in and out over a real Redis, by friends and by others."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AccountError, TooManyAttemptsError
from ecg_monitor.core.store import Store
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link
from ecg_monitor.ward.accounts import attempts, changes
from ecg_monitor.ward.accounts.book import Book, Visit
from ecg_monitor.ward.accounts.entrance import LONGEST_S, MAX_SESSIONS, REFUSED, WALL_S, Entrance
from ecg_monitor.ward.accounts.model import Session
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.accounts.trail import Entry

GOOD = "blue tram no 7"
HOME = "10.0.0.7"


@pytest.fixture(autouse=True)
async def karim(people: People) -> None:
    await people.add("Karim", "clinician", GOOD)


async def visit_of(entrance: Entrance, clock: Any, token: str) -> Visit | None:
    book = Book()
    await entrance.read(book)
    return book.find(access.digest_of(token), clock())


async def fail(entrance: Entrance, name: str = "Karim", address: str = HOME) -> None:
    try:
        await entrance.sign_in(name, "wrong password", address)
    except TooManyAttemptsError:
        raise
    except AccountError as error:
        assert str(error) == REFUSED
    else:
        pytest.fail("a wrong password signed in")


async def test_signs_in_whatever_the_case(entrance: Entrance, clock: Any) -> None:
    token = await entrance.sign_in("KARIM", GOOD, HOME)
    visit = await visit_of(entrance, clock, token)
    assert visit is not None
    session = visit.session
    assert (session.user, session.role, session.kind, session.address) == (
        *("Karim", "clinician", "person", HOME),
    )
    assert (session.ends_at - session.opened_at, session.idle_s) == (LONGEST_S, 900.0)


async def test_redis_never_sees_token_or_password(entrance: Entrance, redis_client: Store) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    await fail(entrance, "swordfish as a name")
    held = []
    for key in await redis_client.keys("*"):
        kind = await redis_client.type(key)
        assert kind in {b"hash", b"stream"}
        read = redis_client.hgetall if kind == b"hash" else redis_client.xrange
        held.append(repr((key, await read(key))))
    text = "".join(held)
    assert access.digest_of(token) in text
    for secret in (token, GOOD, "wrong password", "swordfish"):
        assert secret not in text


@pytest.mark.parametrize(
    ("name", "password"),
    [("Karim", "wrong password"), ("Karim", ""), ("Amina", GOOD), ("", ""), ("K\x00", "x" * 9999)],
)
async def test_refused_all_alike(
    entrance: Entrance, redis_client: Store, name: str, password: str
) -> None:
    with pytest.raises(AccountError) as caught:
        await entrance.sign_in(name, password, HOME)
    assert str(caught.value) == REFUSED
    assert await redis_client.hlen(keys.SESSIONS) == 0


async def test_a_disabled_user_is_refused_alike(entrance: Entrance, people: People) -> None:
    await people.disable("karim")
    with pytest.raises(AccountError, match=REFUSED):
        await entrance.sign_in("Karim", GOOD, HOME)
    await people.enable("karim")
    await entrance.sign_in("Karim", GOOD, HOME)


async def test_guessing_waits_ever_longer(entrance: Entrance, clock: Any) -> None:
    waits = []
    for _ in range(attempts.FREE_PER_USER + 12):
        while True:
            try:
                await fail(entrance)
                break
            except TooManyAttemptsError as problem:
                waits.append(problem.wait_s)
                clock.now += problem.wait_s + 0.01
    assert waits[0] == pytest.approx(1, abs=0.02)
    assert all(later >= sooner for sooner, later in pairwise(waits))
    assert waits[-1] == pytest.approx(attempts.LONGEST_WAIT_S, abs=0.02)


async def test_nobody_is_locked_out_by_who_guesses_elsewhere(entrance: Entrance) -> None:
    for _ in range(attempts.FREE_PER_USER):
        await fail(entrance, address="203.0.113.9")
    with pytest.raises(TooManyAttemptsError):
        await entrance.sign_in("Karim", GOOD, "203.0.113.9")
    await entrance.sign_in("Karim", GOOD, HOME)


async def test_guesses_from_many_addresses_wait_too(
    entrance: Entrance, people: People, clock: Any, redis_client: Store
) -> None:
    async def crowd() -> None:
        for number in range(attempts.FREE_ELSEWHERE):
            assert await attempts.begin(redis_client, "Karim", f"10.1.{number}.1", clock()) == 0

    await entrance.sign_in("Karim", GOOD, HOME)
    await crowd()
    with pytest.raises(TooManyAttemptsError) as caught:
        await fail(entrance, address="10.2.0.1")
    assert caught.value.wait_s == pytest.approx(1, abs=0.02)
    # The place where they work is theirs all the same, and fails by its own count.
    await fail(entrance)
    await entrance.sign_in("Karim", GOOD, HOME)
    await crowd()
    with pytest.raises(TooManyAttemptsError):
        await fail(entrance, address="10.2.0.1")
    await people.set_password("Karim", GOOD + "!")  # an administrator begins anew
    await entrance.sign_in("Karim", GOOD + "!", "10.2.0.1")


async def test_who_waits_is_not_even_looked_at(entrance: Entrance, clock: Any) -> None:
    for _ in range(attempts.FREE_PER_USER):
        await fail(entrance)
    with pytest.raises(TooManyAttemptsError):
        await entrance.sign_in("Karim", GOOD, HOME)
    clock.now += 2
    await entrance.sign_in("Karim", GOOD, HOME)
    for _ in range(attempts.FREE_PER_USER):  # a success begins anew
        await fail(entrance)


async def test_many_at_once_gain_nothing(entrance: Entrance) -> None:
    tries = (entrance.sign_in("Karim", f"wrong password {i}", HOME) for i in range(12))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    looked_at = [one for one in outcomes if not isinstance(one, TooManyAttemptsError)]
    assert len(looked_at) == attempts.FREE_PER_USER
    assert all(isinstance(one, AccountError) for one in outcomes)


async def test_an_address_that_tries_many_names_waits(entrance: Entrance, clock: Any) -> None:
    for number in range(attempts.FREE_PER_ADDRESS):
        await fail(entrance, f"user {number}", "2001:db8::1")
    with pytest.raises(TooManyAttemptsError):
        await entrance.sign_in("Karim", GOOD, "2001:db8::2:3")  # of the same /64 network
    await entrance.sign_in("Karim", GOOD, "2001:db8:0:1::1")
    clock.now += 2
    # Whoever has an account does not buy more guesses with it.
    await entrance.sign_in("Karim", GOOD, "2001:db8::1")
    await fail(entrance, "user x", "2001:db8::1")
    with pytest.raises(TooManyAttemptsError):
        await entrance.sign_in("user y", "wrong password", "2001:db8::1")


async def test_a_new_password_ends_the_wait(entrance: Entrance, people: People) -> None:
    for _ in range(attempts.FREE_PER_USER):
        await fail(entrance)
    await people.set_password("Karim", "green tram no 8")
    await entrance.sign_in("Karim", "green tram no 8", HOME)


async def test_every_sign_in_has_a_token_of_its_own(entrance: Entrance, clock: Any) -> None:
    """Session fixation: what was in the browser before is worth nothing afterwards."""
    planted = await entrance.follow_link(Link("mallory", "viewer", clock()), HOME)
    token = await entrance.sign_in("Karim", GOOD, HOME, former=access.digest_of(planted))
    assert token != planted
    assert await visit_of(entrance, clock, planted) is None
    assert await visit_of(entrance, clock, token) is not None


async def test_signed_out_is_over(entrance: Entrance, clock: Any) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    visit = await visit_of(entrance, clock, token)
    assert visit is not None
    await entrance.sign_out(visit, HOME)
    assert await visit_of(entrance, clock, token) is None
    assert not await entrance.touch(visit.digest)
    await entrance.sign_out(visit, HOME)  # again is no error, and no second entry of the trail


async def test_activity_prolongs_to_the_end_of_the_day(entrance: Entrance, clock: Any) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    began = clock.now
    while clock.now - began < LONGEST_S - 800:
        clock.now += 800
        assert await entrance.touch(access.digest_of(token))
        assert await visit_of(entrance, clock, token) is not None
    clock.now = began + LONGEST_S + 1
    assert await visit_of(entrance, clock, token) is None


async def test_idle_watches_to_the_end_of_the_day_and_is_cleared_out(
    entrance: Entrance, people: People, clock: Any, redis_client: Store
) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    clock.now += 901
    visit = await visit_of(entrance, clock, token)
    assert visit is not None
    assert visit.idle
    book = Book()
    await entrance.read(book)
    await entrance.clear_out(book)
    assert await visit_of(entrance, clock, token) is not None
    clock.now += LONGEST_S
    assert await visit_of(entrance, clock, token) is None
    await entrance.read(book)
    await entrance.clear_out(book)
    assert await redis_client.hlen(keys.SESSIONS) == await redis_client.hlen(keys.SEEN) == 0
    assert (await people.trail())[0].what == "expired"


async def test_who_comes_back_to_an_idle_session(
    entrance: Entrance, people: People, clock: Any
) -> None:
    await people.add("Amina", "admin", "green tram no 8")
    token = await entrance.sign_in("Karim", GOOD, HOME)
    clock.now += 1000
    idle = await visit_of(entrance, clock, token)
    assert idle is not None
    assert idle.idle
    with pytest.raises(AccountError, match=REFUSED):
        await entrance.come_back(idle, "Karim", "wrong password", HOME)
    still = await visit_of(entrance, clock, token)
    assert still is not None
    assert still.idle
    clock.now += 60  # guessing waits
    assert await entrance.come_back(idle, "karim", GOOD, HOME) is None
    back = await visit_of(entrance, clock, token)
    assert back is not None
    assert not back.idle
    assert (await people.trail())[0].what == "came_back"
    assert (await people.trail())[0].detail == "idle 1000 s"
    other = await entrance.come_back(back, "Amina", "green tram no 8", HOME)
    assert other is not None
    assert await visit_of(entrance, clock, token) is None
    hers = await visit_of(entrance, clock, other)
    assert hers is not None
    assert (hers.session.user, hers.session.role) == ("Amina", "admin")


async def test_nobody_comes_back_to_a_session_that_has_ended(
    entrance: Entrance, people: People, clock: Any
) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    visit = await visit_of(entrance, clock, token)
    assert visit is not None
    await entrance.sign_out(visit, HOME)
    with pytest.raises(AccountError, match="ended already"):
        await entrance.come_back(visit, "Karim", GOOD, HOME)
    assert await visit_of(entrance, clock, token) is None


async def test_a_wall_display_sees_and_stays(
    entrance: Entrance, people: People, clock: Any
) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    visit = await visit_of(entrance, clock, token)
    assert visit is not None
    wall = await entrance.start_wall(visit, HOME)
    assert await visit_of(entrance, clock, token) is None  # the person is signed out
    clock.now += WALL_S - 1
    shown = await visit_of(entrance, clock, wall)
    assert shown is not None
    assert (shown.session.role, shown.session.kind) == ("viewer", "wall")
    with pytest.raises(AccountError, match="clinician"):
        await entrance.start_wall(shown, HOME)  # nothing begets itself for ever
    await people.set_password("Karim", "green tram no 8")
    assert await visit_of(entrance, clock, wall) is not None  # no ward goes dark for a new password
    await people.disable("Karim")
    assert await visit_of(entrance, clock, wall) is None


async def test_a_change_of_role_ends_sessions(
    entrance: Entrance, people: People, clock: Any
) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    other = await entrance.follow_link(Link("Amina", "viewer", clock()), HOME)
    await people.set_role("Karim", "viewer")
    assert await visit_of(entrance, clock, token) is None
    assert await visit_of(entrance, clock, other) is not None


async def test_a_link_gives_no_more_than_the_account(entrance: Entrance, clock: Any) -> None:
    for role, given in (("admin", "clinician"), ("viewer", "viewer")):
        link = Link("karim", role, clock())
        visit = await visit_of(entrance, clock, await entrance.follow_link(link, HOME))
        assert visit is not None
        assert (visit.session.role, visit.session.idle_s) == (given, None)


async def test_a_revoked_link_is_void_and_a_new_one_is_not(entrance: Entrance, clock: Any) -> None:
    link = Link("local", "admin", clock())
    token = await entrance.follow_link(link, HOME)
    await entrance.revoke(access.digest_of(token), "A. Admin", HOME)
    assert await visit_of(entrance, clock, token) is None
    with pytest.raises(AccountError, match="revoked"):
        await entrance.follow_link(link, HOME)
    clock.now += 1
    await entrance.follow_link(Link("local", "admin", clock()), HOME)
    with pytest.raises(AccountError, match="ended already"):
        await entrance.revoke(access.digest_of(token), "A. Admin", HOME)


async def test_a_link_for_a_disabled_user_is_refused(
    entrance: Entrance, people: People, clock: Any
) -> None:
    await people.disable("Karim")
    with pytest.raises(AccountError, match="revoked"):
        await entrance.follow_link(Link("Karim", "viewer", clock()), HOME)


async def test_too_many_sessions_push_out_the_oldest(entrance: Entrance, clock: Any) -> None:
    tokens = []
    for _ in range(MAX_SESSIONS + 2):
        clock.now += 0.01
        tokens.append(await entrance.follow_link(Link("local", "admin", clock()), HOME))
    book = Book()
    await entrance.read(book)
    await entrance.clear_out(book)
    good = [
        await visit_of(entrance, clock, token) is not None for token in (*tokens[:3], tokens[-1])
    ]
    assert good == [False, False, True, True]


async def test_ones_own_password(entrance: Entrance, clock: Any) -> None:
    token = await entrance.sign_in("Karim", GOOD, HOME)
    with pytest.raises(AccountError, match="present password"):
        await entrance.change_password("Karim", "wrong password", "green tram no 8", HOME)
    with pytest.raises(AccountError, match="at least 10"):
        await entrance.change_password("Karim", GOOD, "short", HOME)
    await entrance.change_password("Karim", GOOD, "green tram no 8", HOME)
    assert await visit_of(entrance, clock, token) is None
    await entrance.sign_in("Karim", "green tram no 8", HOME)
    with pytest.raises(AccountError, match="by a link"):
        await entrance.change_password("local", GOOD, "green tram no 8", HOME)


async def test_an_account_that_changes_during_the_sign_in(
    entrance: Entrance, people: People, redis_client: Store
) -> None:
    """Disabled between the look at the password and the session: no session comes about."""
    looked_at = await people.find("Karim")
    await people.disable("Karim")
    now = 1_800_000_000.0
    session = Session("Karim", "karim", "clinician", "person", HOME, now, now + 60, 900.0)
    entry = Entry("signed_in", "Karim", "Karim", now)
    assert not await changes.open_session(redis_client, looked_at, "x", session, "", entry)
    assert await redis_client.hlen(keys.SESSIONS) == 0
    assert [one.what for one in await people.trail()] == ["user_disabled", "user_added"]


async def test_signing_in_while_being_disabled(
    entrance: Entrance, people: People, redis_client: Store
) -> None:
    acts = [entrance.sign_in("Karim", GOOD, f"10.0.2.{i}") for i in range(4)]
    await asyncio.gather(*acts, people.disable("Karim"), return_exceptions=True)
    assert await redis_client.hlen(keys.SESSIONS) == 0
