"""When a session is over, with and without Redis. No Redis needed."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.ward.accounts.book import Book
from ecg_monitor.ward.accounts.model import Session

START = 1_800_000_000.0


def session(
    kind: str = "person", idle_s: float | None = 900.0, life_s: float = 43_200.0
) -> Session:
    return Session(
        "A. Nurse", "a. nurse", "viewer", kind, "", START, START + life_s, idle_s
    )  # fmt: skip


def book_of(one: Session, seen_at: float = START, read_at: float = START) -> Book:
    book = Book()
    book.load({b"x": one.to_json()}, {b"x": str(seen_at).encode()}, read_at)
    return book


@pytest.mark.parametrize(
    ("seen_at", "now", "idle"),
    [
        (0, 899, False),
        (0, 901, True),
        (600, 1499, False),
        (600, 1501, True),
        (0, 43_199, True),
    ],
)
def test_idleness_takes_the_right_to_act_and_never_the_watch(
    seen_at: float, now: float, idle: bool
) -> None:
    visit = book_of(session(), START + seen_at).find("x", START + now)
    assert visit is not None
    assert visit.idle == idle


def test_the_day_ends_for_those_who_work_too() -> None:
    assert book_of(session(), START + 43_000).find("x", START + 43_201) is None


def test_a_display_on_a_wall_is_never_idle() -> None:
    book = book_of(session("wall", None, 7 * 86_400.0))
    visit = book.find("x", START + 7 * 86_400 - 1)
    assert visit is not None
    assert not visit.idle
    assert book.find("x", START + 7 * 86_400 + 1) is None


def test_unknown_and_malformed_are_none() -> None:
    book = book_of(session())
    assert book.find("y", START) is None
    texts = {
        b"a": b"rubbish",
        b"b": b"[]",
        b"c": orjson.dumps(orjson.loads(session().to_json()) | {"role": "god"}),
        b"d": orjson.dumps(orjson.loads(session().to_json()) | {"more": 1}),
        b"x": session().to_json(),
    }
    book.load(texts, {}, START)
    assert [visit.digest for visit in book.visits(START)] == ["x"]
    assert len(book.malformed) == 4


def test_while_redis_is_away_nobody_is_idle_and_the_day_still_ends() -> None:
    book = book_of(session())
    book.lost()
    visit = book.find("x", START + 5000)
    assert visit is not None
    assert not visit.idle
    assert book.find("x", START + 43_201) is None


def test_when_redis_is_back_the_idle_time_begins_anew() -> None:
    book = book_of(session())
    book.lost()
    book.load({b"x": session().to_json()}, {b"x": str(START).encode()}, START + 5000)
    for now, idle in ((5899, False), (5901, True)):
        visit = book.find("x", START + now)
        assert visit is not None
        assert visit.idle == idle


def test_before_the_first_answer_nobody_is_let_in() -> None:
    book = Book()
    book.lost()
    assert book.find("x", START) is None


@given(
    seen=st.floats(0, 50_000), now=st.floats(0, 50_000), idle=st.floats(30, 86_400) | st.none()
)  # fmt: skip
def test_left_times_are_what_find_goes_by(seen: float, now: float, idle: float | None) -> None:
    visit = book_of(session(idle_s=idle), START + seen).find("x", START + now)
    if visit is None:
        assert now >= 43_200.0 - 1e-3
        return
    assert visit.left_s == pytest.approx(43_200.0 - now, abs=1e-3)
    if idle is None:
        assert visit.acts_s is None
    else:
        assert visit.acts_s == pytest.approx(seen + idle - now, abs=1e-3)
