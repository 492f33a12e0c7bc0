"""Partitions share a round: what each commits is its own, whoever else is in it; a real Redis."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.analyzer.analyzer import Analyzer, Output, feed_together
from detector.runner.fence import Commit, Fence
from detector.runner.owning import round as round_module
from detector.runner.owning.round import Round
from detector.runner.partition import PartitionRunner, Tick
from detector.runner.recovery.casualties import TRIES
from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError, connect
from ecg_monitor.core.types import Packet
from ecg_monitor.launch.services.start import Service
from tests.detector.conftest import START, Clock, make_packets, pulse_train
from tests.support.waiting import eventually, until

FS = 360.0
PARTITIONS = 3
SETTINGS = Settings(partitions=PARTITIONS)


def bed(partition: int, number: int, seconds: float = 14.0) -> list[Packet]:
    """Packets of a bed whose heart pauses, by its own rate."""
    rate = 60 + 9 * partition + 4 * number
    mv = pulse_train(FS, seconds, rate)
    mv[:, round(7 * FS) : round(12 * FS)] = 0
    samples = np.round(200 * mv).astype(np.int16)
    return make_packets(samples, FS, 180, device=f"bed-{partition}-{number}")


async def publish(store: Store, partition: int, packets: Iterable[Packet]) -> None:
    """Append packets to a partition's stream, each entry named by when it came."""
    for packet in packets:
        arrival = START + packet.n1 / packet.fs
        fields = {"d": packet.device, "t": f"{arrival:.4f}", "p": wire.encode_cbor(packet)}
        entry = f"{round(arrival * 1000)}-{1 + int(packet.device[-1])}"
        await store.xadd(keys.wave(partition), fields, id=entry)


async def opened(
    store: Store, shared: Round, clock: Callable[[], float], many: int = PARTITIONS
) -> list[PartitionRunner]:
    """Owners of the partitions, who share a round."""
    return [
        await PartitionRunner.open(store, number, SETTINGS, clock, apparatus=shared.apparatus)
        for number in range(many)
    ]


async def counted(store: Store, partition: int, number: int = 0) -> int:
    """How many samples of a bed have been accepted, by the counters."""
    name = f"bed-{partition}-{number}|samples_accepted"
    return int(await store.hget(keys.counters(partition), name) or 0)


# --------------------------------------------------------------- the same commits


async def commits(url: str, groupings: Sequence[Sequence[int]]) -> dict[int, list[list[Any]]]:
    """Words of all commits by partition, where at each step those of one number share a round."""
    store, clock = connect(url), Clock()
    await store.flushall()
    found: dict[int, list[list[Any]]] = defaultdict(list)

    class Watched(Fence):
        async def commit(self, commit: Commit) -> None:
            found[self.partition].append(list(commit.words))
            await super().commit(commit)

    shared = Round(store)
    runners = [
        PartitionRunner(
            store, Watched(store, p, int(fence.epoch)), SETTINGS, clock, apparatus=shared.apparatus
        )
        for p, fence in enumerate([await Fence.take(store, p) for p in range(PARTITIONS)])
    ]
    beds = {p: [bed(p, number) for number in range(2)] for p in range(PARTITIONS)}
    steps = 7
    for step in range(steps):
        for p in range(PARTITIONS):
            due = [packet for one in beds[p] for packet in one[4 * step : 4 * step + 4]]
            await publish(store, p, sorted(due, key=lambda packet: (packet.n1, packet.device)))
        clock.time = START + 2.0 * (step + 1)
        for runner in runners:
            await runner.fetched()
        groups = groupings[step % len(groupings)]
        for group in sorted(set(groups)):
            await shared.turn([runners[p] for p in range(PARTITIONS) if groups[p] == group], 1)
    for runner in runners:
        await runner.save_all()
        await runner.close()
    await store.aclose()
    return dict(found)


@pytest.fixture(scope="module")
def apart(redis_service: Service) -> dict[int, list[list[Any]]]:
    """What partitions commit of which each has rounds of its own."""
    return asyncio.run(commits(redis_service.url, [range(PARTITIONS)]))


@settings(max_examples=6)
@given(st.lists(st.tuples(*[st.integers(0, PARTITIONS - 1)] * PARTITIONS), min_size=1, max_size=7))
def test_commits_do_not_depend_on_who_shares_a_round(
    redis_service: Service,
    apart: dict[int, list[list[Any]]],
    groupings: list[tuple[int, ...]],
) -> None:
    assert all(len(one) > 7 for one in apart.values())
    assert asyncio.run(commits(redis_service.url, groupings)) == apart


# --------------------------------------------------------------- coming, going, failing


@pytest.fixture
async def working(
    redis_client: Store, clock: Clock
) -> Callable[..., Awaitable[list[asyncio.Task[None]]]]:
    """Partitions that work in one round; two of them, if not told otherwise."""
    shared = Round(redis_client)

    async def start(
        many: int = 2, change: Callable[[PartitionRunner], None] | None = None
    ) -> list[asyncio.Task[None]]:
        runners = await opened(redis_client, shared, clock, many)
        if change is not None:
            change(runners[-1])
        return [asyncio.create_task(shared.work(runner)) for runner in runners]

    return start


async def reaches(store: Store, partition: int, samples: int) -> None:
    """Wait until so many samples of a partition's bed are committed."""

    async def has_reached() -> bool:
        return await counted(store, partition) >= samples

    await eventually(has_reached)


async def goes_on(store: Store, works: list[asyncio.Task[None]]) -> None:
    """The first partition's bed, half of which is known, is followed to its end; then all end."""
    await publish(store, 0, bed(0, 0)[8:])
    await reaches(store, 0, 14 * 360)
    await cancel_all(works)


async def test_a_partition_that_is_lost_leaves_the_others_alone(
    redis_client: Store, working: Any
) -> None:
    works = await working()
    ours, lost = bed(0, 0), bed(1, 0)
    await publish(redis_client, 0, ours[:8])
    await publish(redis_client, 1, lost[:8])
    await reaches(redis_client, 1, 8 * 180)
    await Fence.take(redis_client, 1)
    await publish(redis_client, 0, ours[8:])
    await publish(redis_client, 1, lost[8:])
    with pytest.raises(FencedError, match="partition 1"):
        await works[1]
    await reaches(redis_client, 0, 14 * 360)
    assert await counted(redis_client, 1) == 8 * 180, "a former owner writes nothing"
    await cancel_all(works)


async def test_a_partition_whose_stream_cannot_be_read_leaves_the_others_alone(
    redis_client: Store, working: Any
) -> None:
    works = await working()
    await publish(redis_client, 0, bed(0, 0)[:8])
    await reaches(redis_client, 0, 8 * 180)
    await redis_client.set(keys.wave(1), "no stream")  # as if its own server were out of order
    with pytest.raises(StoreError):
        await works[1]
    await goes_on(redis_client, works)


class Stuck:
    """Keeps the answers to a partition's commits back, as a server that stands still does."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()
        self.goes_on = asyncio.Event()

    def __call__(self, runner: PartitionRunner) -> None:
        commit = runner.commit

        async def late(tick: Tick) -> None:
            if tick.packets:
                self.waits.set()
                await self.goes_on.wait()
            await commit(tick)

        runner.commit = late  # type: ignore[method-assign]


async def held_up(store: Store, working: Any) -> tuple[Stuck, list[asyncio.Task[None]]]:
    """Two partitions work, and the second has begun a commit that gets no answer."""
    stuck = Stuck()
    works = await working(2, stuck)
    await publish(store, 1, bed(1, 0)[:8])
    await stuck.waits.wait()
    return stuck, works


async def test_a_commit_without_an_answer_holds_up_its_own_partition_alone(
    redis_client: Store, working: Any
) -> None:
    stuck, works = await held_up(redis_client, working)
    await publish(redis_client, 0, bed(0, 0))
    await publish(redis_client, 1, bed(1, 0)[8:])
    await reaches(redis_client, 0, 14 * 360)
    assert await counted(redis_client, 1) == 0
    stuck.goes_on.set()
    await reaches(redis_client, 1, 14 * 360)
    await cancel_all(works)


async def test_who_leaves_saves_and_others_go_on(redis_client: Store, working: Any) -> None:
    works = await working()
    for p in range(2):
        await publish(redis_client, p, bed(p, 0)[:8])
        await reaches(redis_client, p, 8 * 180)
    await cancel_all(works[1:])
    follower = await PartitionRunner.open(redis_client, 1, SETTINGS, lambda: START)
    assert await follower.tick(block_ms=1) == 0, "nothing is analysed again"
    await goes_on(redis_client, works)


async def test_who_cannot_leave_is_broken_off_without_being_saved(
    redis_client: Store, working: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(round_module, "LEAVE_S", 0.05)
    _, works = await held_up(redis_client, working)
    await cancel_all(works[1:], 30.0)
    assert not await redis_client.keys(keys.state(1, "*"))
    await publish(redis_client, 0, bed(0, 0))
    await reaches(redis_client, 0, 14 * 360)
    await cancel_all(works)


async def test_who_comes_later_takes_part(redis_client: Store, clock: Clock) -> None:
    shared = Round(redis_client)
    one, two = await opened(redis_client, shared, clock, 2)
    works = [asyncio.create_task(shared.work(one))]
    await publish(redis_client, 0, bed(0, 0)[:8])
    await publish(redis_client, 1, bed(1, 0)[:8])
    await reaches(redis_client, 0, 8 * 180)
    works.append(asyncio.create_task(shared.work(two)))
    await reaches(redis_client, 1, 8 * 180)
    await cancel_all(works)
    works = [asyncio.create_task(shared.work((await opened(redis_client, shared, clock, 1))[0]))]
    await goes_on(redis_client, works)


async def test_a_defect_ends_the_work_on_all_partitions(
    redis_client: Store, working: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = await working()

    def defect(shares: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(round_module, "feed_together", defect)
    for work in works:
        with pytest.raises(ZeroDivisionError):
            await work


# --------------------------------------------------------------- packets that end the detector


class DiedError(BaseException):
    """The process is gone: nothing that follows is done."""


async def test_a_deadly_packet_costs_other_partitions_none(
    redis_client: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, together = Analyzer.feed, feed_together

    def look(packets: Iterable[Packet]) -> None:
        if any((packet.device, packet.seq) == ("bed-1-0", 5) for packet in packets):
            raise DiedError

    def alone(self: Analyzer, packets: list[Packet]) -> list[Output]:
        look(packets)
        return feed(self, packets)

    def all_of_them(shares: Any) -> list[list[Output]]:
        for _, packets in shares:
            look(packets)
        return together(shares)

    monkeypatch.setattr(Analyzer, "feed", alone)
    monkeypatch.setattr(round_module, "feed_together", all_of_them)
    for p in range(PARTITIONS):
        await publish(redis_client, p, bed(p, 0))
    deaths = 0
    for _ in range(20):
        shared = Round(redis_client)
        runners = await opened(redis_client, shared, clock)
        try:
            for _ in range(60):
                await shared.turn(runners, 1)
        except DiedError:
            deaths += 1
            continue
        break
    assert deaths == 1 + TRIES  # in a batch, and alone
    aside = [len(await redis_client.hgetall(keys.aside(p))) for p in range(PARTITIONS)]
    assert aside == [0, 1, 0]
    accepted = [await counted(redis_client, p) for p in range(PARTITIONS)]
    assert accepted == [14 * 360, 14 * 360 - 180, 14 * 360]


async def test_rounds_end_with_the_last_partition(redis_client: Store, working: Any) -> None:
    works = await working()
    before = len(asyncio.all_tasks())
    await cancel_all(works)
    await until(lambda: len(asyncio.all_tasks()) < before - 1)
