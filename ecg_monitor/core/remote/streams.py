"""Ids of entries in Redis streams, and streams that are read page by page.

An id is ``milliseconds-number``: when the entry was added by the server's clock, Unix ms, and its
place among those of the same millisecond.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from ecg_monitor.core.store import Store

PAGE = 1000
"""Entries read in one call: a few milliseconds in which Redis does nothing else."""


def entry_order(entry: str | bytes) -> tuple[int, int]:
    """Return what the ids of a stream compare by: time, Unix ms, and number."""
    text = entry.decode() if isinstance(entry, bytes) else entry
    milliseconds, _, number = text.partition("-")
    return int(milliseconds), int(number)


def entry_ms(entry: str | bytes) -> int:
    """Return when an entry was added to its stream, Unix ms."""
    return entry_order(entry)[0]


async def read_range(
    client: Store,
    stream: str,
    since: str = "-",
    until: str = "+",
    *,
    newest_first: bool = False,
    page: int = PAGE,
) -> AsyncIterator[tuple[str, dict[bytes, bytes]]]:
    """Yield the entries of a stream with their ids, reading a page at a time.

    Args:
        client: the client.
        stream: key of the stream.
        since: id of the first entry, or ``-``.
        until: id of the last entry, or ``+``.
        newest_first: begin with the last entry.
        page: entries read in one call.

    Raises:
        StoreError: Redis does not answer.
    """
    while True:
        entries: Any
        if newest_first:
            entries = await client.xrevrange(stream, until, since, page)
        else:
            entries = await client.xrange(stream, since, until, page)
        for entry, fields in entries:
            yield entry.decode(), fields
        if len(entries) < page:
            return
        last = f"({entries[-1][0].decode()}"
        since, until = (since, last) if newest_first else (last, until)
