"""What a new desk is told, and that its part of a checkpoint comes back: one class, one entry."""

from __future__ import annotations

from typing import Any

from detector.runner.desk import Bed, Desk
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.remote.streams import entry_order
from ecg_monitor.core.settings import Settings

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
BED = "bed-01"


class CountingDesk(Desk):
    """Counts the events of every device, and notes in what order it is told."""

    PART = "count"

    def __init__(self) -> None:
        self.events: dict[str, int] = {}
        self.told: list[str] = []

    async def before(self, commit: Any, now: float) -> None:
        self.told.append("before")

    def opened(self, packet: Any) -> None:
        self.told.append("opened")

    def take(self, commit: Any, output: Any, news: Any, now: float) -> None:
        self.events[output.device] = self.events.get(output.device, 0) + len(news)

    def progress(self, commit: Any, device: str, now: float) -> None:
        self.told.append("progress")

    async def after(self, commit: Any, now: float, *, caught_up: bool) -> None:
        self.told.append("after" if caught_up else "after, behind")

    def figures(self) -> dict[str, Any]:
        return {"counted": sum(self.events.values())}

    def save(self, device: str) -> bytes:
        return str(self.events[device]).encode()

    def load(self, device: str, saved: bytes | None) -> None:
        self.events[device] = int(saved or 0)

    def saved(self, commit: Any, device: str, now: float) -> None:
        self.told.append("saved")

    def resumed(self, device: str, now: float) -> None:
        self.told.append("resumed")

    def started_anew(self, device: str, now: float) -> None:
        self.told.append("started anew")


async def started(store: Any, clock: Any) -> tuple[PartitionRunner, CountingDesk]:
    """A runner with one desk more."""
    desk = CountingDesk()
    return await PartitionRunner.open(store, 0, SETTINGS, clock, [desk]), desk


async def test_a_desk_is_told_of_every_step(
    redis_client: Any, clock: Any, publish: Any, pulses: Any, packetize: Any
) -> None:
    await publish(packetize(pulses(FS, 10, 70), FS, 180))
    clock.time = START + 10
    runner, desk = await started(redis_client, clock)
    await runner.tick(block_ms=1)
    assert desk.told == ["before", "opened", "progress", "after", "saved"]
    assert desk.events[BED] > 20
    lag = await redis_client.hgetall(keys.lag(0))
    assert int(lag[b"counted"]) == desk.events[BED]

    _, successor = await started(redis_client, clock)
    assert successor.events == desk.events
    assert successor.told == ["resumed"]

    state = codec.opened(await redis_client.get(keys.state(0, BED)))
    assert state["count"] == str(desk.events[BED]).encode()
    await redis_client.set(keys.state(0, BED), codec.packed({**state, "analyzer": b""}))
    _, third = await started(redis_client, clock)
    assert (third.told, third.events) == (["started anew"], {})


def test_a_desk_need_not_take_part_in_anything() -> None:
    assert Desk().save(BED) is None
    assert Desk().figures() == {}


def test_a_bed_is_current_once_all_that_was_committed_has_been_read() -> None:
    bed = Bed(DeviceClock(FS), "boot", replay_until="20-3")
    for entry, current in (("9-9", False), ("20-2", False), ("20-3", True), ("100-0", True)):
        bed.last_entry = entry
        assert bed.is_current is current
    assert entry_order("9-9") < entry_order("20-2") < entry_order("100-0")
