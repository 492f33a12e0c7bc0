"""Pages are told how far a start of the analysis is."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from dashboard.hub import entries
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.outbox import Outbox
from dashboard.hub.polling import PartitionPoller
from dashboard.hub.requests import Subscription
from ecg_monitor.core import keys
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from tests.support.waiting import until


@pytest.mark.parametrize(
    ("text", "share"),
    [(None, None), (b"0.42", 0.42), (b"7", 1.0), (b"-1", 0.0), (b"half", None)],
)
def test_a_share_is_read(text: bytes | None, share: float | None) -> None:
    assert entries.share(text) == share


async def test_the_reader_brings_it_and_its_end(redis_client: Store) -> None:
    core = HubCore(1, 0.0)
    client = Client(Outbox(lambda: None))
    core.connect(client)
    core.request(client, Subscription(), 0.0)
    await redis_client.set(keys.STARTING, "0.42")
    poller = PartitionPoller(core, redis_client, 0)
    await poller.fetch(sweep_alarms=False)
    core.tick(0.0)
    told = [one for text in client.outbox.take() for one in orjson.loads(text)]
    assert [one["starting"] for one in told if one["t"] == "hub"][-1] == 0.42
    await redis_client.delete(keys.STARTING)
    polling = asyncio.create_task(poller.poll())
    try:
        await until(lambda: core.starting is None)
    finally:
        await cancel_all([polling])
