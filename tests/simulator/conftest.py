"""Helpers of the simulator's tests: small patients, and an ear at the broker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest

from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.records import BeatMark, Recording, RhythmMark


def make_recording(n: int = 1000, fs: float = 100.0, **fields: object) -> Recording:
    """A recording whose samples tell their own index, with a beat every second."""
    rows = np.stack([np.arange(n), -np.arange(n)]).astype(np.int16)
    values: dict[str, object] = {
        "name": "ramp",
        "fs": fs,
        "leads": ("II", "V1"),
        "gain": (200.0, 100.0),
        "baseline": (0.0, 5.0),
        "samples": rows,
        "beats": tuple(BeatMark(i, "N") for i in range(50, n, 100)),
        "rhythms": (RhythmMark(10, "(N"),),
    }
    return Recording(**(values | fields))


@pytest.fixture(scope="session")
def ramp() -> Callable[..., Recording]:
    """Maker of recordings whose samples tell their own index."""
    return make_recording


class Ear:
    """What came over the broker, in order."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []

    def payloads(self, topic: str) -> list[bytes]:
        return [payload for name, payload, _ in self.messages if name == topic]


@pytest.fixture
def listen() -> Callable[[str, str], AbstractAsyncContextManager[Ear]]:
    """Context manager: subscribe to a filter with QoS 1 and collect everything."""

    @contextlib.asynccontextmanager
    async def listening(url: str, topic: str) -> AsyncIterator[Ear]:
        ear = Ear()
        async with mqtt.connect(url, patience_s=30.0) as client:
            await client.subscribe(topic, qos=1)

            async def collect() -> None:
                async for message in client.messages:
                    ear.messages.append(
                        (str(message.topic), bytes(message.payload), message.retain)
                    )

            task = asyncio.create_task(collect())
            try:
                yield ear
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    return listening
