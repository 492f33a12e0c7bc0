"""The one actor of a cluster that keeps detectors running where there is room, and levels them.

Ray decides where a detector runs, and starts it anew; detectors take what nobody works on by
themselves. What is left is to ask Ray for as many detectors as machines offer, to move partitions
when detectors have come or machines are to go, and to say how the cluster is. While it is away
beds are followed all the same.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import ray
from ray.exceptions import ActorDiedError, RayError

from detector.cluster import register
from detector.cluster.actor import DetectorActor
from detector.cluster.levelling import Move, next_move
from detector.cluster.register import RESOURCE, Cluster, State
from ecg_monitor import logs
from ecg_monitor.core import settings, store
from ecg_monitor.core.store import StoreError

log = logging.getLogger("cluster")

NAMESPACE = "ecg-monitor"
LOOK_S = 0.5
"""Time between two looks at the detectors, s."""
AWAY_S = 3.0
"""A detector that has not answered for so long, s, is away: it is no place to move to."""
REFUSED_S = 10.0
"""A detector that has refused to begin is asked again after so long, s."""
MOVE_S = 10.0
"""Longest time for a detector to let go or to take, s; then the partition is whose it is."""


class Supervisor:
    """Begins when it is made, and ends with the cluster.

    Args:
        cluster: whose it is.
    """

    def __init__(self, cluster: Cluster) -> None:
        own = settings.load()
        logs.set_up(own.log_level)
        self._cluster = cluster
        self._client = store.connect(own.require("redis_url"))
        self._handles: dict[str, Any] = {}
        self._asked: dict[str, asyncio.Future[State]] = {}
        self._found: dict[str, State] = {}
        self._heard: dict[str, float] = {}
        self._refused: dict[str, str] = {}
        self._not_before: dict[str, float] = {}
        self._leaving: set[str] = set()
        self._by_hand = False
        self._work = asyncio.ensure_future(self._run())

    async def began(self) -> bool:
        """Return true: whoever has made it knows then that it runs."""
        return not self._work.done()

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
                if not await register.renew(self._client, self._cluster, self._state()):
                    log.error("another cluster works on this Redis: this one stands down")
                    await self._stand_down()
                given = await register.next_order(self._client, LOOK_S)
                if given is not None:
                    await register.answer(self._client, given, await self._obey(given))
                await self._move_on()
            except StoreError as error:
                log.warning("Redis: %s; trying again", error)
                await asyncio.sleep(LOOK_S)
            except (RayError, TimeoutError) as error:
                log.warning("Ray: %s; trying again", error or "no answer")
                await asyncio.sleep(LOOK_S)

    def _state(self) -> State:
        """Return what is told: detectors by name, machines that leave, what was refused."""
        return {
            "detectors": self._found,
            "leaving": sorted(self._leaving),
            "refused": self._refused,
            "by_hand": self._by_hand,
        }

    async def _look(self) -> None:
        """Have as many detectors as there is room for, and ask each how it is.

        One whose machine is lost waits within Ray until there is room again.
        """
        room = await asyncio.to_thread(ray.cluster_resources)
        for number in range(int(room.get(RESOURCE, 0))):
            name = f"detector-{number}"
            if name not in self._handles and time.monotonic() >= self._not_before.get(name, 0.0):
                self._handles[name] = self._make(name)
        for name in self._handles.keys() - self._asked.keys():
            self._asked[name] = asyncio.ensure_future(self._ask(name))
        if self._asked:
            await asyncio.wait(self._asked.values(), timeout=LOOK_S)
        before = self._pids()
        for name, asked in list(self._asked.items()):
            if not asked.done():
                if time.monotonic() - self._heard.get(name, 0.0) > AWAY_S:
                    self._found.pop(name, None)
                continue
            del self._asked[name]
            if answer := asked.result():
                self._found[name] = answer
                self._heard[name] = time.monotonic()
            else:
                self._found.pop(name, None)
        if self._pids() != before:
            self._by_hand = False  # one has come, or gone
        self._leaving &= {one["node"] for one in self._found.values()}

    def _pids(self) -> dict[str, int]:
        return {name: one["pid"] for name, one in self._found.items()}

    def _make(self, name: str) -> Any:
        return (
            ray.remote(DetectorActor)
            .options(
                name=name,
                get_if_exists=True,
                lifetime="detached",
                max_restarts=-1,
                num_cpus=0,
                resources={RESOURCE: 1},
                scheduling_strategy="SPREAD",
            )
            .remote(self._cluster)
        )

    async def _ask(self, name: str) -> State:
        """Return a detector's state; nothing of one that is away, or waits for a machine."""
        try:
            state: State = await self._handles[name].status.remote()
        except ActorDiedError as error:  # not away: it has refused to begin
            self._refused[name] = str(error.__cause__ or error).strip().splitlines()[-1]
            self._not_before[name] = time.monotonic() + REFUSED_S
            del self._handles[name]
            return {}
        except RayError:
            return {}
        self._refused.pop(name, None)
        return state

    async def _move_on(self) -> None:
        """Move one partition, if some detectors own more than others, or a machine is to go."""
        leaving = [name for name, one in self._found.items() if one["node"] in self._leaving]
        if self._by_hand and not leaving:
            return
        move = next_move({name: one["owned"] for name, one in self._found.items()}, leaving)
        if move is not None:
            await self._carry_out(move)

    async def _carry_out(self, move: Move) -> float:
        """Move a partition; return how long nobody worked on it at most, s.

        Raises:
            RayError: a detector has died meanwhile. Who stands by takes the partition then.
            TimeoutError: as of the above, if one hangs.
        """
        began = time.monotonic()
        async with asyncio.timeout(MOVE_S):
            await self._handles[move.source].release.remote(move.partition)
            await self._handles[move.target].take.remote(move.partition)
        took_s = time.monotonic() - began
        log.info(
            "partition %d moved from %s to %s in %.2f s",
            *(move.partition, move.source, move.target, took_s),
        )
        return took_s

    async def _obey(self, given: State) -> State:
        """Carry out an order, and return the answer to it."""
        names = {one["node"] for one in self._found.values()}
        if given["node"] not in names:
            return {"problem": f"no node {given['node']}; there are {', '.join(sorted(names))}"}
        if given["what"] == "drain":
            if names <= self._leaving | {given["node"]}:
                return {"problem": f"{given['node']} is the last node: nobody could take over"}
            self._leaving.add(given["node"])
            return {"left": self._owned_by(given["node"])}
        return await self._move_to(int(given["partition"]), given["node"])

    def _owned_by(self, node: str) -> list[int]:
        return sorted(
            p for one in self._found.values() if one["node"] == node for p in one["owned"]
        )

    async def _move_to(self, partition: int, node: str) -> State:
        source = next((n for n, one in self._found.items() if partition in one["owned"]), None)
        if source is None:
            return {"problem": f"no detector of the cluster owns partition {partition} now"}
        if self._found[source]["node"] == node:
            return {"problem": f"partition {partition} is on {node} already"}
        if node in self._leaving:
            return {"problem": f"{node} is being drained"}
        here = [name for name, one in self._found.items() if one["node"] == node]
        target = min(here, key=lambda name: len(self._found[name]["owned"]))
        try:
            took_s = await self._carry_out(Move(partition, source, target))
        except (RayError, TimeoutError) as error:
            return {"problem": f"partition {partition} was not moved: {error}"}
        self._by_hand = True  # it stays until a detector comes or goes
        return {"took_s": round(took_s, 3)}

    async def _stand_down(self) -> None:
        for handle in self._handles.values():
            ray.kill(handle, no_restart=True)
        ray.kill(ray.get_runtime_context().current_actor, no_restart=True)
