"""Histories of alerts: what a detector, staff and an overseer may do, in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.types import Alarm, Priority
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.trail import Entry

T0 = 1_700_000_000.0


def make_alarm(
    kind: str = "asystole",
    priority: Priority = "high",
    n: int = 1000,
    present: bool = True,
    value: float | None = 4.2,
    limit: float | None = 4.0,
) -> Alarm:
    return Alarm(kind, priority, n, n + 500, present, value, limit)


@pytest.fixture
def alarm() -> Callable[..., Alarm]:
    """`make_alarm`."""
    return make_alarm


class Detector:
    """Writes facts to Redis as the owner of partition 0 does."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.book = AlertBook()

    async def say(self, alarm: Alarm, now: float = T0, device: str = "bed-01") -> Entry | None:
        entry = self.book.note(device, "boot1", alarm, now - 4.0, now)
        if entry is not None and entry.alert is not None:
            async with self.store.pipeline(transaction=True) as pipe:
                pipe.hset(keys.alerts(0), entry.alert.id, entry.alert.to_json())
                pipe.xadd(keys.alertlog(0), entry.to_fields())
                await pipe.execute()
        return entry


@pytest.fixture
def detector(redis_client) -> Detector:
    return Detector(redis_client)
