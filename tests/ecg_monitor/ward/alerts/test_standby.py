"""Standby: the table, what ends it, and the real thing on Redis with the detector's numbers."""

from __future__ import annotations

import itertools

import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.ward.alerts.exchange.messages import device_state
from ecg_monitor.ward.alerts.handling import actions, standby_actions
from ecg_monitor.ward.alerts.model import Ack, Record
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.signals import SignalReason, signals
from ecg_monitor.ward.alerts.standby import (
    ENDS,
    LEAVE_S,
    MAX_STANDBY_S,
    TABLE,
    Phase,
    SignalPresence,
    Standby,
    StandbyEvent,
    happens,
    presence_of,
)
from ecg_monitor.ward.alerts.trail import EntryKind
from gateway.deliver.standby_watch import SignalWatch, StandbyWatch

BED = "bed-01"
SIGNAL, SILENCE = SignalPresence(60.0, 0.0), SignalPresence(0.0, 60.0)


def make(at: float = 0.0, seconds: float = 900.0, **fields) -> Standby:
    return Standby("N. N.", at, at + seconds, 1, "imaging", **fields)


def test_the_table_is_total_and_every_end_ends():
    assert set(TABLE) == set(StandbyEvent)
    for what, row in TABLE.items():
        assert set(row) == set(Phase)
        assert what is StandbyEvent.BEGIN or row[Phase.OFF] is Phase.OFF, "only a person begins one"
        assert (what in ENDS) == (Phase.OFF in (row[Phase.LEAVING], row[Phase.AWAY]))
    assert set(TABLE[StandbyEvent.TIME].values()) == {Phase.OFF}, "the time ends it from anywhere"


@pytest.mark.parametrize(
    ("gone_at", "heard", "now", "what"),
    [
        (None, SIGNAL, 10, None),
        (None, SILENCE, 10, StandbyEvent.GONE),
        (None, SIGNAL, LEAVE_S, StandbyEvent.UNUSED),
        (9.0, SILENCE, LEAVE_S, None),
        (9.0, SignalPresence(2.0, 0.0), 10, None),
        (9.0, SIGNAL, 10, StandbyEvent.SIGNAL),
        (9.0, SILENCE, 900, StandbyEvent.TIME),
    ],
)
def test_what_happens_to_a_standby(gone_at, heard, now, what):
    assert happens(make(gone_at=gone_at), [], heard, now) is what


def test_no_process_is_needed_for_the_time_to_be_up():
    standby = make()
    assert standby.active(899.9)
    assert standby.phase(899.9) is Phase.LEAVING
    assert not standby.active(900)
    assert standby.phase(900) is Phase.OFF
    assert standby.to_map(900) is None


def test_joins_keep_what_is_further_on():
    begun, gone = make(), make(gone_at=20.0)
    over = make(gone_at=20.0, ended_at=30.0, ended="signal", ended_by="overseer")
    later = Standby("M. M.", 40.0, 100.0, 2, "other")
    for order in itertools.permutations([begun, gone, over]):
        joined = order[0].join(order[1]).join(order[2])
        assert joined == over
        assert joined.join(later) == later == later.join(joined)


def test_a_run_of_usable_seconds_is_one_second_after_another():
    ear = SignalWatch(since=0.0)
    assert ear.heard(7.0) == SignalPresence(0.0, 7.0)
    for at in (10.0, 11.0, 12.0):
        ear.take(at, usable=True)
    assert ear.heard(12.5) == SignalPresence(2.0, 0.5)
    assert ear.heard(15.0) == SignalPresence(0.0, 3.0), "nothing has come since"
    ear.take(16.0, usable=True)
    assert ear.heard(16.0).usable_s == 0.0, "a new run"
    ear.take(17.0, usable=False)
    assert ear.heard(17.0).usable_s == 0.0
    for _ in range(100):
        ear.take(18.0, usable=True)
    assert ear.heard(18.0).usable_s == 0.0, "a backlog in one burst is no run"


# -- on Redis ------------------------------------------------------------------------------------


async def begin(store, seconds: float = 900.0, reason: str = "theatre", seen=None) -> float:
    return await standby_actions.begin(
        store, 0, BED, seen or {}, "N. N.", seconds=seconds, reason=reason
    )


async def vitals(store, quality: str = "good", heart_rate: float | None = 70.0) -> None:
    event = {"type": "vitals", "n": 250, "heart_rate": heart_rate, "quality": quality}
    fields = {"d": BED, "b": "b", "s": b"{}", "i": 0, "j": orjson.dumps([event])}
    await store.xadd(keys.events(0), fields)


async def now_of(store) -> float:
    seconds, microseconds = await store.time()
    return float(seconds + microseconds / 1e6)


def shown(board, now: float) -> dict[str, tuple[str, str]]:
    found = signals(board.of_device(BED), board.pauses.get(BED), Policy(), now, board.standbys[BED])
    return {one.record.alert.kind: (str(one.presence), str(one.why)) for one in found}


@pytest.mark.parametrize("seconds", [0, 59, MAX_STANDBY_S + 1, float("inf"), float("nan")])
async def test_no_standby_is_indefinite(redis_client, seconds):
    with pytest.raises(AlertError, match="seconds"):
        await begin(redis_client, seconds)


async def test_a_standby_needs_a_reason_a_person_and_a_bed(redis_client):
    with pytest.raises(AlertError, match="reason must be one of theatre"):
        await begin(redis_client, reason="tired")
    with pytest.raises(AlertError, match="by"):
        await standby_actions.begin(redis_client, 0, BED, {}, " ", seconds=900, reason="theatre")
    with pytest.raises(AlertError, match="no device id"):
        await standby_actions.end(redis_client, 0, "a/b", "N. N.")
    assert await actions.read_trail(redis_client, 0) == []


async def test_technical_alerts_are_silent_and_the_heart_is_not(redis_client, detector, alarm):
    await begin(redis_client)
    await detector.say(alarm("leadoff", "technical"))
    await detector.say(alarm("asystole", "high", n=2000))
    board = await actions.read_board(redis_client, 0)
    now = await now_of(redis_client)
    assert shown(board, now) == {
        "leadoff": ("Off", str(SignalReason.STANDBY)),
        "asystole": ("On", str(SignalReason.SOUNDS)),
    }
    state = device_state(board, BED, Policy(), now)
    assert state["standby"]["reason"] == "theatre"
    assert state["standby"]["phase"] == "Leaving"
    assert [one["kind"] for one in state["alerts"]] == ["asystole"]
    over = board.standbys[BED].until
    assert shown(board, over)["leadoff"] == ("On", str(SignalReason.SUBSUMED))
    assert device_state(board, BED, Policy(), over)["standby"] is None


async def test_what_was_acknowledged_before_the_end_is_news_after_it(redis_client, detector, alarm):
    entry = await detector.say(alarm("leadoff", "technical"))
    seen = {entry.alert.id: "technical"}
    await actions.acknowledge(redis_client, 0, BED, seen, "N. N.")
    await begin(redis_client)
    assert await standby_actions.end(redis_client, 0, BED, "M. M.")
    assert not await standby_actions.end(redis_client, 0, BED, "M. M.")
    board = await actions.read_board(redis_client, 0)
    now = await now_of(redis_client)
    assert shown(board, now)["leadoff"] == ("On", str(SignalReason.SOUNDS))
    again = await actions.acknowledge(redis_client, 0, BED, seen, "M. M.")
    assert again.done == (entry.alert.id,)
    assert (await actions.acknowledge(redis_client, 0, BED, seen, "M. M.")).already
    board = await actions.read_board(redis_client, 0)
    assert shown(board, await now_of(redis_client))["leadoff"] == (
        "Ack",
        str(SignalReason.ACKNOWLEDGED),
    )


async def test_an_acknowledgement_of_the_heart_outlives_a_standby(redis_client, detector, alarm):
    entry = await detector.say(alarm("af", "low"))
    record = Record(entry.alert, Ack("N. N.", 1.0, 2))
    over = make(ended_at=10.0, ended="person", ended_by="N. N.")
    assert str(presence_of(record, over, 20.0)) == "Ack"


class Ward:
    """A patient who leaves and returns, and the overseer's look once a second."""

    def __init__(self, store) -> None:
        self.store = store
        self.watch = StandbyWatch(store, 0)

    async def look(self, later: float = 0.0) -> Standby:
        board = await actions.read_board(self.store, 0)
        await self.watch.step(board, await now_of(self.store) + later)
        return (await actions.read_board(self.store, 0)).standbys[BED]

    def hear(self, **fields) -> None:
        ear = self.watch.ears[BED]
        for name, value in fields.items():
            setattr(ear, name, value)


@pytest.fixture
def ward(redis_client) -> Ward:
    return Ward(redis_client)


async def test_the_patient_leaves_and_the_return_of_the_signal_ends_it(redis_client, ward):
    await begin(redis_client)
    await vitals(redis_client)
    assert (await ward.look()).gone_at is None
    await vitals(redis_client, quality="leadoff", heart_rate=None)
    ward.hear(usable_at=await now_of(redis_client) - 6)
    gone = await ward.look()
    assert gone.phase(gone.at + 1) is Phase.AWAY
    await vitals(redis_client)
    assert (await ward.look()).active(gone.at + 1), "one second is no return"
    ward.hear(run_from=await now_of(redis_client) - 3.5)
    await vitals(redis_client)
    over = await ward.look()
    assert (over.ended, over.ended_by) == ("signal", "overseer")
    trail = await actions.read_trail(redis_client, 0)
    assert [(entry.what, entry.who) for _, entry in trail] == [
        (EntryKind.STANDBY, "N. N."),
        (EntryKind.AWAY, "overseer"),
        (EntryKind.STANDBY_OVER, "overseer"),
    ]
    assert trail[-1][1].standby == over
    await ward.look()
    assert len(await actions.read_trail(redis_client, 0)) == 3, "told once"


async def test_numbers_of_other_beds_and_poor_ones_are_not_a_return(redis_client, ward):
    await begin(redis_client)
    await ward.look()
    ward.hear(since=0.0)
    assert (await ward.look()).gone_at is not None
    await vitals(redis_client, quality="poor")
    await vitals(redis_client, heart_rate=None)
    fields = {"d": "bed-02", "j": b'[{"type":"vitals","quality":"good","heart_rate":70}]'}
    await redis_client.xadd(keys.events(0), fields)
    await ward.look()
    assert ward.watch.ears[BED].usable_at is None


async def test_a_new_alarm_of_the_heart_ends_it(redis_client, ward, detector, alarm):
    known = await detector.say(alarm("vt", "high"))
    await begin(redis_client, seen={known.alert.id: "high"})
    await detector.say(alarm("couplet", "low", n=3000))
    assert not (await ward.look()).ended, "ectopy goes on until the electrodes are off"
    await detector.say(alarm("asystole", "high", n=4000))
    assert (await ward.look()).ended == "alarm"


async def test_the_end_of_the_time_is_written_down_as_such(redis_client, ward):
    until = await begin(redis_client, seconds=60)
    assert not (await ward.look(later=61)).ended, "Redis's clock decides, not the overseer's"
    text = await redis_client.hget(keys.acts(0), f"standby|{BED}")
    past = orjson.loads(text) | {"until": until - 61}
    await redis_client.hset(keys.acts(0), f"standby|{BED}", orjson.dumps(past))
    over = await ward.look()
    assert (over.ended, over.ended_at) == ("time", pytest.approx(until - 61))
    assert not await standby_actions.end(redis_client, 0, BED, "N. N.")


async def test_a_second_standby_takes_the_place_of_the_first(redis_client, ward):
    await begin(redis_client, seconds=60)
    await begin(redis_client, seconds=900, reason="other")
    second = await ward.look()
    assert (second.seq, second.reason) == (2, "other")
    assert not await standby_actions.note(redis_client, 0, BED, 1, StandbyEvent.ALARM), (
        "of the first"
    )
