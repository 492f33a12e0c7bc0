"""Accounts over a real, empty Redis, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.accounts.people import People


@dataclass
class Clock:
    """Unix time, s."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, secret="secret of the tests")


@pytest.fixture
def people(redis_client: Store, clock: Clock) -> People:
    return People(redis_client, "A. Admin", "10.0.0.1", clock)


@pytest.fixture
def entrance(redis_client: Store, settings: Settings, clock: Clock) -> Entrance:
    return Entrance(redis_client, settings, clock)
