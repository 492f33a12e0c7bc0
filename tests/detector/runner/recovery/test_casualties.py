"""What ends the detector is set aside after some deaths; all other beds lose nothing."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from detector.analyzer.analyzer import Analyzer, Output
from detector.runner.partition import PartitionRunner
from detector.runner.recovery.casualties import MOST, TRIES
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.devices.refusal import refusal_of
from tests.support.places import ROOT
from tests.support.waiting import allowed_s

FS = 360.0
SETTINGS = Settings(partitions=1)


class DiedError(BaseException):
    """The process is gone: nothing that follows is done."""


@pytest.fixture
def deadly(monkeypatch) -> set[tuple[str, int]]:
    """Packets, by device and ``seq``, at which the analysis ends the process."""
    found: set[tuple[str, int]] = set()
    feed = Analyzer.feed

    def killed(self: Analyzer, packets: list[Packet]) -> list[Output]:
        if any((packet.device, packet.seq) in found for packet in packets):
            raise DiedError
        return feed(self, packets)

    monkeypatch.setattr(Analyzer, "feed", killed)
    return found


async def deaths_until_all_is_read(store, clock) -> tuple[int, PartitionRunner]:
    newest = (await store.xrevrange(keys.wave(0), count=1))[0][0].decode()
    for deaths in range(40):
        runner = await PartitionRunner.open(store, 0, SETTINGS, clock)
        try:
            while runner.position != newest:
                await runner.tick(block_ms=1)
        except DiedError:
            continue
        return deaths, runner
    raise AssertionError("it died again and again")


async def read_on(runner: PartitionRunner) -> None:
    while True:
        await runner.tick(block_ms=1)


async def counters(store, device: str) -> dict[str, int]:
    found = await store.hgetall(keys.counters(0))
    pairs = ((name.decode().split("|"), int(count)) for name, count in found.items())
    return {kind: count for (owner, kind), count in pairs if owner == device}


@pytest.fixture
def beds(pulses, packetize) -> list[Packet]:
    one, two = (packetize(pulses(FS, 12, 70), FS, 90, device=name) for name in ("one", "two"))
    return [packet for pair in zip(one, two, strict=True) for packet in pair]


async def test_a_packet_that_ends_the_detector_is_set_aside(
    redis_client, clock, beds, publish, deadly
):
    deadly.add(("one", 20))
    await publish(beds)
    deaths, runner = await deaths_until_all_is_read(redis_client, clock)
    assert deaths == 1 + TRIES  # in a batch, and alone
    mine, other = await counters(redis_client, "one"), await counters(redis_client, "two")
    assert mine["refused:fatal"] == 1
    last = refusal_of(await redis_client.hget(keys.refused(0), "one"))
    assert last is not None
    assert last.reason == "fatal"
    assert (mine["samples_accepted"], mine["samples_missing"]) == (12 * 360 - 90, 90)
    assert (other["samples_accepted"], other["samples_missing"]) == (12 * 360, 0)
    (told,) = await redis_client.xrange(keys.refusals(0))
    assert told[1][b"d"] == b"one"
    assert b"sets it aside" in told[1][b"e"]
    # ... and it stays so for all who come after.
    await runner.save_all()
    assert (await deaths_until_all_is_read(redis_client, clock))[0] == 0


async def test_one_death_sets_nothing_aside(redis_client, clock, beds, publish, deadly):
    """A machine that is switched off, even while packets are looked at one by one, is chance."""
    await publish(beds)
    for seq in (0, 0, 7, 15):
        deadly.clear()
        deadly.add(("one", seq))
        runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
        with pytest.raises(DiedError):
            await read_on(runner)
    deadly.clear()
    assert (await deaths_until_all_is_read(redis_client, clock))[0] == 0
    for device in ("one", "two"):
        assert (await counters(redis_client, device))["samples_accepted"] == 12 * 360
    assert not await redis_client.hgetall(keys.aside(0))


async def test_a_device_whose_packets_all_end_the_detector_stops_no_other(
    redis_client, clock, beds, publish, deadly
):
    await publish(beds[:40])
    _, runner = await deaths_until_all_is_read(redis_client, clock)
    await runner.save_all()
    deadly.update(("one", seq) for seq in range(20, 20 + MOST))
    await publish(beds[40:])
    await deaths_until_all_is_read(redis_client, clock)
    assert (await counters(redis_client, "one"))["refused:fatal"] == MOST
    other = await counters(redis_client, "two")
    assert (other["samples_accepted"], other["samples_missing"]) == (12 * 360, 0)


LIVES = """
import asyncio, os, signal, sys
from detector.analyzer.analyzer import Analyzer
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.settings import load

feed = Analyzer.feed

def killed(self, packets):
    if any((packet.device, packet.seq) == ("one", 20) for packet in packets):
        os.kill(os.getpid(), signal.SIGSEGV)
    return feed(self, packets)

async def live():
    settings = load()
    client = store.connect(settings.require("redis_url"))
    newest = (await client.xrevrange(keys.wave(0), count=1))[0][0].decode()
    runner = await PartitionRunner.open(client, 0, settings)
    while runner.position != newest:
        await runner.tick(block_ms=1)
    await client.aclose()

async def warm():
    client = store.connect(load().require("redis_url"))
    entries = await client.xrange(keys.wave(0), count=20)
    analyzer = Analyzer()
    analyzer.feed([wire.read(entry[b"p"], entry[b"d"].decode()) for _, entry in entries])
    await client.aclose()

asyncio.run(warm())  # compiled code is loaded once, for all that live after
Analyzer.feed = killed
while True:
    life = os.fork()
    if life == 0:
        asyncio.run(live())
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(life, 0)[1])
    print(code, flush=True)
    if code != -signal.SIGSEGV:
        sys.exit()
"""


async def test_real_processes_that_a_packet_kills(redis_client, redis_url, beds, publish):
    """As under a supervisor: another begins until one stays."""
    await publish(beds)
    environ = os.environ | to_environ(Settings(partitions=1, redis_url=redis_url))
    command = [sys.executable, "-c", LIVES]
    lives = await asyncio.to_thread(
        subprocess.run,
        command,
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=allowed_s(300),
    )
    assert lives.stdout.split() == [str(-signal.SIGSEGV)] * (1 + TRIES) + ["0"], lives.stderr
    assert (await counters(redis_client, "one"))["refused:fatal"] == 1
    assert (await counters(redis_client, "two"))["samples_accepted"] == 12 * 360
