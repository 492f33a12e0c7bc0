"""What is seen and heard: delays, chains, pauses, reminders, escalation."""

import pytest

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.model import Ack, Mark, Pause, Record
from ecg_monitor.ward.alerts.overseer import due
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.signals import Activation, SignalReason, signals
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

POLICY = Policy()
BED = "bed-01"


class Bed:
    """Alerts of one device, by kind."""

    def __init__(self) -> None:
        self.book = AlertBook(policy=POLICY)
        self.board = Board()

    def put(self, kind: str, priority: str, now: float, present: bool = True) -> str:
        n = sum(map(ord, kind))
        entry = self.book.note(BED, "b", Alarm(kind, priority, n, n, present), None, now)
        assert entry is not None
        self.board.take(entry)
        return entry.alert.id

    def act(self, what: EntryKind, identity: str, now: float, **more) -> None:
        alert = self.board.records[identity].alert
        self.board.take(Entry(what, "N. N.", now, BED, alert, **more))

    def ack(self, identity: str, now: float) -> None:
        self.act(
            EntryKind.ACKNOWLEDGED, identity, now, rank=self.board.records[identity].alert.rank
        )

    def pause(self, now: float, covers: dict[str, int], rank: int, seconds: float = 120) -> None:
        seq = 1 + (self.board.pauses[BED].seq if BED in self.board.pauses else 0)
        pause = Pause("N. N.", now, now + seconds, seq, rank, covers)
        self.board.take(Entry(EntryKind.PAUSED, "N. N.", now, BED, pause=pause))

    def at(self, now: float) -> dict[str, tuple[str, str, str]]:
        shown = signals(self.board.of_device(BED), self.board.pauses.get(BED), POLICY, now)
        return {
            one.record.alert.kind: (str(one.presence), str(one.audio), str(one.why))
            for one in shown
        }

    def due(self, now: float) -> list[tuple[str, int]]:
        return [(str(one.what), one.number) for one in due(self.board, POLICY, now)]


@pytest.fixture
def bed() -> Bed:
    return Bed()


def test_a_stronger_alert_subsumes_the_sound_of_a_weaker_one(bed):
    bed.put("pause", "medium", 0)
    assert bed.at(1)["pause"] == ("On", "On", "sounds")
    asystole = bed.put("asystole", "high", 2)
    assert bed.at(3) == {
        "pause": ("On", "Off", "subsumed"),
        "asystole": ("On", "On", "sounds"),
    }
    bed.ack(asystole, 4)
    assert bed.at(5)["pause"] == ("On", "On", "sounds"), "what is silent silences nothing"


def test_a_high_alert_latches_and_sounds_until_acknowledged(bed):
    asystole = bed.put("asystole", "high", 0)
    bed.put("asystole", "high", 10, present=False)
    assert bed.at(10_000)["asystole"] == ("Latch", "On", "sounds")
    bed.ack(asystole, 10_001)
    assert bed.at(10_002)["asystole"] == ("Off", "Off", "over")


def test_others_end_with_the_condition_after_the_off_delay(bed):
    bed.put("pause", "medium", 0)
    bed.put("pause", "medium", 10, present=False)
    assert bed.at(12)["pause"] == ("On", "Off", "over")
    assert bed.at(13.1)["pause"] == ("Off", "Off", "over")


def test_a_short_technical_alert_never_sounds(bed):
    bed.put("leadoff", "technical", 0)
    assert bed.at(1)["leadoff"] == ("On", "Off", "delayed")
    assert bed.at(3.5)["leadoff"] == ("On", "On", "sounds")


@pytest.mark.parametrize(("priority", "breaks"), [("high", True), ("medium", True), ("low", False)])
def test_what_breaks_through_a_pause_of_a_medium_alert(bed, priority, breaks):
    pause = bed.put("pause", "medium", 0)
    bed.pause(5, {pause: 3}, 3)
    bed.put("new", priority, 10)
    assert bed.at(20)["pause"][1:] == ("Paused", "paused")
    expected = ("On", "sounds") if breaks else ("Paused", "paused")
    assert bed.at(20)["new"][1:] == expected
    assert bed.at(126)["pause"][1] == ("Off" if priority == "high" else "On")


def test_a_rise_breaks_through_a_pause_and_an_acknowledgement(bed):
    name = bed.put("tachycardia", "medium", 0)
    bed.ack(name, 1)
    bed.pause(1, {name: 3}, 3)
    bed.put("tachycardia", "high", 2)
    assert bed.at(3)["tachycardia"] == ("On", "On", "sounds")


def test_escalation_in_two_levels_until_acknowledged(bed):
    name = bed.put("asystole", "high", 0)
    assert bed.due(59) == []
    assert bed.due(60) == [("escalated", 1)]
    bed.act(EntryKind.ESCALATED, name, 60, number=1, since=0.0)
    assert bed.due(119) == []
    assert bed.due(500) == [("escalated", 2)]
    bed.act(EntryKind.ESCALATED, name, 500, number=2, since=0.0)
    assert bed.due(5000) == []
    bed.put("vt", "high", 5000)
    bed.ack(bed.put("vf", "high", 5000), 5010)
    assert bed.due(5060) == [("escalated", 1)]


def test_a_rise_escalates_anew(bed):
    name = bed.put("tachycardia", "medium", 0)
    bed.act(EntryKind.ESCALATED, name, 360, number=2, since=0.0)
    bed.put("tachycardia", "high", 400)
    assert bed.due(459) == []
    assert bed.due(461) == [("escalated", 1)]


def test_escalation_waits_for_the_end_of_a_pause(bed):
    name = bed.put("asystole", "high", 0)
    bed.pause(50, {name: 4}, 4)
    assert bed.due(100) == []
    assert bed.due(170) == [("escalated", 2)]


def test_a_low_alert_does_not_escalate(bed):
    bed.put("af", "low", 0)
    assert bed.due(1e6) == []


def test_reminders_while_acknowledged_and_present(bed):
    name = bed.put("asystole", "high", 0)
    bed.ack(name, 10)
    assert bed.due(129) == []
    assert bed.due(131) == [("reminded", 1)]
    bed.act(EntryKind.REMINDED, name, 131, number=1, since=10.0)
    assert bed.due(240) == []
    assert bed.due(251) == [("reminded", 2)]
    bed.put("asystole", "high", 260, present=False)
    assert bed.due(1e6) == []


def test_the_json_of_a_signal_tells_who(bed):
    name = bed.put("asystole", "high", 0)
    bed.ack(name, 10)
    (signal,) = signals(bed.board.of_device(BED), None, POLICY, 11)
    row = signal.to_map()
    assert (row["id"], row["presence"], row["acked_by"], row["acked_at"]) == (
        *(name, Presence.ACK, "N. N.", 10),
    )
    assert (row["audio"], row["why"]) == (Activation.OFF, SignalReason.ACKNOWLEDGED)


def test_joins_keep_the_stronger():
    assert Ack("a", 2, 3).join(Ack("b", 1, 3)) == Ack("a", 2, 3)
    assert Ack("a", 2, 4).join(Ack("b", 1, 3)) == Ack("a", 2, 4)
    assert Mark(2, 0.0, 5).join(Mark(1, 9.0, 5)) == Mark(1, 9.0, 5)
    book = AlertBook()
    alert = book.note(BED, "b", Alarm("k", "low", 1, 1, True), None, 0.0).alert
    assert not Record(alert, Ack("a", 1, 1)).acknowledged
