"""Messages of one connection are divided; what one part does not take holds up no other."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator

import pytest

from ecg_monitor.core.mqtt.client import AckingClient, ReceivedMessage, acking_client, connect
from ecg_monitor.core.stopping import cancel_all
from ingest.broker import divided
from ingest.broker.divided import Divider, Part
from tests.support.waiting import until

IN_FLIGHT = 30


class Ward:
    """Two parts of a session, `a` and `b`, and what came for each."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        self.held_up: set[int] = set()
        self.took: tuple[list[int], list[int]] = ([], [])
        self.divider = Divider(
            2, lambda topic: "ab".index(topic[-1]), IN_FLIGHT, lambda index: index in self.held_up
        )

    @contextlib.asynccontextmanager
    async def connected(self, in_flight: int = IN_FLIGHT) -> AsyncIterator[AckingClient]:
        """Divide a connection of the session, and take what comes, while the block lasts."""
        async with acking_client(self.url, identifier=self.name, in_flight=in_flight) as client:
            await client.subscribe(f"{self.name}/#")
            works = [self.divider.run(client), *map(self.take, range(2))]
            tasks = [asyncio.create_task(work) for work in works]
            try:
                yield client
            finally:
                await cancel_all(tasks)

    async def take(self, index: int) -> None:
        """Take what comes for one part, and acknowledge it; while it is held up, nothing."""
        part = self.divider.parts[index]
        while True:
            batch = await part.batch(8)
            while index in self.held_up:
                await asyncio.sleep(0.005)
            self.took[index].extend(int(one.payload) for one in batch)
            part.ack(batch)

    async def publish(self, leaf: str, numbers: range) -> None:
        async with connect(self.url) as publisher:
            for number in numbers:
                await publisher.publish(f"{self.name}/{leaf}", b"%d" % number, qos=1)


@pytest.fixture
def ward(broker_url: str) -> Ward:
    return Ward(broker_url)


async def test_each_part_gets_its_own_in_order(ward: Ward) -> None:
    async with ward.connected():
        await ward.publish("a", range(100))
        await ward.publish("b", range(50))
        await until(lambda: ward.took == ([*range(100)], [*range(50)]))
        await until(lambda: all(part.unacknowledged == 0 for part in ward.divider.parts))


async def test_one_that_is_held_up_holds_up_no_other(ward: Ward) -> None:
    ward.held_up.add(1)
    async with ward.connected():
        await ward.publish("b", range(5 * IN_FLIGHT))  # more than the broker may have in flight
        await ward.publish("a", range(200))
        await until(lambda: ward.took[0] == [*range(200)])
        assert ward.took[1] == []
        late = ward.divider.parts[1]
        assert late.kept + late.unacknowledged == 5 * IN_FLIGHT
        assert 0 < late.unacknowledged < IN_FLIGHT, "the newest are still the broker's"
        ward.held_up.clear()
        await until(lambda: ward.took[1] == [*range(5 * IN_FLIGHT)])
        assert (late.kept, late.let_go) == (0, 0)


async def test_a_broker_that_sends_few_at_a_time_is_not_waited_for(ward: Ward) -> None:
    """It has fewer in flight than a part that is held up may keep unacknowledged."""
    ward.held_up.add(1)
    async with ward.connected(in_flight=5):
        await ward.publish("b", range(20))
        await ward.publish("a", range(20))
        await until(lambda: ward.took[0] == [*range(20)])
        ward.held_up.clear()
        await until(lambda: ward.took[1] == [*range(20)])


async def test_one_that_is_slow_makes_all_wait(ward: Ward) -> None:
    """What is not written is the broker's, unless its server is away."""
    part, other = ward.divider.parts
    async with acking_client(ward.url, identifier=ward.name, in_flight=IN_FLIGHT) as client:
        await client.subscribe(f"{ward.name}/#")
        work = asyncio.create_task(ward.divider.run(client))
        await ward.publish("b", range(3 * IN_FLIGHT))
        await ward.publish("a", range(5))
        await until(lambda: other.unacknowledged >= IN_FLIGHT // 3)
        await asyncio.sleep(2 * divided.SILENT_S)
        assert other.kept == 0
        assert other.unacknowledged <= IN_FLIGHT
        assert part.unacknowledged == 0
        await cancel_all([work])


async def test_nothing_is_lost_or_doubled_when_the_connection_is(ward: Ward) -> None:
    """What was acknowledged is here, what was not comes again, each once and in order."""
    ward.held_up.add(1)
    late = ward.divider.parts[1]
    async with ward.connected():
        await ward.publish("b", range(3 * IN_FLIGHT))
        await until(lambda: late.kept + late.unacknowledged == 3 * IN_FLIGHT)
    async with ward.connected():
        ward.held_up.clear()
        await until(lambda: len(ward.took[1]) >= 3 * IN_FLIGHT)
        assert ward.took[1] == [*range(3 * IN_FLIGHT)]


async def test_memory_is_bounded_and_what_is_let_go_is_counted(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(divided, "MOST_KEPT", 40)
    ward.held_up.add(1)
    late = ward.divider.parts[1]
    async with ward.connected():
        await ward.publish("b", range(200))
        await until(lambda: late.let_go + late.kept + late.unacknowledged == 200)
        assert late.kept + late.unacknowledged <= 40 + 8
        ward.held_up.clear()
        await until(lambda: len(ward.took[1]) + late.let_go == 200)
        taken = ward.took[1]
        assert taken[8:] == [*range(200 - len(taken) + 8, 200)], "the oldest that waited have gone"


def test_a_part_without_a_connection_says_so() -> None:
    part: Part = Divider(1, lambda _: 0, 10, lambda _: False).parts[0]
    part.put(ReceivedMessage("x", b"", 1, 1, 0.0, 0.0))
    with pytest.raises(RuntimeError, match="no connection"):
        part.ease(0)
