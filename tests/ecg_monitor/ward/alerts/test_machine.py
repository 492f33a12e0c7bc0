"""The table of transitions."""

import pytest

from ecg_monitor.ward.alerts.machine import TABLE, Input, Presence, run, step


def test_the_table_is_total():
    assert set(TABLE) == set(Input)
    for row in TABLE.values():
        assert set(row) == set(Presence)


def test_only_a_person_a_successor_or_the_end_of_stay_or_retention_ends_a_latched_signal():
    ends = {one for one in Input if TABLE[one][Presence.LATCH] is Presence.OFF}
    assert ends == {Input.ACK, Input.JOIN, Input.LEAVE, Input.EXPIRE}


def test_the_end_of_a_stay_silences_nothing_that_is_present():
    assert TABLE[Input.LEAVE][Presence.ON] is Presence.ON


def test_nothing_but_an_acknowledgement_leads_to_ack():
    ways = {(one, a) for one in Input for a in Presence if TABLE[one][a] is Presence.ACK}
    assert {one for one, a in ways if a is not Presence.ACK} == {Input.ACK}


@pytest.mark.parametrize("news", [Input.RISE, Input.STANDBY_OVER])
def test_what_is_news_undoes_an_acknowledgement(news):
    assert step(Presence.ACK, news) is Presence.ON


def test_an_alert_that_is_over_stays_over():
    assert all(TABLE[one][Presence.OFF] is Presence.OFF for one in Input if one is not Input.RAISE)


@pytest.mark.parametrize(
    ("inputs", "presence"),
    [
        ([Input.RAISE], Presence.ON),
        ([Input.RAISE, Input.CLEAR], Presence.OFF),
        ([Input.RAISE, Input.CLEAR_LATCHING], Presence.LATCH),
        ([Input.RAISE, Input.CLEAR_LATCHING, Input.ACK], Presence.OFF),
        ([Input.RAISE, Input.ACK, Input.CLEAR_LATCHING], Presence.OFF),
        ([Input.RAISE, Input.STALE_ACK], Presence.ON),
        ([Input.RAISE, Input.CLEAR_LATCHING, Input.LEAVE], Presence.OFF),
        ([Input.RAISE, Input.ACK, Input.CLEAR_LATCHING, Input.LEAVE], Presence.OFF),
        ([Input.RAISE, Input.ACK, Input.RISE, Input.CLEAR_LATCHING], Presence.LATCH),
    ],
)
def test_courses(inputs, presence):
    assert run(inputs) is presence
