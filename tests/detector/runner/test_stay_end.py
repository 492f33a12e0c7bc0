"""A patient goes, another comes: nobody has a stranger's alarm, and nothing present is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import cbor2
import numpy as np
import orjson
import pytest

from detector.engine.state import GOOD, LEADOFF
from detector.rhythm.alarms import AlarmRules
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Alarm, Packet
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.model import Record
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.trail import DETECTOR, Entry, EntryKind
from ecg_monitor.ward.patients.desk import PatientDesk
from gateway.deliver.publish import MqttChannel
from tests.support.ticking import tick
from tests.support.waiting import PATIENCE_S, allowed_s

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
BED, OTHER = "bed-01", "bed-02"
STALE = cbor2.dumps({"position": "1-0", "boot": "b", "analyzer": cbor2.dumps({"version": 1})})
"""A checkpoint of another version of the program."""


class Ward:
    """One partition with its detector, which may die, and packets that come in their time."""

    def __init__(self, store: Store, clock: Any, publish: Callable[..., Any]) -> None:
        self.store, self.clock, self.publish = store, clock, publish
        self.desk = PatientDesk(store, SETTINGS)
        self.runner: PartitionRunner | None = None

    async def admit(self, patient: str = "1") -> None:
        await self.desk.admit(BED, "A. Nurse", patient=patient, name="", category="adult")
        await self.tick()

    async def tick(self) -> None:
        self.clock.time += 0.6  # it is time to ask for changes
        self.runner = self.runner or await PartitionRunner.open(self.store, 0, SETTINGS, self.clock)
        while await tick(self.runner):  # signal may have to be analysed again first
            pass

    def die(self) -> None:
        self.runner = None

    async def feed(self, packets: list[Packet]) -> None:
        for packet in packets:
            await self.publish([packet], dated=True)
            self.clock.time = max(self.clock.time, START + packet.n1 / FS)
            self.runner = self.runner or await PartitionRunner.open(
                self.store, 0, SETTINGS, self.clock
            )
            await tick(self.runner)

    async def board(self) -> Board:
        """The alerts, having shown that the trail tells the same."""
        board = await actions.read_board(self.store, 0)
        folded = Board()
        for entry in await self.trail():
            folded.take(entry)
        assert folded == board
        return board

    async def of(self, kind: str) -> list[Record]:
        return [one for one in (await self.board()).of_device(BED) if one.alert.kind == kind]

    async def left(self, kind: str = "asystole") -> list[Entry]:
        """Entries that tell that alerts of a kind have ended with a stay."""
        told = [one for one in await self.trail() if one.what is EntryKind.LEFT]
        return [one for one in told if one.alert is not None and one.alert.kind == kind]

    async def trail(self) -> list[Entry]:
        return [entry for _, entry in await actions.read_trail(self.store, 0)]


@pytest.fixture
def ward(redis_client: Store, clock: Any, publish: Callable[..., Any]) -> Ward:
    return Ward(redis_client, clock, publish)


@pytest.fixture
def arrest(pulses: Any, packetize: Any) -> Any:
    """Twelve seconds of beats, seven of nothing, thirty of beats."""
    signal = np.hstack([pulses(FS, 12, 70), 0 * pulses(FS, 7, 70), pulses(FS, 30, 70)])
    return packetize(signal, FS, 180)


def until(packets: list[Packet], seconds: float) -> list[Packet]:
    return [packet for packet in packets if packet.n1 <= seconds * FS]


@pytest.mark.parametrize("dies", [False, True])
async def test_a_latched_alarm_ends_with_the_stay_and_says_by_whom(
    ward: Ward, arrest: list[Packet], dies: bool
) -> None:
    await ward.admit()
    early = until(arrest, 30)
    await ward.feed(early)
    (before,) = await ward.of("asystole")
    assert before.presence is Presence.LATCH
    stay = (await ward.desk.bed(BED)).admission.stay
    assert before.alert.stay == stay
    if dies:
        ward.die()
    await ward.desk.discharge(BED, "B. Doctor")
    await ward.desk.admit(BED, "C. Nurse", patient="2", name="", category="adult")
    await ward.tick()
    (after,) = await ward.of("asystole")
    assert after.presence is Presence.OFF
    (told,) = await ward.left()
    assert (told.who, told.reason, told.alert.id) == ("B. Doctor", "discharged", before.alert.id)
    for _ in range(3):
        ward.die()
        await ward.tick()
    assert len(await ward.left()) == 1
    await ward.feed(arrest[len(early) :])
    assert await ward.of("asystole") == [after], "the end of the stay is no silence"


@pytest.mark.parametrize("dies", [False, True])
async def test_what_holds_at_the_end_of_a_stay_is_found_anew(
    ward: Ward, pulses: Any, packetize: Any, dies: bool
) -> None:
    signal = np.hstack([pulses(FS, 10, 70), 0 * pulses(FS, 30, 70)])
    packets = packetize(signal, FS, 180)
    await ward.admit()
    early = until(packets, 17)
    await ward.feed(early)
    (first,) = await ward.of("asystole")
    assert first.presence is Presence.ON
    await ward.desk.discharge(BED, "B. Doctor")
    if dies:
        ward.die()
    await ward.tick()
    (first,) = await ward.of("asystole")
    assert (first.presence, first.alert.present) == (Presence.OFF, False)
    if dies:
        ward.die()
    await ward.feed(packets[len(early) :])
    former, again = await ward.of("asystole")
    assert former.presence is Presence.OFF
    assert (again.presence, again.alert.stay, again.alert.times) == (Presence.ON, "", 1)
    assert again.alert.n >= early[-1].n1
    assert again.alert.decided_n <= early[-1].n1 + 6 * FS, "as fast as after a start"
    # Whoever is admitted now may well be the one who lies there.
    await ward.desk.admit(BED, "A. Nurse", patient="2", name="", category="adult")
    await ward.tick()
    assert (await ward.of("asystole"))[1].presence is Presence.ON


async def test_no_event_is_lost_or_told_twice_when_the_detector_dies_around_the_end(
    ward: Ward, arrest: list[Packet], redis_client: Store
) -> None:
    await ward.admit()
    for i in range(0, len(arrest), 7):
        await ward.feed(arrest[i : i + 7])
        ward.die()
        if i in (28, 56):
            await ward.desk.discharge(BED, "B. Doctor")
            await ward.tick()
            ward.die()
            await ward.desk.admit(BED, "A. Nurse", patient=f"{i}", name="", category="adult")
    entries: Any = await redis_client.xrange(keys.events(0))
    numbers = [int(fields[b"i"]) for _, fields in entries]
    assert numbers == sorted(set(numbers))
    await ward.board()
    asystoles = [one for one in await ward.trail() if one.alert and one.alert.kind == "asystole"]
    assert [str(one.what) for one in asystoles if one.what is not EntryKind.EVIDENCE][:1] == [
        "raised"
    ]
    assert not [one for one in (await ward.board()).records.values() if one.alert.present]


async def test_alarms_of_the_electrodes_go_on(ward: Ward, pulses: Any, packetize: Any) -> None:
    whole = packetize(pulses(FS, 20, 70), FS, 180)
    packets = [
        packet if packet.n0 < 10 * FS else replace(packet, leadoff=packet.leads) for packet in whole
    ]
    await ward.admit()
    early = until(packets, 15)
    await ward.feed(early)
    (before,) = await ward.of("leadoff")
    await actions.acknowledge(ward.store, 0, BED, {before.alert.id: "technical"}, "A. Nurse")
    await ward.desk.discharge(BED, "A. Nurse")
    await ward.tick()
    await ward.feed(packets[len(early) :])
    (after,) = await ward.of("leadoff")
    assert after.presence is Presence.ACK, "one acknowledgement is enough"


async def test_an_acknowledged_alarm_that_is_over_needs_no_other_end(
    ward: Ward, arrest: list[Packet]
) -> None:
    await ward.admit()
    await ward.feed(until(arrest, 30))
    (alert,) = await ward.of("asystole")
    await actions.acknowledge(ward.store, 0, BED, {alert.alert.id: "high"}, "A. Nurse")
    await ward.desk.discharge(BED, "A. Nurse")
    await ward.tick()
    assert not await ward.left()


async def test_a_patient_is_not_transferred_before_a_high_alarm_has_been_seen(
    ward: Ward, arrest: list[Packet]
) -> None:
    await ward.admit()
    await ward.feed(until(arrest, 18))
    (alert,) = await ward.of("asystole")
    with pytest.raises(PatientError, match="bed-01: an alarm of high priority is not acknow"):
        await ward.desk.transfer(BED, OTHER, "A. Nurse")
    await actions.acknowledge(ward.store, 0, BED, {alert.alert.id: "high"}, "A. Nurse")
    await ward.desk.transfer(BED, OTHER, "A. Nurse")
    await ward.tick()
    (alert,) = await ward.of("asystole")
    assert alert.presence is Presence.OFF
    (told,) = await ward.left()
    assert (told.who, told.reason, told.other) == ("A. Nurse", "transferred", OTHER)


async def test_the_broker_and_whoever_listens_learn_of_it(
    ward: Ward, arrest: list[Packet], broker_url: str
) -> None:
    await ward.admit()
    await ward.feed(until(arrest, 30))
    async with mqtt.connect(broker_url) as client:
        await client.subscribe(keys.alert_topic(BED), qos=1)
        channel = await MqttChannel.open(client, ward.store, 0, Policy(), ward.clock)
        await channel.step(block_ms=1)
        await ward.desk.discharge(BED, "B. Doctor")
        await ward.tick()
        ward.clock.time += 5  # signals of lower priority linger
        await channel.step(block_ms=1)
        async with asyncio.timeout(allowed_s(PATIENCE_S)):
            async for message in client.messages:
                told = orjson.loads(message.payload)
                event = told["event"] or {}
                if event.get("what") == "left" and "/asystole/" in event["id"]:
                    break
    assert (event["who"], event["reason"]) == ("B. Doctor", "discharged")
    assert "asystole" not in {alert["kind"] for alert in told["alerts"]}


async def test_an_end_that_the_trail_no_longer_tells_is_the_detectors(
    ward: Ward, arrest: list[Packet], redis_client: Store
) -> None:
    await ward.admit()
    await ward.feed(until(arrest, 30))
    await ward.desk.discharge(BED, "A. Nurse")
    await redis_client.delete(keys.patientlog(0))
    await ward.tick()
    (told,) = await ward.left()
    assert (told.who, told.reason) == (DETECTOR, "")


async def test_a_silence_asked_for_the_former_patient_is_not_the_next_ones(ward: Ward) -> None:
    await actions.pause_audio(ward.store, 0, BED, {}, "A. Nurse", 120)
    await ward.admit()
    seconds, _ = await ward.store.time()
    assert (await ward.board()).pauses[BED].until <= seconds + 1
    entries = len(await ward.trail())
    await ward.desk.discharge(BED, "A. Nurse")
    await ward.admit("2")
    assert len(await ward.trail()) == entries, "no pause, nothing to end"


async def test_what_a_lost_checkpoint_leaves_present_is_ended(
    ward: Ward, pulses: Any, packetize: Any, redis_client: Store
) -> None:
    """Another version of the program cannot read the checkpoints: every bed starts anew."""
    signal = np.hstack([pulses(FS, 10, 70), 0 * pulses(FS, 40, 70)])
    packets = packetize(signal, FS, 180)
    early = until(packets, 17)
    await ward.feed(early)
    assert len(await ward.of("asystole")) == 1
    ward.die()
    await redis_client.set(keys.state(0, BED), STALE)
    await ward.feed(packets[len(early) :])
    former, again = await ward.of("asystole")
    assert (former.presence, former.alert.present) == (Presence.OFF, False)
    assert former.alert.joined or former.alert.latching
    assert again.presence is Presence.ON
    ward.die()
    await redis_client.set(keys.state(0, BED), STALE)
    ward.clock.time += 60
    await ward.tick()
    (_, again) = await ward.of("asystole")
    assert again.presence is Presence.LATCH, "over, as far as is known; nobody has seen it"


def learnt(rules: AlarmRules) -> dict[str, Any]:
    """What a checkpoint of the rules holds: each rule by its class, all else by field."""
    held = {type(rule).__name__: rule for rule in rules.rules}
    held |= {one.name: getattr(rules.moment, one.name) for one in fields(rules.moment)}
    held |= {one.name: getattr(rules.signal, one.name) for one in fields(rules.signal)}
    saved = {name: codec.pack(one) for name, one in held.items() if is_dataclass(one)}
    return saved


def test_what_was_learnt_of_a_heart_is_forgotten_and_what_of_the_leads_is_not() -> None:
    rules, n = AlarmRules(FS, leads=("I", "II")), 0
    for _ in range(40):
        n += round(FS * 60 / 130)
        rules.on_beat(n, n + 100)
        rules.on_tick(n + 110, 0.3, GOOD)
    rules.signal.lead_faults.history["lead_flat"] = [0, 7]
    assert "tachycardia" in rules.moment.out.present
    faults = learnt(rules)["lead_faults"]
    over = [event for event in rules.begin_anew(n + 120) if isinstance(event, Alarm)]
    assert [(one.kind, one.present) for one in over] == [("tachycardia", False)]
    fresh = AlarmRules(FS, leads=("I", "II"))
    kept = {"out", "lead_faults", "suspension", "restriction"}
    left, nothing = learnt(rules), learnt(fresh)
    assert {name for name in left if left[name] != nothing[name]} <= kept
    assert left["lead_faults"] == faults
    assert rules.moment.out.ended == {}
    after = codec.pack(rules)
    copy = AlarmRules(FS, leads=("I", "II"))
    codec.unpack(copy, after)
    assert codec.pack(copy) == after
    assert list(rules.on_beat(n, n + 130)) == [], "a beat of the former patient"
    assert codec.pack(rules) == after


def test_a_silence_is_counted_from_the_end_of_the_stay() -> None:
    rules = AlarmRules(FS)
    rules.begin_anew(3600)
    assert list(rules.on_tick(3600 + 3 * 360, 9.0, GOOD)) == []
    (alarm,) = rules.on_tick(3600 + 5 * 360, 11.0, GOOD)
    assert (alarm.kind, alarm.n) == ("asystole", 3600)
    rules.on_tick(3600 + 6 * 360, 12.0, LEADOFF)
