"""Minutes as the columns of a graph."""

from dataclasses import replace

import pytest

from ecg_monitor.ward.trends.kept import TimedMinute
from ecg_monitor.ward.trends.minute import Minute
from ecg_monitor.ward.trends.table import af_burden, columns

BLANK = Minute("b", 0, 250.0, (70.0, 60.0, 80.0), (70, 0, 0, 0, 0), (0.1, 0.5), 0, (60, 0, 0, 0), 0,
               {"II": 0.1}, 90.0, None)  # fmt: skip


def minutes(count: int, since: float = 0.0, **changes) -> list[TimedMinute]:
    return [TimedMinute(since + 60 * i, replace(BLANK, number=i, **changes)) for i in range(count)]


def test_a_gap_is_a_row_without_values():
    table = columns([*minutes(3), *minutes(2, since=600)], since=0)
    assert table["at"] == [30, 90, 150, 390, 630, 690]
    assert table["hr"] == [70, 70, 70, None, 70, 70]
    assert table["st"]["II"] == [0.1, 0.1, 0.1, None, 0.1, 0.1]
    assert {len(column) for name, column in table.items() if name != "st"} == {6}


def test_rates_are_those_of_the_hour_before_and_of_monitored_time():
    beats = [*minutes(60, counts=(60, 0, 2, 0, 0)), *minutes(60, since=3600)]
    table = columns(beats, since=3600)
    assert len(table["at"]) == 60
    assert table["pvc_h"][0] == pytest.approx(118), "the first minute has left the hour"
    assert table["pvc_h"][29] == pytest.approx(60)
    assert table["pvc_h"][-1] == 0
    half = columns(minutes(60, counts=(60, 1, 0, 0, 0), quality=(30, 0, 0, 0)), since=0)
    assert half["sve_h"][-1] == pytest.approx(120), "one a minute, of which half was monitored"
    assert half["sve_h"][0] is None, "half a minute says nothing of an hour"


def test_long_spans_have_fewer_points_and_lose_no_extreme():
    rows = minutes(1000)
    rows[777] = TimedMinute(rows[777].at, replace(BLANK, heart_rate=(75.0, 31.0, 212.0)))
    table = columns(rows, since=0, points=100)
    assert len(table["at"]) == 100
    assert min(table["hr_low"]) == 31
    assert max(table["hr_high"]) == 212
    assert table["hr"] == [70] * 100


def test_shares_are_of_the_monitored_time():
    table = columns(minutes(1, quality=(30, 10, 0, 10), af_s=25), since=0)
    assert table["good"] == [60]
    assert table["af"] == [50]
    assert columns(minutes(1, quality=(0, 0, 0, 0)), since=0)["good"] == [None]


def test_the_burden_is_of_the_monitored_minutes_of_a_stretch():
    rows = [*minutes(30, af_s=60), *minutes(30, since=1800), *minutes(10, since=7200, af_s=30)]
    assert af_burden(rows, 7200) == {"percent": 50.0, "monitored_s": 600}
    assert af_burden(rows, 0) == {"percent": 50.0, "monitored_s": 4200}
    assert af_burden(rows, 1800)["percent"] == pytest.approx(12.5)
    assert af_burden(rows, 9000) == {"percent": None, "monitored_s": 0}


def test_nothing_gives_empty_columns():
    table = columns([], since=0)
    assert table["at"] == []
    assert table["st"] == {}
