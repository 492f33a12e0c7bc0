"""The seam to Redis says quickly and clearly what is wrong."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from ecg_monitor.core import store
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.launch.processes import free_port
from tests.support.waiting import allowed_s, eventually


@pytest.fixture
async def guarded_url(redis_client: store.Store, redis_url: str) -> AsyncIterator[str]:
    """URL of a Redis user whose password is `right` and who may do anything."""
    await redis_client.acl_setuser(
        "nurse", enabled=True, passwords=["+right"], categories=["+@all"], keys=["*"]
    )
    yield redis_url.replace("redis://", "redis://nurse:PASSWORD@")
    await redis_client.acl_deluser("nurse")


async def _check(url: str) -> None:
    async with store.answering(url):
        pass


async def test_a_server_that_answers_is_fine(redis_url: str) -> None:
    await _check(redis_url)


async def test_a_client_is_closed_whatever_happens_to_who_uses_it(redis_url: str) -> None:
    async def is_known() -> bool:
        async with store.answering(redis_url) as asking:
            return any(one["name"] == "short-lived" for one in await asking.client_list())

    async def is_gone() -> bool:
        return not await is_known()

    async def fail() -> None:
        async with store.answering(redis_url) as client:
            await client.client_setname("short-lived")
            assert await is_known()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await eventually(is_gone)


async def test_right_password_is_fine(guarded_url: str) -> None:
    await _check(guarded_url.replace("PASSWORD", "right"))


async def test_wrong_password_names_the_setting_at_once(guarded_url: str) -> None:
    began = time.monotonic()
    with pytest.raises(ServiceError, match=r"password in ECG_REDIS_URL") as caught:
        await _check(guarded_url.replace("PASSWORD", "wrong-secret"))
    assert time.monotonic() - began < allowed_s(5.0), "not tried again and again"
    assert "wrong-secret" not in str(caught.value)


async def test_unreachable_server_is_told_within_seconds() -> None:
    began = time.monotonic()
    with pytest.raises(ServiceError, match="cannot reach Redis"):
        await _check(f"redis://127.0.0.1:{free_port()}/0")
    assert time.monotonic() - began < allowed_s(20.0)


def test_malformed_url_names_the_setting() -> None:
    with pytest.raises(ServiceError, match="ECG_REDIS_URL"):
        store.connect("http://localhost")
