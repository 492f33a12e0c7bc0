"""Random histories of alerts: what may happen to those of a bed, in any order."""

from __future__ import annotations

import random
from dataclasses import replace

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.machine import Input, Presence, step
from ecg_monitor.ward.alerts.model import Pause
from ecg_monitor.ward.alerts.overseer import due
from ecg_monitor.ward.alerts.policy import MAX_PAUSE_S, RANK, Policy
from ecg_monitor.ward.alerts.reasons import AckReason
from ecg_monitor.ward.alerts.standby import (
    ENDS,
    MAX_STANDBY_S,
    TABLE,
    Phase,
    SignalPresence,
    Standby,
    StandbyEvent,
    happens,
    voids,
)
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

POLICY = Policy()
KINDS = {"asystole": "high", "vt": "high", "pause": "medium", "af": "low", "leadoff": "technical"}
RISES = {"technical": "low", "low": "medium", "medium": "high", "high": "high"}
DEVICE = "bed-01"
T0 = 1_700_000_000.0
FS = 250.0


class History:
    """One history: a detector, staff who look at an aging screen, an overseer, and time."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now = T0
        self.n = 0
        self.book = AlertBook(policy=POLICY)
        self.board = Board()
        self.trail: list[Entry] = []
        self.events: list[Alarm] = []
        self.open: dict[str, Alarm] = {}
        self.screen: dict[str, str] = {}
        self.acked: dict[str, int] = {}  # rank that some acknowledgement covered, by identity
        self.expected: dict[str, Presence] = {}  # the table, stepped in the order of the trail
        self.pauses = 0
        self.paused_at = -1e9
        self.covered: dict[str, int] = {}
        self.standbys = 0
        self.phase = Phase.OFF  # the table, stepped as things happen
        self.standby_began = -1e9
        self.wear = True  # whether the patient wears the electrodes
        self.stay = ""  # who is admitted
        self.stays = 0

    def act(self) -> None:
        """Let one thing happen."""
        acts = [self.begin, self.begin, self.end, self.rise, self.repeat, self.look, self.ack]
        acts += [self.give_reason]
        acts += [self.pause, self.resume, self.wait, self.wait, self.oversee, self.catch_up]
        acts += [self.standby, self.end_standby, self.watch, self.take_off_or_on, self.leave]
        acts += [self.admit, self.discharge]
        self.rng.choice(acts)()

    def detect(self, alarm: Alarm) -> None:
        self.events.append(alarm)
        late = self.rng.random() < 0.15
        entry = self.book.note(
            DEVICE, "b", alarm, self.now, self.now, late=late, fs=FS, stay=self.stay
        )
        if entry is not None:
            self.append(entry)
            joined = None if entry.what is not EntryKind.RAISED else self.join(entry)
            if joined is not None:
                self.append(joined)

    def join(self, entry: Entry) -> Entry | None:
        assert entry.alert is not None
        joined = self.book.join_former(entry.alert, self.now)
        if joined is not None:
            assert joined.alert is not None
            assert joined.alert.rank <= entry.alert.rank, "the weaker goes on in the stronger"
        return joined

    def begin(self) -> None:
        kind = self.rng.choice(list(KINDS))
        if kind not in self.open:
            self.n += self.rng.choice([1, 100, 1000, 1_000_000])
            self.open[kind] = Alarm(kind, KINDS[kind], self.n, self.n, True, 1.0, 2.0)
            self.detect(self.open[kind])

    def end(self) -> None:
        if self.open:
            alarm = self.open.pop(self.rng.choice(list(self.open)))
            self.detect(Alarm(alarm.kind, alarm.priority, alarm.n, alarm.n, False))

    def rise(self) -> None:
        if self.open:
            alarm = self.open[self.rng.choice(list(self.open))]
            risen = Alarm(alarm.kind, RISES[alarm.priority], alarm.n, self.n, True, 9.0, 2.0)
            self.open[alarm.kind] = risen
            self.detect(risen)

    def admit(self) -> None:
        if not self.stay:
            self.stays += 1
            self.stay = f"stay {self.stays}"

    def discharge(self) -> None:
        """A patient goes; the detector forgets, ends what was theirs, and finds anew what holds."""
        if not self.stay:
            return
        self.stay = ""
        over = self.book.of_other_stays(DEVICE, self.stay)
        still = {kind: one for kind, one in self.open.items() if kind not in OF_DEVICE}
        for alarm in still.values():
            self.detect(Alarm(alarm.kind, alarm.priority, alarm.n, alarm.n, False))
            del self.open[alarm.kind]
        for alert in over:
            record = self.board.records[alert.id]
            if alert.present or not record.acknowledged:
                left = self.book.leave(alert.id, self.now)
                entry = Entry(EntryKind.LEFT, "N. N.", self.now, DEVICE, left, reason="discharged")
                self.append(entry)
        for alarm in still.values():
            if self.rng.random() < 0.5:
                self.n += 500
                again = Alarm(alarm.kind, alarm.priority, self.n, self.n, True, 1.0, 2.0)
                self.open[alarm.kind] = again
                self.detect(again)

    def catch_up(self) -> None:
        for name in list(self.book.alerts):
            entry = self.book.current(name, self.now)
            if entry is not None:
                self.append(entry)
        assert not any(one.late and one.present for one in self.book.alerts.values())

    def repeat(self) -> None:
        """A crash: the detector says again what it had said."""
        before = dict(self.book.alerts)
        count = self.rng.randrange(1, 8)
        for alarm in self.events[-count:]:
            assert self.book.note(DEVICE, "b", alarm, self.now, self.now) is None
        assert self.book.alerts == before

    def look(self) -> None:
        self.screen = {
            name: record.alert.priority
            for name, record in self.board.records.items()
            if record.presence is not Presence.OFF
        }

    def ack(self) -> None:
        for name, priority in self.screen.items():
            if self.rng.random() < 0.6:
                record = self.board.records[name]
                rank = min(RANK[priority], record.alert.rank)
                standby = self.board.standbys.get(DEVICE)
                if record.ack is None or record.ack.rank < rank or voids(standby, record, self.now):
                    entry = Entry(
                        *(EntryKind.ACKNOWLEDGED, "N. N.", self.now, DEVICE, record.alert),
                        rank=rank,
                    )
                    self.acked[name] = rank
                    self.append(entry)

    def give_reason(self) -> None:
        """Somebody says why an alert came: it changes nothing of what is seen and heard."""
        for name in list(self.acked)[-2:]:
            record = self.board.records[name]
            seq = 1 if record.reason is None else record.reason.seq + 1
            self.append(
                Entry(
                    *(EntryKind.REASON_GIVEN, "N. N.", self.now, DEVICE, record.alert),
                    number=seq,
                    reason=self.rng.choice(list(AckReason)),
                    text=self.rng.choice(["", "seen"]),
                )
            )

    def pause(self) -> None:
        covers = {
            name: min(RANK[priority], self.board.records[name].alert.rank)
            for name, priority in self.screen.items()
        }
        seconds = self.rng.uniform(1, MAX_PAUSE_S)
        rank = max(covers.values(), default=RANK["medium"])
        self.paused_at, self.covered = self.now, covers
        self.put_pause(
            EntryKind.PAUSED, Pause("N. N.", self.now, self.now + seconds, 0, rank, covers)
        )

    def resume(self) -> None:
        self.covered = {}
        self.put_pause(EntryKind.RESUMED, Pause("N. N.", self.now, self.now, 0, 3, {}))

    def put_pause(self, what: EntryKind, pause: Pause) -> None:
        self.pauses += 1
        numbered = Pause(*(pause.by, pause.at, pause.until, self.pauses, pause.rank, pause.covers))
        self.append(Entry(what, "N. N.", self.now, DEVICE, pause=numbered))

    def standby(self) -> None:
        self.standbys += 1
        seconds = self.rng.uniform(60, MAX_STANDBY_S)
        covers = {
            name: min(RANK[priority], self.board.records[name].alert.rank)
            for name, priority in self.screen.items()
        }
        self.standby_began = self.now
        self.put_standby(
            EntryKind.STANDBY,
            Standby("N. N.", self.now, self.now + seconds, self.standbys, "bathroom", covers),
            StandbyEvent.BEGIN,
        )

    def end_standby(self) -> None:
        standby = self.board.standbys.get(DEVICE)
        if standby is not None and standby.active(self.now) and not standby.ended:
            self.end_by(standby, StandbyEvent.PERSON, self.now)

    def end_by(self, standby: Standby, why: StandbyEvent, at: float) -> None:
        over = replace(standby, ended_at=at, ended=why.value, ended_by="N. N.")
        self.put_standby(EntryKind.STANDBY_OVER, over, why)

    def watch(self) -> None:
        """The overseer looks: what it writes down is what the table says, and only once."""
        standby = self.board.standbys.get(DEVICE)
        if standby is None or standby.ended:
            return
        heard = SignalPresence(10.0, 0.0) if self.wear else SignalPresence(0.0, 60.0)
        what = happens(standby, self.board.of_device(DEVICE), heard, self.now)
        if what is StandbyEvent.GONE:
            self.put_standby(EntryKind.AWAY, replace(standby, gone_at=self.now), what)
        elif what is not None:
            at = standby.until if what is StandbyEvent.TIME else self.now
            self.end_by(standby, what, at)
        standby = self.board.standbys[DEVICE]
        if standby.active(self.now):
            assert not (self.wear and standby.phase(self.now) is Phase.AWAY), "the patient is back"

    def put_standby(self, what: EntryKind, standby: Standby, why: StandbyEvent) -> None:
        self.phase = TABLE[why][self.phase]
        self.append(Entry(what, "N. N.", self.now, DEVICE, standby=standby))
        if why in ENDS:
            assert self.phase is Phase.OFF

    def leave(self) -> None:
        """A patient whose alerts are all on the screen leaves, and may return."""
        self.look()
        self.standby()
        for wear in (False, self.rng.random() < 0.5):
            self.wear = wear
            self.now += self.rng.choice([6.0, 60.0])
            self.watch()

    def take_off_or_on(self) -> None:
        self.wear = not self.wear

    def wait(self) -> None:
        self.now += self.rng.choice([0.2, 2.0, 10.0, 70.0, 400.0])

    def oversee(self) -> None:
        for one in list(due(self.board, POLICY, self.now)):
            alert = self.board.records[one.id].alert
            self.append(
                Entry(
                    *(one.what, "overseer", self.now, DEVICE, alert),
                    number=one.number,
                    since=one.since,
                )
            )
        assert not list(due(self.board, POLICY, self.now)), "what was marked is not due again"

    def append(self, entry: Entry) -> None:
        self.trail.append(entry)
        self.board.take(entry)
        if entry.alert is not None:
            former = self.expected.get(entry.alert.id, Presence.OFF)
            self.expected[entry.alert.id] = step(former, self.input_of(entry))

    def input_of(self, entry: Entry) -> Input:
        assert entry.alert is not None
        if entry.what is EntryKind.CLEARED:
            return Input.CLEAR_LATCHING if entry.alert.latching else Input.CLEAR
        if entry.what is EntryKind.ACKNOWLEDGED:
            return Input.ACK if entry.rank >= entry.alert.rank else Input.STALE_ACK
        if entry.what is EntryKind.JOINED:
            return Input.JOIN
        if entry.what is EntryKind.LEFT:
            return Input.LEAVE
        return {EntryKind.RAISED: Input.RAISE, EntryKind.ROSE: Input.RISE}.get(
            entry.what, Input.MARK
        )
