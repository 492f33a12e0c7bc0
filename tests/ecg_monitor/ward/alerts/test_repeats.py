"""A condition that keeps coming back: one thing to handle, and nothing urgent unheard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.overseer import due
from ecg_monitor.ward.alerts.policy import SERIES_S, Policy
from ecg_monitor.ward.alerts.signals import signals
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

BED = "bed-01"
POLICY = Policy()
FS = 250.0


class Bed:
    """Alerts of one device; times in seconds are those of its samples as well."""

    def __init__(self) -> None:
        self.book = AlertBook(policy=POLICY)
        self.board = Board()

    def comes(
        self, at: float, lasts: float, kind: str = "asystole", priority: str = "high", **more
    ) -> Alert:
        n = round(at * FS)
        entry = self.book.note(BED, "b", Alarm(kind, priority, n, n, True), at, at, fs=FS, **more)
        joined = self.book.join_former(entry.alert, at)
        over = Alarm(kind, priority, n, round((at + lasts) * FS), False)
        entries = [entry, joined, self.book.note(BED, "b", over, at, at + lasts, fs=FS)]
        for one in entries:
            if one is not None:
                self.board.take(one)
        return entry.alert

    def ack(self, alert: Alert, now: float) -> None:
        facts = self.board.records[alert.id].alert
        self.board.take(Entry(EntryKind.ACKNOWLEDGED, "N. N.", now, BED, facts, rank=facts.rank))

    def at(self, now: float) -> list[tuple[int, str, str]]:
        found = signals(self.board.of_device(BED), None, POLICY, now)
        return [
            (one.record.alert.times, str(one.presence), str(one.why))
            for one in found
            if one.presence != "Off"
        ]


@pytest.fixture
def bed() -> Bed:
    return Bed()


def test_seven_in_a_row_are_one_alert_that_still_sounds(bed):
    for at in range(0, 700, 100):
        last = bed.comes(at, 5)
    assert bed.at(800) == [(7, "Latch", "sounds")]
    assert last.first_at == 0
    bed.ack(last, 801)
    assert bed.at(802) == []
    assert len(bed.book.alerts) == 7, "each keeps its strip and its place on record"


def test_a_repeat_after_an_acknowledgement_sounds_again(bed):
    bed.ack(bed.comes(0, 5), 10)
    assert bed.at(11) == []
    bed.comes(60, 5)
    assert bed.at(70) == [(2, "Latch", "sounds")]


def test_an_acknowledgement_of_the_former_does_not_reach_the_repeat(bed):
    former = bed.comes(0, 5)
    bed.comes(60, 5)
    bed.ack(former, 61)  # was on the screen while the repeat was raised
    assert bed.at(70) == [(2, "Latch", "sounds")]


@pytest.mark.parametrize(("gap", "times"), [(179, 2), (181, 1)])
def test_what_comes_later_stands_alone(bed, gap, times):
    bed.comes(0, 5)
    assert bed.comes(5 + gap, 5).times == times
    assert len(bed.at(400)) == 3 - times


def test_only_the_first_of_a_series_of_low_priority_is_heard(bed):
    bed.comes(0, 5, "couplet", "low")
    assert bed.at(4) == [(1, "On", "over")], "lingers"
    n = round(300 * FS)
    entry = bed.book.note(BED, "b", Alarm("couplet", "low", n, n, True), 300, 300, fs=FS)
    bed.board.take(entry)
    assert bed.at(304) == [(2, "On", "repeat")]


def test_a_series_of_low_priority_is_heard_every_hour(bed):
    heard = [bed.comes(at, 5, "couplet", "low").times == 1 for at in range(0, 14_400, 300)]
    assert heard.count(True) == 4
    assert heard.index(True, 1) * 300 == pytest.approx(SERIES_S, abs=300)


def test_one_found_late_takes_no_sound_over(bed):
    bed.comes(0, 5)
    bed.comes(60, 5, late=True)
    assert bed.at(70) == [(1, "Latch", "sounds"), (2, "Latch", "late")]


def test_a_weaker_one_takes_no_stronger_over(bed):
    bed.comes(0, 5, "tachycardia", "high")
    bed.comes(60, 5, "tachycardia", "medium")
    assert bed.at(61)[0] == (1, "Latch", "sounds")


def test_other_kinds_and_power_ups_are_not_counted(bed):
    bed.comes(0, 5)
    assert bed.comes(10, 5, "vt").times == 1
    entry = bed.book.note(BED, "b2", Alarm("asystole", "high", 1500, 1500, True), 6, 6, fs=FS)
    assert entry.alert.times == 1
    for i, (lead, times) in enumerate([("V1", 1), ("V2", 1), ("V1", 2)]):
        n = round((100 + 10 * i) * FS)
        alarms = (
            Alarm("electrode_off", "technical", n, n + 1, on, lead=lead) for on in (True, False)
        )
        raised, _ = (bed.book.note(BED, "b", one, 100, 100, fs=FS) for one in alarms)
        assert raised.alert.times == times, "another lead is another matter"


def test_escalation_counts_from_the_first_that_nobody_has_acknowledged(bed):
    bed.comes(0, 5)
    bed.comes(50, 5)
    assert [one.number for one in due(bed.board, POLICY, 61)] == [1]
    last = bed.comes(100, 5)
    assert [(one.id, one.number) for one in due(bed.board, POLICY, 121)] == [(last.id, 2)]
    bed.ack(last, 122)
    bed.comes(150, 5)
    assert list(due(bed.board, POLICY, 209)) == [], "the others have been seen"
    assert len(list(due(bed.board, POLICY, 211))) == 1


def escalate(bed: Bed, now: float) -> list[int]:
    """Mark what is due; return the levels."""
    found = list(due(bed.board, POLICY, now))
    for one in found:
        alert = bed.board.records[one.id].alert
        marked = {"number": one.number, "since": one.since}
        bed.board.take(Entry(one.what, "overseer", now, BED, alert, **marked))
    return [one.number for one in found]


def test_a_series_that_nobody_acknowledges_calls_each_level_once(bed):
    called = []
    for at in range(0, 1800, 30):
        last = bed.comes(at, 5)
        called += escalate(bed, at + 1) + escalate(bed, at + 20)
    assert called == [1, 2]
    (shown,) = [one for one in signals(bed.board.of_device(BED), None, POLICY, 1800)
                if one.presence != "Off"]  # fmt: skip
    assert (shown.record.alert.id, shown.to_map()["escalation"]) == (last.id, 2)
    bed.ack(last, 1800)
    bed.comes(1805, 5)
    assert escalate(bed, 1820) == []
    assert escalate(bed, 1866) == [1], "what comes after the acknowledgement counts anew"


def test_a_stronger_one_of_the_series_calls_anew(bed):
    begins = Alarm("tachycardia", "medium", 0, 0, True)
    bed.board.take(bed.book.note(BED, "b", begins, 0, 0, fs=FS))
    assert escalate(bed, 400) == [2]
    ends = Alarm("tachycardia", "medium", 0, round(700 * FS), False)
    bed.board.take(bed.book.note(BED, "b", ends, 0, 700, fs=FS))
    bed.comes(750, 5, "tachycardia", "high")
    assert escalate(bed, 760) == [2]
    assert escalate(bed, 900) == []


def test_a_joined_alert_may_be_removed_like_one_that_was_acknowledged(bed):
    former = bed.comes(0, 5)
    last = bed.comes(60, 5)
    gone, entries = bed.book.remove(list(bed.book.alerts.values()), (), 100, 1e6)
    assert (gone, entries) == ([former.id], [])
    assert bed.book.old(1e9, 1.0) == [bed.book.alerts[last.id]]


def test_a_repeat_of_a_repetition_changes_nothing(bed):
    bed.comes(0, 5)
    bed.comes(60, 5)
    before = dict(bed.book.alerts)
    n = round(60 * FS)
    for present in (True, False):
        alarm = Alarm("asystole", "high", n, n, present)
        assert bed.book.note(BED, "b", alarm, 60, 200, fs=FS) is None
    assert bed.book.alerts == before


def test_facts_of_a_series_join_in_any_order(bed):
    former = bed.comes(0, 5)
    bed.comes(60, 5)
    joined = bed.book.alerts[former.id]
    assert former.join(joined) == joined == joined.join(former)
    assert replace(joined, joined=False).join(joined).joined
    assert Alert.from_json(joined.to_json()) == joined
