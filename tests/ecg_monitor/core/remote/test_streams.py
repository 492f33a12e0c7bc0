"""Ids of entries, and reading a stream page by page from a real Redis."""

from __future__ import annotations

import pytest

from ecg_monitor.core.remote.streams import entry_ms, entry_order, read_range
from ecg_monitor.core.store import Store

STREAM = "s"
IDS = [f"{ms}-{number}" for ms in (9, 10, 100) for number in (0, 1, 9, 10)]


@pytest.fixture
async def filled(redis_client: Store) -> Store:
    for entry in IDS:
        await redis_client.xadd(STREAM, {"id": entry}, id=entry)
    return redis_client


def test_ids_compare_by_time_and_then_by_number() -> None:
    assert sorted(IDS, key=entry_order) == IDS
    assert sorted(IDS) != IDS, "as texts they do not"
    assert entry_order(b"1790000000123-7") == entry_order("1790000000123-7") == (1790000000123, 7)
    assert entry_ms(b"1790000000123-7") == 1790000000123


@pytest.mark.parametrize("page", [1, 5, 6, 12, 13, 1000])
async def test_every_entry_comes_once_whatever_the_page(filled: Store, page: int) -> None:
    found = [(entry, fields) async for entry, fields in read_range(filled, STREAM, page=page)]
    assert found == [(entry, {b"id": entry.encode()}) for entry in IDS]
    back = [entry async for entry, _ in read_range(filled, STREAM, newest_first=True, page=page)]
    assert back == IDS[::-1]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("page", [2, 1000])
async def test_a_part_of_a_stream(filled: Store, newest_first: bool, page: int) -> None:
    entries = read_range(filled, STREAM, "10-0", "10", newest_first=newest_first, page=page)
    found = [entry async for entry, _ in entries]
    assert sorted(found, key=entry_order) == IDS[4:8]
    assert (found[0] == IDS[4]) is not newest_first


async def test_no_stream(redis_client: Store) -> None:
    assert [entry async for entry in read_range(redis_client, "nothing")] == []


async def test_no_more_is_read_than_needed(filled: Store) -> None:
    async def calls(least: int) -> int:
        await filled.config_resetstat()
        found = []
        async for entry, _ in read_range(filled, STREAM, newest_first=True, page=2):
            found.append(entry)
            if len(found) == least:
                break
        return int((await filled.info("commandstats"))["cmdstat_xrevrange"]["calls"])

    assert await calls(2) == 1
    assert await calls(3) == 2
    assert await calls(100) == 7
