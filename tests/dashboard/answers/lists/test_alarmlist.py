"""The alarms of all beds over HTTP, with a real Redis behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import redis

from dashboard.answers.lists.alarmlist import SHOWN
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward import access
from ecg_monitor.ward.alerts.book import KEPT
from ecg_monitor.ward.alerts.handling.query import known_since

PARTITIONS = 4
HOUR_S = 3600.0


def facts(device: str, hours_ago: float, **more: Any) -> dict[str, Any]:
    """An alarm that was raised so long ago, and was over nine seconds later."""
    at = time.time() - hours_ago * HOUR_S
    return {
        "id": alert_id(device, "boot", "bradycardia", round(hours_ago * 1000)), "device": device,
        "boot": "boot", "kind": "bradycardia", "priority": "medium", "n": 100, "value": 38.0,
        "limit": 40.0, "present": False, "onset_at": at - 1, "raised_at": at, "cleared_at": at + 9,
        **more,
    }  # fmt: skip


@pytest.fixture
def ask(
    redis_url: str, cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]
) -> Callable[..., Any]:
    """Return a function that stores alarms and asks for the list."""
    settings = Settings(secret="of the tests", redis_url=redis_url, partitions=PARTITIONS)
    store = redis.Redis.from_url(redis_url)
    store.flushall()
    client = client_for(settings)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "A. Nurse", "viewer"))

    def ask(*alarms: dict[str, Any], query: str = "") -> Any:
        for one in alarms:
            partition = keys.partition_of(one["device"], PARTITIONS)
            store.hset(keys.alerts(partition), one["id"], orjson.dumps(one))
        return client.get(f"/alarms/list{query}")

    return ask


def test_alarms_of_all_beds_are_listed_newest_first(ask: Callable[..., Any]) -> None:
    answer = ask(*(facts(f"bed-{i}", hours) for i, hours in enumerate((5, 1, 30, 3))))
    found = answer.json
    assert [one["device"] for one in found["alarms"]] == ["bed-1", "bed-3", "bed-0"]
    assert found["alarms"][0].keys() == {*SHOWN, "unit"}
    assert found["now"] - found["since"] == 24 * HOUR_S
    assert found["known_since"] is None


def test_how_far_back_is_asked_for(ask: Callable[..., Any]) -> None:
    old, new = facts("bed-1", 30), facts("bed-2", 2)
    assert len(ask(old, new, query="?hours=48").json["alarms"]) == 2
    assert ask(query="?hours=1").json["alarms"] == []


def test_what_still_shows_is_listed_however_old(ask: Callable[..., Any]) -> None:
    present = facts("bed-1", 60, present=True, cleared_at=None)
    latched = facts("bed-1", 50, priority="high", latching=True)
    assert [one["presence"] for one in ask(present, latched).json["alarms"]] == ["Latch", "On"]


@pytest.mark.parametrize("hours", ["0", "-1", "169", "nan", "x", "", "1e400"])
def test_an_impossible_time_is_refused_by_name(ask: Callable[..., Any], hours: str) -> None:
    answer = ask(query=f"?hours={hours}")
    assert answer.status_code == 400
    assert "hours must be a number 1 .. 168" in answer.json["error"]


def test_a_list_that_may_be_cut_says_from_when_on_it_is_whole() -> None:
    full = [{"device": "bed-1", "raised_at": 1000.0 + i} for i in range(KEPT)]
    other = next(
        f"bed-{i}" for i in range(99) if keys.partition_of(f"bed-{i}", PARTITIONS)
        != keys.partition_of("bed-1", PARTITIONS)
    )  # fmt: skip
    few = [{"device": other, "raised_at": 5000.0}]
    assert known_since([*full, *few], PARTITIONS, 0.0) == 1000.0
    assert known_since([*full, *few], PARTITIONS, 1500.0) is None, "all that is asked for is there"
    assert known_since([*full[1:], *few], PARTITIONS, 0.0) is None
