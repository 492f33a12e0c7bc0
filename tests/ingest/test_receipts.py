"""Devices are told what is stored: all of it, and nothing that is not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt import client as mqtt
from ingest.receipts import EVERY_S, MOST_SPANS, Receipts
from tests.support.waiting import eventually

spans = st.tuples(st.sampled_from("ab"), st.integers(0, 50), st.integers(1, 9))


def told(receipts: Receipts, clock: float) -> list[dict[str, Any]]:
    return [json.loads(payload) for _, payload in receipts.due(clock)]


def samples(receipts: list[dict[str, Any]]) -> set[tuple[str, int]]:
    return {(one["boot"], n) for one in receipts for n0, n1 in one["stored"] for n in range(n0, n1)}


@given(st.lists(st.tuples(spans, st.booleans()), max_size=MOST_SPANS))
def test_what_is_told_is_what_was_stored(steps: list[tuple[tuple[str, int, int], bool]]) -> None:
    receipts, clock, stored, heard = Receipts(), 0.0, set(), set()
    for (boot, n0, size), tells in steps:
        receipts.stored("bed", boot, n0, n0 + size, clock)
        stored |= {(boot, n) for n in range(n0, n0 + size)}
        if tells:
            clock += EVERY_S
            heard |= samples(told(receipts, clock))
            assert heard == stored
    assert heard | samples(told(receipts, clock + EVERY_S)) == stored


def test_a_device_is_told_at_most_once_a_second() -> None:
    receipts = Receipts()
    count = 0
    for tenth in range(100):
        receipts.stored("bed", "b", 9 * tenth, 9 * tenth + 9, tenth / 10)
        count += len(told(receipts, tenth / 10))
    assert count == 10
    assert len(told(receipts, 100.0)) == 1
    assert told(receipts, 200.0) == []


def test_memory_is_bounded() -> None:
    receipts = Receipts()
    for n in range(10 * MOST_SPANS):
        receipts.stored("bed", "b", 10 * n, 10 * n + 5, 0.0)
    (one,) = told(receipts, 9.0)
    assert len(one["stored"]) == MOST_SPANS


async def test_the_device_hears_it_over_the_broker(system: Any, device: str) -> None:
    """What is refused is not among it."""
    heard: set[tuple[str, int]] = set()
    async with mqtt.connect(system.settings.mqtt_url) as client:
        await client.subscribe(keys.receipt_topic(device))

        async def all_stored() -> bool:
            message = await anext(aiter(client.messages))
            assert not message.retain
            heard.update(samples([json.loads(message.payload)]))
            return len(heard) >= 3 * 90

        await system.send(device)
        await system.send(device, b"{}")
        await system.send(device, seq=1, n0=90)
        await system.send(device, seq=3, n0=270)
        await eventually(all_stored)
    assert {n for boot, n in heard if boot == "boot-1"} == {*range(180), *range(270, 360)}
