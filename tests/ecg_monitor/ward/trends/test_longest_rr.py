"""The longest RR interval of a span, of minutes that are over and of those that run."""

from __future__ import annotations

import cbor2
import numpy as np
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store
from ecg_monitor.ward.trends.kept import read_longest_rr
from ecg_monitor.ward.trends.minute import BEAT, MinuteBeats, pack_beats

T0 = 1_700_000_000.0
BED = "bed-01"


def beats(number: int, *rr_ms: int) -> bytes:
    """A minute whose beats have these RR intervals; 0: it is not known."""
    rows = [(250 * i, rr, 0, 0) for i, rr in enumerate(rr_ms)]
    return pack_beats(MinuteBeats("b", number, 250.0, np.array(rows, BEAT)))


@pytest.fixture
async def minutes(redis_client: Store) -> Store:
    """Three minutes that are over, and a fourth that runs."""
    over = {beats(0, 800, 3100): T0, beats(1, 0, 900): T0 + 60, beats(2): T0 + 120}
    await redis_client.zadd(keys.beats(0, BED), over)
    running = cbor2.dumps([[T0 + 180, b"", beats(3, 700, 4200)]])
    await redis_client.hset(keys.trend_now(0), BED, running)
    return redis_client


@pytest.mark.parametrize(("first", "end", "found"), [
    (0, 4, (4.2, T0 + 180)), (0, 3, (3.1, T0)), (1, 3, (0.9, T0 + 60)), (2, 3, None), (4, 9, None),
])  # fmt: skip
async def test_the_longest_one_that_began_in_the_span(
    minutes: Store, first: int, end: int, found: tuple[float, float] | None
) -> None:
    since, until = T0 + 60 * first, T0 + 60 * end
    assert await read_longest_rr(minutes, 0, BED, since, until) == found
