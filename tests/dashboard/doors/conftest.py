"""A dashboard over an empty Redis."""

from __future__ import annotations

import pytest
import redis

from ecg_monitor.core.settings import Settings

SECRET = "secret of the tests"


@pytest.fixture
def settings(redis_url: str) -> Settings:
    """Settings of a dashboard over a Redis that is empty when the test begins."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    return Settings(secret=SECRET, redis_url=redis_url)
