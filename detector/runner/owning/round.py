"""One round for all partitions of a process: one read, one analysis, then a commit for each.

Beds of all partitions share a call of the engine and a run of the networks, and few beds wake the
process once rather than once for each partition. What is written stays apart: a partition that is
lost, or whose server does not answer, leaves the round with its error, and the others go on. Where
partitions lie on several Redis servers those of each server go round by themselves
(`detector.runner.owning.ownership`): nobody waits for a server that is not its own.

A partition that an owner before us may have died over (`PartitionRunner.reads_alone`) ticks by
itself in the round: its packets go one by one, beside no others.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

from detector.analyzer.analyzer import Apparatus, feed_together
from detector.runner.partition import BLOCK_MS, READ_COUNT, PartitionRunner, Tick
from detector.runner.turns import TICK_S, least_tick_s
from ecg_monitor.core import keys
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError, read_words

log = logging.getLogger("detector")

SLOW_S = 0.5
"""A commit whose answer does not come for so long, s, is waited for beside the rounds: its
partition takes part again once it is there."""
LEAVE_S = 2.0
"""Who leaves waits so long for the end of a round, s. One that takes longer waits for a server that
does not answer: it is broken off, and its partitions are taken anew."""
LEAST_COUNT = 100
"""Entries of a partition's stream that are read in a round at least."""


class _Member:
    """A partition that takes part.

    Attributes:
        runner: of the partition.
        ended: gets the error that ends its part.
        free: no round is at work on it.
        leaving: no round is to take it any more.
        ticked_at: monotonic time of its last tick, s.
        commit: its commit, while it is waited for.
    """

    def __init__(self, runner: PartitionRunner) -> None:
        self.runner = runner
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.free = asyncio.Event()
        self.free.set()
        self.leaving = False
        self.ticked_at = -math.inf
        self.commit: asyncio.Task[None] | None = None

    def fail(self, error: BaseException) -> None:
        """End its part."""
        if not self.ended.done():
            self.ended.set_exception(error)
            self.ended.exception()  # whoever has left asks for it no more


class Round:
    """The partitions that a process works on, in rounds of all of them.

    Args:
        store: client.

    Attributes:
        apparatus: what their analyzers share.
    """

    def __init__(self, store: Store) -> None:
        self.apparatus = Apparatus()
        self._store = store
        self._members: list[_Member] = []
        self._task: asyncio.Task[None] | None = None
        self._settled = 0

    async def work(self, runner: PartitionRunner) -> None:
        """Take a partition into the rounds, until cancelled; its state is saved then.

        Args:
            runner: of the partition; of no use afterwards.

        Raises:
            FencedError: another process has taken it over.
            StoreError: Redis does not answer.
        """
        member = _Member(runner)
        self._members.append(member)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            await asyncio.shield(member.ended)
        except asyncio.CancelledError:
            member.leaving = True
            await self._leave(member)
            raise
        finally:
            self._remove(member)
            await runner.close()

    async def turn(self, runners: Iterable[PartitionRunner], block_ms: int = BLOCK_MS) -> None:
        """Go one round in which each of some partitions ticks, and wait for all that is committed.

        Args:
            runners: of partitions that have the round's apparatus.
            block_ms: longest wait for packets, ms.

        Raises:
            FencedError: another process has taken one of them over.
            StoreError: Redis does not answer.
        """
        members = [_Member(runner) for runner in runners]
        await self._turn(members, block_ms)
        for member in members:
            if member.commit is not None:
                await member.commit
            if member.ended.done():
                member.ended.result()

    async def _run(self) -> None:
        """Go round until nobody takes part."""
        try:
            while self._members:
                started = time.monotonic()
                members = self._present()
                if not members:
                    await self._others_come()
                    continue
                for member in members:
                    member.free.clear()
                await self._turn(members, BLOCK_MS)
                for member in members:
                    if member.commit is None:
                        member.free.set()
                await asyncio.sleep(self._pause_s(started))
        except Exception as error:  # a defect: whoever owns the partitions ends by it
            self._break_off(error)

    def _pause_s(self, started: float) -> float:
        """Return how long to wait before the next round that follows one begun then, s."""
        beds = sum(member.runner.beds for member in self._members)
        if beds > self._settled:
            # State of a bed lives long: the collector need not search it again and again, which
            # costs a fifth of the time at 2000 beds.
            self._settled = beds
            gc.freeze()
        if any(member.runner.reads_alone for member in self._members):
            return 0.0
        return max(0.0, started + least_tick_s(beds) - time.monotonic())

    def _present(self) -> list[_Member]:
        """Return who takes part in the next round: also those whose commit has come meanwhile."""
        for member in self._members:
            if member.commit is not None and member.commit.done():
                _settle(member)
                member.free.set()
        self._members = [member for member in self._members if not member.ended.done()]
        return [one for one in self._members if one.commit is None and not one.leaving]

    async def _others_come(self) -> None:
        """Wait for commits, or for those who leave: there is nobody to go round with."""
        commits = [member.commit for member in self._members if member.commit is not None]
        if commits:
            await asyncio.wait(commits, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(TICK_S)

    async def _turn(self, members: list[_Member], block_ms: int) -> None:
        """Go one round; who fails in it is told so, and what is slow stands in `commit`."""
        alone = [member for member in members if member.runner.reads_alone]
        others = [member for member in members if member not in alone]
        if others:
            found = await self._read(others, 1 if alone else block_ms)
            ticks = await self._begin(found)
            shares = [(one.runner.state.analyzer, tick.packets) for one, tick in ticks.items()]
            if shares:
                await self._conclude(ticks, feed_together(shares))
        for member in alone:
            try:
                await member.runner.tick(block_ms=1)
            except Exception as error:
                member.fail(error)

    async def _begin(self, found: dict[_Member, Sequence[Any]]) -> dict[_Member, Tick]:
        """Begin the ticks of those for whom something has come, or who have waited for long."""
        ticks: dict[_Member, Tick] = {}
        now = time.monotonic()
        for member, entries in found.items():
            if not entries and now - member.ticked_at < BLOCK_MS / 1000:
                continue
            member.ticked_at = now
            try:
                ticks[member] = tick = await member.runner.begin()
            except Exception as error:
                member.fail(error)
            else:
                member.runner.read(tick, entries)
        return ticks

    async def _read(self, members: list[_Member], block_ms: int) -> dict[_Member, Sequence[Any]]:
        """Return what has come for each in one answer; who has no server leaves."""
        positions = {keys.wave(one.runner.partition): one.runner.position for one in members}
        count = max(LEAST_COUNT, READ_COUNT // len(members))
        try:
            found = dict(await read_words(self._store, positions, count, block_ms))
        except StoreError as error:
            return await self._read_each(members, count, error)
        return {one: found.get(keys.wave(one.runner.partition), ()) for one in members}

    async def _read_each(
        self, members: list[_Member], count: int, error: StoreError
    ) -> dict[_Member, Sequence[Any]]:
        """Find out of whom the read has failed: partitions may lie on several servers."""
        answers: list[Any] = [error]
        if len(members) > 1:
            positions = ({keys.wave(one.runner.partition): one.runner.position} for one in members)
            reads = (read_words(self._store, one, count, 1) for one in positions)
            answers = await asyncio.gather(*reads, return_exceptions=True)
        found: dict[_Member, Sequence[Any]] = {}
        for member, answer in zip(members, answers, strict=True):
            if isinstance(answer, BaseException):
                member.fail(answer)
            else:
                found[member] = answer[0][1] if answer else ()
        return found

    async def _conclude(self, ticks: dict[_Member, Tick], outputs: list[list[Any]]) -> None:
        """Commit what has been found, each partition by itself."""
        for (member, tick), own in zip(ticks.items(), outputs, strict=True):
            try:
                await member.runner.conclude(tick, own)
            except Exception as error:
                member.fail(error)
                continue
            member.commit = asyncio.create_task(member.runner.commit(tick))
        commits = [member.commit for member in ticks if member.commit is not None]
        if commits:
            await asyncio.wait(commits, timeout=SLOW_S)
        for member in ticks:
            if member.commit is not None and member.commit.done():
                _settle(member)

    async def _leave(self, member: _Member) -> None:
        """Save a partition's state between two rounds; what it is stuck in is broken off."""
        try:
            async with asyncio.timeout(LEAVE_S):
                await member.free.wait()
        except (TimeoutError, asyncio.CancelledError):
            log.warning("partition %d: the last state is not saved", member.runner.partition)
            await self._abandon(member)
            return
        self._remove(member)
        if not member.ended.done():
            await _save(member.runner)

    async def _abandon(self, member: _Member) -> None:
        """Break off what holds a partition: its own commit, else the round."""
        if member.commit is not None:
            await cancel_all([member.commit])
        elif self._task is not None:
            await cancel_all([self._task])
            self._break_off(StoreError("a round was broken off: a server does not answer"))

    def _remove(self, member: _Member) -> None:
        self._members = [one for one in self._members if one is not member]

    def _break_off(self, error: BaseException) -> None:
        """End the part of all: it is not known how far the round has come."""
        for member in self._members:
            member.fail(error)
        self._members = []


def _settle(member: _Member) -> None:
    """Take note of what has become of a commit that has come."""
    commit, member.commit = member.commit, None
    error = None if commit is None or commit.cancelled() else commit.exception()
    if error is not None:
        member.fail(error)


async def _save(runner: PartitionRunner) -> None:
    try:
        await runner.save_all()
    except StoreError as error:  # what follows the last checkpoints is then analysed again
        log.warning("the last state could not be saved: Redis: %s", error)
