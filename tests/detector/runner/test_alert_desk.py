"""Alerts and their evidence through the partition runner, on a real Redis."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from detector.runner import alert_desk
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.book import KEPT, AlertBook
from ecg_monitor.ward.alerts.evidence import evidence_of
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.trail import EntryKind
from tests.support.ticking import tick

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
BED = "bed-01"


async def drain(publish, store, clock, packets, *, runner=None, restart_every=0):
    """Feed packets in their time; return the last runner."""
    runner = runner or await PartitionRunner.open(store, 0, SETTINGS, clock)
    for i, packet in enumerate(packets):
        await publish([packet], dated=True)
        clock.time = max(clock.time, START + packet.n1 / FS)
        if restart_every and i % restart_every == restart_every - 1:
            runner = await PartitionRunner.open(store, 0, SETTINGS, clock)
        await tick(runner)
    return runner


async def redate_events(store) -> None:
    """Give the entries of the event stream the ids that they would have got in their time."""
    entries = await store.xrange(keys.events(0))
    await store.delete(keys.events(0))
    for i, (_, fields) in enumerate(entries):
        reached = max(event.get("decided_n", event["n"]) for event in orjson.loads(fields[b"j"]))
        await store.xadd(
            keys.events(0), fields, id=f"{round((START + reached / FS) * 1000)}-{i + 1}"
        )


@pytest.fixture
def arrest(pulses) -> np.ndarray:
    """Twelve seconds of beats, seven of nothing, twelve of beats."""
    return np.hstack([pulses(FS, 12, 70), 0 * pulses(FS, 7, 70), pulses(FS, 12, 70)])


@pytest.mark.parametrize("restart_every", [0, 5])
async def test_the_strip_is_what_was_sent(
    redis_client, clock, arrest, packetize, restart_every, publish
):
    packets = packetize(arrest, FS, 180)
    await drain(publish, redis_client, clock, packets, restart_every=restart_every)
    board = await actions.read_board(redis_client, 0)
    (record,) = [one for one in board.records.values() if one.alert.kind == "asystole"]
    assert record.alert.evidence
    evidence = await evidence_of(redis_client, 0, record.alert.id)
    assert evidence is not None
    assert evidence["gaps"] == []
    from_n, to_n = evidence["from_n"], evidence["to_n"]
    (segment,) = evidence["leads"][0]["segments"]
    assert (segment["n"], to_n - from_n) == (from_n, round(10 * FS))
    assert segment["adc"] == arrest[0, from_n:to_n].tolist()
    peaks = [beat["n"] for beat in evidence["beats"]]
    assert len(peaks) >= 5
    assert evidence["limit"] == 4.0
    assert await redis_client.ttl(keys.strip(0, record.alert.id)) > 0
    whats = [
        e.what for _, e in await actions.read_trail(redis_client, 0) if e.alert.kind == "asystole"
    ]
    assert sorted(whats) == [EntryKind.CLEARED, EntryKind.EVIDENCE, EntryKind.RAISED]


async def test_missing_packets_are_a_gap_in_the_strip(
    redis_client, clock, arrest, packetize, publish
):
    packets = packetize(arrest, FS, 90)
    kept = [packet for packet in packets if not 9.5 * FS <= packet.n0 < 10.5 * FS]
    await drain(publish, redis_client, clock, kept)
    board = await actions.read_board(redis_client, 0)
    (record,) = [one for one in board.records.values() if one.alert.kind == "asystole"]
    evidence = await evidence_of(redis_client, 0, record.alert.id)
    lost = {n for packet in packets if packet not in kept for n in range(packet.n0, packet.n1)}
    told = {n for a, b in evidence["gaps"] for n in range(a, b)}
    assert told
    assert told == lost & set(range(evidence["from_n"], evidence["to_n"]))


async def test_the_strip_of_a_silent_device_is_taken_as_it_is(
    redis_client, clock, pulses, packetize, publish
):
    runner = await drain(publish, redis_client, clock, packetize(pulses(FS, 10, 60), FS, 90))
    for _ in range(30):
        clock.time += 1.0
        await tick(runner)
    board = await actions.read_board(redis_client, 0)
    (record,) = [one for one in board.records.values() if one.alert.kind == "no_data"]
    evidence = await evidence_of(redis_client, 0, record.alert.id)
    assert evidence["gaps"] == [[3600, 5400]]
    assert evidence["value"] >= 5.0


async def test_a_successor_takes_the_strips_that_were_left(
    redis_client, clock, arrest, packetize, monkeypatch, publish
):
    packets = packetize(arrest, FS, 180)
    monkeypatch.setattr(alert_desk, "PER_TURN", 0)
    await drain(publish, redis_client, clock, packets)
    monkeypatch.undo()
    await redate_events(redis_client)
    (name,) = [n.decode() for n in await redis_client.hkeys(keys.alerts(0)) if b"asystole" in n]
    assert await evidence_of(redis_client, 0, name) is None
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    clock.time += alert_desk.WAIT_S + 1
    await tick(runner)
    evidence = await evidence_of(redis_client, 0, name)
    assert evidence["gaps"] == []
    assert evidence["leads"][0]["segments"][0]["adc"] == (
        arrest[0, evidence["from_n"] : evidence["to_n"]].tolist()
    )
    assert len(evidence["beats"]) >= 5


async def test_an_acknowledgement_survives_the_detector(
    redis_client, clock, arrest, packetize, publish
):
    packets = packetize(arrest, FS, 180)
    runner = await drain(publish, redis_client, clock, packets[:36])
    (name,) = [n.decode() for n in await redis_client.hkeys(keys.alerts(0)) if b"asystole" in n]
    board = await actions.read_board(redis_client, 0)
    assert board.records[name].presence is Presence.ON
    await actions.acknowledge(redis_client, 0, BED, {name: "high"}, "N. N.")
    await drain(publish, redis_client, clock, packets[36:], runner=runner, restart_every=3)
    board = await actions.read_board(redis_client, 0)
    assert board.records[name].presence is Presence.OFF
    assert board.records[name].ack.by == "N. N."
    folded = Board()
    for _, entry in await actions.read_trail(redis_client, 0):
        folded.take(entry)
    assert folded == board


async def test_a_backlog_is_shown_without_sound_until_it_is_known_to_go_on(
    redis_client, clock, pulses, packetize
):
    """The device is offline from 15 s to 60 s and then sends what it kept, all at once.

    There are two arrests: one is over before the backlog is, the other goes on.
    """
    silence = 0 * pulses(FS, 10, 60)
    beats = pulses(FS, 10, 60)
    signal = np.hstack([beats, beats, silence, beats, silence, silence, silence, beats])
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    for packet in packetize(signal, FS, 180):
        taken = START + packet.n1 / FS
        arrival = taken if taken <= START + 15 else max(taken, START + 60)
        clock.time = max(clock.time, arrival)
        fields = {"d": packet.device, "t": f"{arrival:.4f}", "p": wire.encode_cbor(packet)}
        await redis_client.xadd(keys.wave(0), fields)
        await tick(runner)
    trail = await actions.read_trail(redis_client, 0)
    arrests = [e for _, e in trail if e.alert.kind == "asystole" and e.what != EntryKind.EVIDENCE]
    whats = [str(e.what) for e in arrests]
    assert whats == ["raised", "cleared", "raised", "joined", "current", "cleared"]
    assert arrests[0].alert.late
    assert arrests[1].alert.late, "over within the backlog: never sounds"
    assert arrests[2].alert.late
    assert arrests[3].alert == replace(arrests[1].alert, evidence=True, joined=True)
    assert not arrests[4].alert.late, "present when the backlog had been read: sounds"


def fill(book: AlertBook, count: int, priority: str) -> None:
    for n in range(count):
        for present in (True, False):
            book.note(BED, "b", Alarm("k", priority, n, n, present), None, START + n)


def test_alerts_that_are_over_make_room_but_latched_ones_stay():
    book = AlertBook()
    fill(book, KEPT + 10, "low")
    old = book.old(START + KEPT, 1e9)
    gone, entries = book.remove(old, (), START + KEPT, 1e9)
    assert [int(name.rsplit("/", 1)[1]) for name in gone] == list(range(10))
    assert entries == []

    book = AlertBook()
    fill(book, KEPT + 10, "high")
    old = book.old(START + KEPT, 1e9)
    assert len(old) == 10
    assert book.remove(old, {old[3].id}, START + KEPT, 1e9) == ([old[3].id], [])


def test_the_end_of_retention_of_a_latched_alert_is_told():
    book = AlertBook()
    fill(book, 3, "high")
    book.note(BED, "b", Alarm("vt", "high", 99, 99, True), None, START)
    later = START + 1000
    gone, entries = book.remove(book.old(later, 100.0), (), later, 100.0)
    assert len(gone) == 3
    assert [entry.what for entry in entries] == [EntryKind.EXPIRED] * 3
    assert [alert.kind for alert in book.alerts.values()] == ["vt"], (
        "present ones are never removed"
    )


async def test_pruning_through_the_runner_tells_and_cleans_up(
    redis_client, clock, arrest, packetize, publish
):
    settings = Settings(partitions=1, alert_retention_s=60)
    await drain(publish, redis_client, clock, packetize(arrest, FS, 180))
    (name,) = [n.decode() for n in await redis_client.hkeys(keys.alerts(0)) if b"asystole" in n]
    await redis_client.hset(keys.acts(0), f"rem|{name}", orjson.dumps({"number": 1}))
    clock.time += 300
    runner = await PartitionRunner.open(redis_client, 0, settings, clock)
    await runner.tick(block_ms=1)
    assert not await redis_client.hexists(keys.alerts(0), name)
    assert not await redis_client.hexists(keys.acts(0), f"rem|{name}")
    trail = await actions.read_trail(redis_client, 0)
    board = Board()
    for _, entry in trail:
        board.take(entry)
    assert trail[-1][1].what in (EntryKind.EXPIRED, EntryKind.RAISED)
    assert board.records[name].presence is Presence.OFF
