"""Alarms per bed and day, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.alarm_review.load import AlarmLoad


def alarm(kind: str, priority: str, onset_s: float, cleared_s: float | None) -> dict[str, Any]:
    said = {"kind": kind, "priority": priority, "onset_s": onset_s}
    return {**said, "raised_s": onset_s + 0.5, "cleared_s": cleared_s}


@pytest.fixture
def load() -> AlarmLoad:
    load = AlarmLoad()
    load.take(
        [
            alarm("asystole", "high", 10.0, 20.0),
            alarm("asystole", "high", 100.0, 110.0),
            alarm("asystole", "high", 400.0, None),
            alarm("couplet", "low", 30.0, 90.0),
            alarm("couplet", "low", 280.0, 340.0),
            alarm("leadoff", "technical", 50.0, 52.0),
        ],
        3600.0,
    )
    return load


def row(load: AlarmLoad, priority: str) -> tuple[int, int, int]:
    (found,) = (one for one in load.as_map()["priorities"] if one["priority"] == priority)
    return found["raised"], found["alerts"], found["audible"]


def test_a_repeat_is_one_more_of_the_same_alert_and_is_heard_if_it_is_urgent(load):
    assert row(load, "high") == (3, 2, 3)
    assert row(load, "low") == (2, 1, 1)
    assert row(load, "medium") == (0, 0, 0)


def test_what_is_over_within_its_delay_is_not_heard(load):
    assert row(load, "technical") == (1, 1, 0)


def test_a_longer_wait_before_the_sound_spares_what_is_over_by_then(load):
    delays = {one["on_delay_s"]: one for one in load.as_map()["delays"]}
    assert delays[0.0]["technical"] == delays[1.0]["technical"] == pytest.approx(24)
    assert delays[2.0]["technical"] == 0
    assert delays[8.0]["high"] == pytest.approx(72)
    assert delays[10.0]["high"] == pytest.approx(24)
    audible = {one["priority"]: one for one in load.as_map()["priorities"]}
    assert delays[2.0]["low"] == audible["low"]["audible_per_bed_day"]


def test_rates_are_per_bed_and_day(load):
    load.take([], 3600.0)
    told = load.as_map()
    assert told["bed_days"] == pytest.approx(2 / 24, abs=1e-4)
    assert told["all"]["raised_per_bed_day"] == pytest.approx(6 * 12)
    assert told["all"]["audible_per_bed_day"] == pytest.approx(4 * 12)
    assert [one["priority"] for one in told["priorities"]] == ["high", "medium", "low", "technical"]
    assert [one["kind"] for one in told["kinds"]] == ["asystole", "couplet", "leadoff"]


def test_recordings_do_not_follow_one_another():
    load = AlarmLoad()
    for _ in range(2):
        load.take([alarm("asystole", "high", 10.0, 20.0)], 60.0)
    assert load.as_map()["all"]["alerts"] == 2


def test_nothing_is_no_load():
    assert AlarmLoad().as_map()["all"]["raised_per_bed_day"] == 0
