"""Random histories of alerts break no invariant.

The normal run takes a few thousand; ``ALERT_HISTORIES=100000 pytest -o timeout=0 PATH`` takes as
many as asked for (100 000 take a minute).
"""

from __future__ import annotations

import os

import pytest

from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.policy import MAX_PAUSE_S
from ecg_monitor.ward.alerts.signals import Activation, Signal, SignalReason, signals
from ecg_monitor.ward.alerts.standby import (
    ENDS,
    MAX_STANDBY_S,
    Phase,
    Standby,
    voids,
)
from ecg_monitor.ward.alerts.trail import EntryKind, from_fields
from tests.support.alert_history import DEVICE, POLICY, History

HISTORIES = int(os.environ.get("ALERT_HISTORIES", "3000"))
CHUNKS = 10


class CheckedHistory(History):
    """A history in which everything that must hold is looked at after each act."""

    def play(self, length: int) -> None:
        for _ in range(length):
            self.act()
            self.check()
        self.check_trail()

    def check(self) -> None:
        pause, standby = self.board.pauses.get(DEVICE), self.board.standbys.get(DEVICE)
        shown = signals(self.board.of_device(DEVICE), pause, POLICY, self.now, standby)
        active = self.check_standby(standby)
        unlike = signals(self.board.of_device(DEVICE), pause, POLICY, self.now)
        self.check_heart(shown, unlike)
        sounding = 0
        for signal in shown:
            alert = signal.record.alert
            rank = self.acked.get(alert.id, 0)
            assert signal.record.presence is self.expected[alert.id]
            if active and alert.priority == "technical":
                assert (signal.presence, signal.why) == (Presence.OFF, SignalReason.STANDBY)
                continue
            assert signal.why is not SignalReason.STANDBY
            if voids(standby, signal.record, self.now) and alert.present:
                assert signal.presence is Presence.ON, "still so after the standby: news again"
                rank = 0
            self.check_stay(signal)
            if alert.joined or alert.left:
                check = self.check_joined if alert.joined else self.check_left
                check(signal)
                continue
            if alert.priority == "high" and rank < 4:
                # Nothing high is ever dropped: visible until acknowledged as what it is.
                assert signal.presence in (Presence.ON, Presence.LATCH)
                silenced = self.covered.get(alert.id, 0) == 4
                paused = silenced and self.now < self.paused_at + MAX_PAUSE_S
                # A new event sounds, whatever was acknowledged or paused before it.
                if alert.late:
                    assert (signal.audio, signal.why) == (Activation.OFF, SignalReason.LATE)
                elif not paused:
                    assert (signal.audio, signal.why) == (Activation.ON, SignalReason.SOUNDS)
            if alert.present and rank < alert.rank:
                assert signal.presence is Presence.ON
            assert signal.why is not SignalReason.REPEAT or (
                alert.priority == "low" and alert.times > 1
            )
            if signal.audio is Activation.PAUSED:
                assert self.now < self.paused_at + MAX_PAUSE_S, "no pause is for ever"
                assert pause is not None
                assert pause.until - pause.at <= MAX_PAUSE_S
            if signal.audio is Activation.ON:
                sounding = max(sounding, alert.rank)
        for signal in shown:
            if signal.why is SignalReason.SUBSUMED:
                assert signal.record.alert.rank < sounding, "subsumed by nothing that sounds"
        assert {one.record.alert.id for one in shown} == set(self.book.alerts)

    def check_heart(self, shown: list[Signal], unlike: list[Signal]) -> None:
        """Nothing about the heart is quieter because of a standby; ``unlike``: without it."""
        for signal, without in zip(shown, unlike, strict=True):
            if signal.record.alert.priority != "technical":
                assert signal.presence is without.presence
                assert signal.audio is without.audio or signal.audio is Activation.ON

    def check_joined(self, signal: Signal) -> None:
        """An alert whose signal goes on in the next of its series has one, no weaker."""
        alert = signal.record.alert
        assert not alert.present
        nexts = [one for one in self.board.records.values() if one.alert.follows == alert.id]
        assert len(nexts) == 1
        assert nexts[0].alert.rank >= alert.rank
        assert nexts[0].alert.times == alert.times + 1
        assert alert.late or not nexts[0].alert.late, "what is silent takes no sound over"

    def check_left(self, signal: Signal) -> None:
        """What has ended with a stay is over, was of that stay, and someone is named for it."""
        alert = signal.record.alert
        assert (signal.presence, signal.audio) == (Presence.OFF, Activation.OFF)
        assert not alert.present
        assert alert.stay not in ("", self.stay)
        assert alert.kind not in OF_DEVICE
        (told,) = [
            entry
            for entry in self.trail
            if entry.what is EntryKind.LEFT
            and entry.alert is not None
            and entry.alert.id == alert.id
        ]
        assert (told.who, told.reason) == ("N. N.", "discharged")

    def check_stay(self, signal: Signal) -> None:
        """No stranger's alert: what is seen about a heart is of the stay, or of nobody known.

        And what holds is seen or has been acknowledged, whoever came or went.
        """
        alert = signal.record.alert
        if alert.kind not in OF_DEVICE and signal.why is not SignalReason.OVER:
            assert alert.stay in ("", self.stay)
        if self.open.get(alert.kind) is not None and self.open[alert.kind].n == alert.n:
            assert alert.present

    def check_standby(self, standby: Standby | None) -> bool:
        """Every standby ends, at the latest when its time is up; return whether it lasts."""
        if standby is None:
            return False
        active = standby.active(self.now)
        assert standby.phase(self.now) is (self.phase if active else Phase.OFF)
        assert self.now <= self.standby_began + MAX_STANDBY_S or not active, "none is for ever"
        assert standby.until - standby.at <= MAX_STANDBY_S
        return active

    def check_trail(self) -> None:
        """The trail, as it is written, tells all: folded, repeated, shuffled."""
        written = [
            from_fields({name.encode(): value for name, value in entry.to_fields().items()})
            for entry in self.trail
        ]
        assert written == self.trail
        folded = Board()
        for entry in written:
            folded.take(entry)
        assert folded == self.board
        shuffled = written + self.rng.sample(written, len(written) // 2)
        self.rng.shuffle(shuffled)
        merged = Board()
        for entry in shuffled:
            merged.take(entry)
        assert merged.records == self.board.records
        assert merged.pauses == self.board.pauses
        assert merged.standbys == self.board.standbys


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_histories_break_no_invariant(chunk):
    per_chunk = HISTORIES // CHUNKS
    for seed in range(chunk * per_chunk, (chunk + 1) * per_chunk):
        history = CheckedHistory(seed)
        try:
            history.play(length=8 + seed % 33)
        except AssertionError as error:
            raise AssertionError(f"history of seed {seed}: {error}") from error


def test_histories_reach_every_state_and_every_reason():
    """The generator is worth its name: all that can be seen and heard happens in its histories."""
    presences, reasons, whats, causes = set(), set(), set(), set()
    for seed in range(300):
        history = CheckedHistory(seed)
        for _ in range(6):
            history.play(8)
            pause = history.board.pauses.get(DEVICE)
            standby = history.board.standbys.get(DEVICE)
            records = history.board.of_device(DEVICE)
            for one in signals(records, pause, POLICY, history.now, standby):
                presences.add(one.record.presence)
                reasons.add(one.why)
        whats |= {entry.what for entry in history.trail}
        causes |= {entry.standby.ended for entry in history.trail if entry.standby is not None}
    assert presences == set(Presence)
    assert reasons == set(SignalReason)
    assert whats == set(EntryKind) - {EntryKind.EVIDENCE, EntryKind.EXPIRED}
    assert causes == {"", *(one.value for one in ENDS)}
