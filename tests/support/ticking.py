"""Ticks of a partition, in tests that say what time it is."""

from __future__ import annotations

from detector.runner.partition import PartitionRunner


async def tick(runner: PartitionRunner) -> int:
    """Let a partition tick, and once more with what its desks have fetched meanwhile.

    What was still being fetched before comes first: it may be older than what the test has done.

    Returns:
        how many packets both have read.
    """
    await runner.fetched()
    read = await runner.tick(block_ms=1)
    await runner.fetched()
    return read + await runner.tick(block_ms=1)
