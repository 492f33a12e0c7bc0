"""Limits changed while patients are monitored: in force within a second, and safe to crash on."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.engine.state import GOOD
from detector.rhythm.alarms import AlarmRules
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Alarm, event_to_map
from ecg_monitor.ward.limits.model import (
    CATEGORIES,
    SECTIONS,
    LimitBook,
    default_limits,
    default_tables,
    limits_to_map,
)
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.patients.desk import PatientDesk, limits_in_force
from ecg_monitor.ward.patients.trail import ChangeKind
from tests.support.ticking import tick
from tests.support.waiting import eventually

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
BOOK = LimitBook(default_tables())


def limits_with(**rate: float):
    return BOOK.of_patient({"rate": rate})


class Heart:
    """Beats regularly, without end."""

    def __init__(self) -> None:
        self.n = 0

    def beat(self, rules: AlarmRules, bpm: float, seconds: float) -> list[Alarm]:
        """Feed beats and the ticks between them; return the alarms."""
        found = []
        for _ in range(round(seconds * bpm / 60)):
            self.n += round(60 * FS / bpm)
            found += rules.on_beat(self.n, self.n + 100)
            found += rules.on_tick(self.n + 110, 0.3, GOOD)
        return [event for event in found if isinstance(event, Alarm)]


def test_a_condition_goes_on_or_ends_as_its_rule_finds_under_the_new_limit():
    rules, heart = AlarmRules(FS), Heart()
    (began,) = heart.beat(rules, 130, 15)
    assert (began.kind, began.present, began.limit) == ("tachycardia", True, 120.0)
    rules.change_limits(limits_with(high_bpm=125))
    assert heart.beat(rules, 130, 30) == []  # goes on: one alarm, not two
    rules.change_limits(limits_with(high_bpm=150, extreme_high_bpm=180))
    (ended,) = heart.beat(rules, 130, 30)
    assert (ended.kind, ended.present, ended.n) == ("tachycardia", False, began.n)


def test_a_new_limit_needs_no_learning():
    rules, heart = AlarmRules(FS), Heart()
    assert heart.beat(rules, 110, 30) == []
    rules.change_limits(limits_with(high_bpm=100))
    (began,) = heart.beat(rules, 110, 6)
    assert (began.kind, began.limit) == ("tachycardia", 100.0)
    assert began.value == pytest.approx(110, abs=1)


def test_what_is_turned_off_ends_and_what_is_raised_rises():
    rules, heart = AlarmRules(FS), Heart()
    (began,) = heart.beat(rules, 130, 15)
    rules.change_limits(BOOK.of_patient({"alarms": {"tachycardia": "high"}}))
    copy, its_heart = AlarmRules(FS), Heart()
    codec.unpack(
        copy, codec.pack(rules)
    )  # a crash between the change and the next tick loses nothing
    its_heart.n = heart.n
    (risen,) = heart.beat(rules, 130, 3)
    assert risen == replace(
        began, priority="high", decided_n=risen.decided_n, value=None, limit=None
    )
    assert its_heart.beat(copy, 130, 3) == [risen]
    rules.change_limits(BOOK.of_patient({"alarms": {"tachycardia": "off"}}))
    (ended,) = heart.beat(rules, 130, 3)
    assert (ended.kind, ended.present) == ("tachycardia", False)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_rule_is_given_its_section(category):
    rules = AlarmRules(FS)
    limits = default_limits(category)
    rules.change_limits(limits)
    limited: dict[str, Any] = {rule.SECTION: rule for rule in rules.rules if rule.SECTION}
    limited |= {"vf": rules.moment.watch.fibrillation, "noise": rules.signal.suspension}
    assert limited.keys() == SECTIONS.keys()
    for section, rule in limited.items():
        assert rule.limits is getattr(limits, section)
    assert rules.limits is limits


async def committed(store, device: str) -> list[dict]:
    events: list[dict] = []
    for _, fields in await store.xrange(keys.events(0)):
        if fields[b"d"].decode() == device:
            assert int(fields[b"i"]) == len(events)
            events += orjson.loads(fields[b"j"])
    return events


async def applied(store, device: str):
    trail = await read_trail(store, 0, device)
    return [entry for entry in trail if entry.what is ChangeKind.APPLIED]


def tables_of(limits) -> dict:
    """Tables under which every device has these limits."""
    said = limits_to_map(limits)
    sections = {name: said[name] for name in SECTIONS}
    return {**BOOK.tables, limits.category: sections, "alarms": said["priorities"]}


async def explained(store, packets, changes) -> list[dict]:
    """Events of an undisturbed analysis in which limits change at the samples that were told.

    Packets are cut where limits change: between the samples of a packet nothing changes.
    """
    changes = list(changes)
    tables = dict(BOOK.tables)
    while changes and changes[0][0] <= packets[0].n0:
        tables = tables_of(changes.pop(0)[1])
    analyzer = Analyzer(LimitBook(tables))
    events = []
    for packet in packets:
        while changes and changes[0][0] <= packet.n0:
            analyzer.change_limits(packet.device, changes.pop(0)[1])
        for output in analyzer.feed([packet]):
            events += [event_to_map(event) for event in output.events]
    assert all(n >= packets[-1].n1 for n, _ in changes)  # nothing has been judged by these yet
    return events


@pytest.fixture
def beds(pulses, packetize):
    """Two beds at 112 bpm with an asystole each."""
    signal = np.hstack([pulses(FS, 17, 112), 0 * pulses(FS, 6, 70), pulses(FS, 17, 112)])
    one = packetize(signal, FS, 90, device="one")
    two = packetize(signal, FS, 90, device="two")
    return list(itertools.chain.from_iterable(zip(one, two, strict=True)))


async def test_a_change_holds_within_a_second_and_is_told(redis_client, clock, beds, publish):
    desk = PatientDesk(redis_client, SETTINGS)
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    mine = [packet for packet in beds if packet.device == "one"]
    await publish(mine[:40])
    clock.time += 10
    await tick(runner)
    await desk.admit("one", "A. Nurse", patient="1", name="", category="adult")
    bed = await desk.change("one", "A. Nurse", limits={"rate": {"high_bpm": 105}})
    clock.time += 1
    await tick(runner)
    assert await applied(redis_client, "one") == []  # nothing has been judged by it yet
    await publish(mine[40:68])
    clock.time += 7
    await tick(runner)
    (told,) = await applied(redis_client, "one")
    assert (told.version, told.n, told.boot) == (bed.version, mine[40].n0, mine[40].boot)
    (alert,) = [orjson.loads(text) for text in await redis_client.hvals(keys.alerts(0))]
    assert (alert["kind"], alert["limit"], alert["present"]) == ("tachycardia", 105.0, True)
    assert told.n < alert["decided_n"] < told.n + 6 * FS  # 4 s of delay, no new learning
    assert int(await redis_client.hget(keys.lag(0), "patients")) == bed.version

    await desk.discharge("one", "A. Nurse")  # the defaults hold again, the alert is not dropped
    await publish(mine[68:])
    clock.time += 20
    while await tick(runner):
        pass
    kept = orjson.loads(await redis_client.hget(keys.alerts(0), alert["id"]))
    assert kept["present"] is False
    assert kept["cleared_at"]


async def test_limits_of_a_bed_without_a_patient_hold_and_end(redis_client, clock, beds, publish):
    desk = PatientDesk(redis_client, SETTINGS)
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    mine = [packet for packet in beds if packet.device == "one"]
    await publish(mine[:40])
    clock.time += 10
    await tick(runner)
    await desk.change("one", "A. Nurse", limits={"rate": {"high_bpm": 105}})
    clock.time += 1
    await tick(runner)
    await publish(mine[40:68])
    clock.time += 7
    await tick(runner)
    (alert,) = [orjson.loads(text) for text in await redis_client.hvals(keys.alerts(0))]
    assert (alert["kind"], alert["limit"], alert["present"]) == ("tachycardia", 105.0, True)
    await desk.admit("one", "A. Nurse", patient="1", name="", category="adult")
    clock.time += 1
    await tick(runner)
    await publish(mine[68:])
    clock.time += 20
    while await tick(runner):
        pass
    kept = orjson.loads(await redis_client.hget(keys.alerts(0), alert["id"]))
    assert kept["present"] is False


@pytest.mark.parametrize("step", [5, 11, 40])
async def test_a_runner_that_dies_again_and_again_judges_nothing_twice(
    redis_client, clock, beds, step, publish
):
    """Limits change all the time, the detector dies after every tick, sometimes within replay."""
    desk = PatientDesk(redis_client, SETTINGS)
    bed = await desk.admit("one", "A", patient="1", name="", category="adult")
    highs = itertools.cycle([105, 130, 108, 118])
    limits = {bed.version: limits_in_force(desk.book, "one", bed)}
    for i in range(0, len(beds), step):
        await publish(beds[i : i + step])
        clock.time = START + beds[min(i + step, len(beds)) - 1].n1 / FS
        if i // step % 2:
            wanted = {"rate": {"high_bpm": next(highs), "delay_s": 0}}
            bed = await desk.change("one", "A", limits=wanted)
            limits[bed.version] = limits_in_force(desk.book, "one", bed)
        runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
        for _ in range(i // step % 3 + 1):
            await runner.tick(block_ms=1)
            clock.time += 0.01
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    while await runner.tick(block_ms=1):
        clock.time += 0.01
    for device in ("one", "two"):
        told = await applied(redis_client, device)
        changes = [(entry.n, limits[entry.version]) for entry in told]
        mine = [packet for packet in beds if packet.device == device]
        events = await committed(redis_client, device)
        assert events == await explained(redis_client, mine, changes)
        if device == "one":
            assert len(told) >= 2
            judged = {e["limit"] for e in events if e["type"] == "alarm" and e["limit"]}
            assert {105.0, 108.0} & judged
            order = [(entry.n, entry.version) for entry in told]
            assert order == sorted(set(order))
        raised = [orjson.loads(text) for text in await redis_client.hvals(keys.alerts(0))]
        found = [e for e in events if e["type"] == "alarm" and e["present"]]
        assert {(a["kind"], a["n"]) for a in raised if a["device"] == device} == {
            (e["kind"], e["n"]) for e in found
        }


async def test_an_unusable_state_of_a_bed_stops_nothing(redis_client, clock, beds, caplog, publish):
    desk = PatientDesk(redis_client, SETTINGS)
    await desk.admit("one", "A", patient="1", name="", category="neonatal")
    text = orjson.loads(await redis_client.hget(keys.patients(0), "one"))
    text["admission"]["limits"] = {"rate": {"high_bpm": 190, "gone": 1}, "gone": {"x": 1}}
    text["version"] += 1
    await redis_client.hset(keys.patients(0), "one", orjson.dumps(text))
    await redis_client.hset(keys.patients(0), "two", b"rubbish")
    await publish(beds[:40])
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    assert await runner.tick(block_ms=1) == 40
    assert runner.state.analyzer.limits_of("one").rate.high_bpm == 190
    assert runner.state.analyzer.limits_of("one").rate.low_bpm == 100
    assert runner.state.analyzer.limits_of("two") == BOOK.of("two")
    assert "rate.gone is not known" in caplog.text
    assert "two keeps its limits" in caplog.text


async def test_a_detector_that_is_killed_while_limits_change_loses_and_repeats_nothing(
    redis_client, redis_url, beds, publish
):
    """A real process, killed with SIGKILL at random moments while signal and changes come in."""
    chance = random.Random(4)
    mine = [packet for packet in beds if packet.device == "one"]
    desk = PatientDesk(redis_client, SETTINGS)
    bed = await desk.admit("one", "A", patient="1", name="", category="adult")
    limits = {bed.version: limits_in_force(desk.book, "one", bed)}
    env = {**os.environ, "ECG_REDIS_URL": redis_url, "ECG_PARTITIONS": "1"}
    command = [sys.executable, "-m", "ecg_monitor.cli", "detect"]
    start = time.time() - mine[-1].n1 / FS
    third = len(mine) // 3 + 1
    for life in range(3):
        with subprocess.Popen(command, env=env) as child:
            try:
                part = mine[life * third : (life + 1) * third]
                for i in range(0, len(part), 8):
                    await publish(part[i : i + 8], start)
                    await reached(redis_client, (await redis_client.xlen(keys.wave(0))) - 8)
                    high = [105, 130, 108, 118][(life + i // 8) % 4]
                    wanted = {"rate": {"high_bpm": high, "delay_s": 0}}
                    bed = await desk.change("one", "A", limits=wanted)
                    limits[bed.version] = limits_in_force(desk.book, "one", bed)
                    await asyncio.sleep(chance.random())
                if life == 2:
                    await reached(redis_client, len(mine))
            finally:
                child.send_signal(signal.SIGKILL)
    told = await applied(redis_client, "one")
    changes = [(entry.n, limits[entry.version]) for entry in told]
    assert len(told) >= 3
    assert await committed(redis_client, "one") == await explained(redis_client, mine, changes)


async def reached(store, count: int) -> None:
    """Wait until so many packets of the stream have been analysed."""

    async def has_reached() -> bool:
        position = await store.hget(keys.lag(0), "position")
        entries = await store.xrange(keys.wave(0), "-", position.decode()) if position else []
        return len(entries) >= count

    await eventually(has_reached, 100)  # compiling may come first
