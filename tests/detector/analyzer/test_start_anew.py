"""Nothing is lost where a bed starts anew: checkpoints of another version, a new power-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cbor2
import numpy as np
import pytest

from detector.runner.partition import PartitionRunner
from detector.runner.watchdog import UNKNOWN
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling.actions import read_board
from ecg_monitor.ward.alerts.model import Record

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
BED = "bed-01"
STALE = cbor2.dumps({"position": "1-0", "boot": "b", "analyzer": cbor2.dumps({"version": 1})})


async def alerts(store: Store, kind: str) -> list[Record]:
    board = await read_board(store, 0)
    return [one for one in board.of_device(BED) if one.alert.kind == kind]


async def opened(store: Store, clock: Any) -> PartitionRunner:
    return await PartitionRunner.open(store, 0, SETTINGS, clock)


async def until(runner: PartitionRunner, clock: Any, seconds: float) -> None:
    end = clock.time + seconds
    while clock.time < end:
        await runner.tick(block_ms=1)
        clock.time += 1.0


@pytest.mark.parametrize("times", [1, 2])
async def test_a_device_that_fell_silent_during_an_upgrade_is_missed(
    redis_client: Store,
    clock: Any,
    pulses: Any,
    packetize: Any,
    publish: Callable[..., Any],
    times: int,
) -> None:
    packets = packetize(pulses(FS, 20, 70), FS, 180)
    await publish(packets[:20])
    clock.time += 10
    await (await opened(redis_client, clock)).tick(block_ms=1)
    for i in range(times):
        await redis_client.set(keys.state(0, BED), STALE)
        clock.time += 60
        runner = await opened(redis_client, clock)
        await until(runner, clock, 9)
        silences = await alerts(redis_client, "no_data")
        assert [one.alert.present for one in silences] == [*[False] * i, True]
        assert silences[-1].alert.boot == (UNKNOWN if i == 0 else packets[0].boot)
        await publish(packets[20 + 8 * i : 28 + 8 * i])
        clock.time += 1
        await runner.tick(block_ms=1)
        assert not (await alerts(redis_client, "no_data"))[-1].alert.present
        if i + 1 < times:  # and silent again, as a silence that is known
            await until(runner, clock, 9)
    assert not [one for one in (await read_board(redis_client, 0)).records.values()
                if one.alert.present]  # fmt: skip


async def test_an_alarm_found_at_the_end_of_a_power_up_is_not_dated_by_the_next(
    redis_client: Store, clock: Any, pulses: Any, packetize: Any, publish: Callable[..., Any]
) -> None:
    """Half an hour after power-up it restarts, in the middle of an arrest, and counts from 0."""
    signal = np.hstack([pulses(FS, 10, 70), 0 * pulses(FS, 3.9, 70)])
    first = round(1800 * FS)
    old = packetize(signal, FS, 180, start=first)
    new = packetize(pulses(FS, 5, 70), FS, 180, boot="boot-2")
    runner = await opened(redis_client, clock)
    for packet in old:
        await publish([packet])
        clock.time = START + packet.n1 / FS
        await runner.tick(block_ms=1)
    end = clock.time
    await publish([replace(packet, t0=0.0) for packet in new], start=end)
    clock.time = end + 5
    await runner.tick(block_ms=1)
    board = await read_board(redis_client, 0)
    for record in board.records.values():
        alert = record.alert
        assert alert.onset_at is None or START + 1800 - 1 <= alert.onset_at <= clock.time
        assert not alert.present or alert.boot == "boot-2"
