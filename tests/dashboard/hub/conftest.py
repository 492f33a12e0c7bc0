"""A hub that runs, over a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dashboard.hub.server import Hub
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from tests.support.hub_sockets import (
    SECRET,
    sign_in,
)


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, secret=SECRET)


@pytest.fixture
async def hub(settings: Settings, redis_client: Store) -> AsyncIterator[Hub]:
    async with Hub(settings, 0) as running:
        yield running


@pytest.fixture
async def session(redis_client: Store) -> str:
    """Open the session of `open_socket` in the Redis of a test; returns its digest."""
    return await sign_in(redis_client)
