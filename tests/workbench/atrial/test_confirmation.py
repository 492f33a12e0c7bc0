"""Confirmation times against false alarms."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.types import Alarm
from workbench.atrial.confirmation import (
    WAITS_S,
    UnconfirmedAlarm,
    confirmed,
    curve,
    draw,
    told_alarms,
)
from workbench.atrial.intervals import DECIDED_S

SHORT_ONE = UnconfirmedAlarm(1000.0, 1005.0, 1016.0)
TRUE_ONE = UnconfirmedAlarm(100.0, 115.0, 410.0)
EPISODES = [(100.0, 400.0)]


def test_alarms_carry_their_onset():
    events = [
        Alarm("af", "low", 128, 1280, True),
        Alarm("svt", "medium", 0, 10, True),
        Alarm("af", "low", 128, 2560, False),
        Alarm("atrial_flutter", "low", 2560, 3840, True),
    ]
    assert told_alarms(events, 128.0, 60.0) == [(1.0, 10.0, 20.0), (20.0, 30.0, 60.0)]


def test_waiting_delays_what_lasts_and_spares_what_does_not():
    told = [TRUE_ONE, SHORT_ONE]
    assert confirmed(told, 0.0) == [(115.0, 410.0), (1005.0, 1016.0)]
    assert confirmed(told, 30.0) == [(130.0 + DECIDED_S, 410.0)]


@given(st.lists(st.tuples(*[st.floats(0, 50)] * 3), max_size=6))
def test_a_longer_wait_never_adds_an_alarm_nor_tells_one_sooner(parts):
    told = [UnconfirmedAlarm(a, a + b, a + b + c) for a, b, c in parts]
    spans = [confirmed(told, wait_s) for wait_s in WAITS_S]
    for shorter, longer in pairwise(spans):
        assert len(longer) <= len(shorter)
        assert all(any(a >= b and end == to for b, to in shorter) for a, end in longer)


def test_curve_and_its_picture(tmp_path):
    rows = curve({"af": [(EPISODES, [TRUE_ONE], 3600.0)], "healthy": [([], [SHORT_ONE], 86400.0)]})
    assert [row["wait_s"] for row in rows] == list(WAITS_S)
    by_wait = {row["wait_s"]: row for row in rows}
    assert by_wait[0.0]["healthy"]["false_alarms"] == 1
    assert by_wait[15.0]["healthy"]["false_alarms"] == 0
    assert by_wait[30.0]["af"]["onset_median_s"] == pytest.approx(31.4)
    pytest.importorskip("matplotlib")
    draw(tmp_path / "curve.png", rows, "af", "healthy")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
