"""What clients may ask, and how often."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.hub.requests import Ping, RateLimit, Subscription, parse
from ecg_monitor.core.errors import WireError


def test_subscription() -> None:
    asked = {"t": "subscribe", "beds": ["a", "b"], "leads": ["II"], "history_s": 5, "system": True}
    assert parse(json.dumps(asked)) == Subscription(
        frozenset({"a", "b"}), frozenset({"II"}), 5.0, True
    )
    assert parse('{"t":"subscribe"}') == Subscription()
    assert parse('{"t":"subscribe","alarms":"all"}') == Subscription(all_alarms=True)
    assert parse('{"t":"subscribe","leads":"all"}') == Subscription(leads=None)
    assert parse('{"t":"ping","c":12.5}') == Ping(12.5)
    assert parse('{"t":"ping","c":12.5,"seen":1700000000.5}') == Ping(12.5, 1700000000.5)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "request"),
        ("[]", "request"),
        ("{}", "t"),
        ('{"t":"drop"}', "t"),
        ('{"t":"ping"}', "c"),
        ('{"t":"ping","c":"1"}', "c"),
        ('{"t":"ping","c":1,"seen":null}', "seen"),
        ('{"t":"subscribe","beds":5}', "beds"),
        ('{"t":"subscribe","beds":[5]}', "beds"),
        ('{"t":"subscribe","beds":["a b"]}', "beds"),
        ('{"t":"subscribe","leads":0}', "leads"),
        ('{"t":"subscribe","leads":true}', "leads"),
        ('{"t":"subscribe","leads":17}', "leads"),
        ('{"t":"subscribe","history_s":21}', "history_s"),
        ('{"t":"subscribe","history_s":null}', "history_s"),
        ('{"t":"subscribe","system":1}', "system"),
        ('{"t":"subscribe","alarms":true}', "alarms"),
    ],
)
def test_wrong_requests(text: str, field: str) -> None:
    with pytest.raises(WireError) as caught:
        parse(text)
    assert caught.value.field == field


@given(st.text() | st.binary())
def test_rubbish_raises_nothing_else(text: str | bytes) -> None:
    with suppress(WireError):
        parse(text)


def test_preferred_leads() -> None:
    leads = ("V5", "V2", "MLII", "X")
    assert Subscription(leads=1).rows(leads) == (2,)
    assert Subscription(leads=2).rows(leads) == (0, 2)
    assert Subscription(leads=9).rows(leads) == (0, 1, 2, 3)
    assert Subscription(leads=None).rows(leads) == (0, 1, 2, 3)
    assert Subscription(leads=frozenset({"X", "II"})).rows(leads) == (3,)


def test_rate_limit() -> None:
    limit = RateLimit(rate=10, burst=30)
    assert sum(limit.allow(100.0) for _ in range(50)) == 30
    assert sum(limit.allow(100.5) for _ in range(50)) == 5
    assert sum(limit.allow(99.0) for _ in range(50)) == 0
    assert sum(limit.allow(200.0) for _ in range(50)) == 30
