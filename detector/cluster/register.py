"""What a cluster says of itself in Redis: who it is, how it is, and which orders it takes.

One hash, which expires, is all of it: a cluster that renews it is there, and no other may begin on
the same Redis. Orders come as JSON in a list, each answered in a list of its own, so that neither
`ecg-monitor cluster status` nor whoever else asks need know Ray.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any

import orjson

import ecg_monitor
from ecg_monitor.core import keys
from ecg_monitor.core.config_file import read_config
from ecg_monitor.core.errors import ServiceError, SettingsError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.ward.limits.file import HANDLING, load_limits

HELD_S = 15.0
"""A cluster that has not said that it is there for so long, s, has gone: longer than Ray takes to
find that a machine is lost and to start the supervisor on another."""
NODE = "_ECG_NODE"
"""Environment variable of a machine's detectors: its name."""
DISK = "_ECG_DISK"
"""Likewise: the folder of Ray's sockets and logs."""
RESOURCE = "ecg-detector"
"""What a machine offers to Ray: room for so many detectors."""
ANSWER_S = 20.0
"""Longest wait for the answer to an order, s."""
DRAIN_S = 30.0
"""Longest time for a machine to become empty, s."""
AGAIN_S = 0.3
_RENEW = lua(__name__, "renew")
_WITHDRAW = lua(__name__, "withdraw")

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster, as its first machine began it; every machine of it must agree.

    Attributes:
        id: by chance.
        address: ``host:port`` of its first machine, for Ray.
        version: of ecg-monitor.
        partitions: number of partitions.
        limits: digest of the alarm limits in force.
    """

    id: str
    address: str
    version: str
    partitions: int
    limits: str

    @classmethod
    def begin(cls, address: str, settings: Settings) -> Cluster:
        """Return a new one that is as this machine is."""
        return cls(secrets.token_hex(4), address, *_terms(settings))

    def check(self, settings: Settings) -> None:
        """Say whether this machine may be part of it.

        Raises:
            SettingsError: it has another version, number of partitions or limits.
        """
        named = f"the cluster {self.id} at {self.address}"
        version, partitions, limits = _terms(settings)
        if version != self.version:
            raise SettingsError(
                f"this machine has ecg-monitor {version}, {named} has {self.version}: "
                "all machines of a cluster need the same version; install that one here"
            )
        if partitions != self.partitions:
            raise SettingsError(
                f"ECG_PARTITIONS is {partitions} here and {self.partitions} in {named}"
            )
        if limits != self.limits:
            raise SettingsError(
                f"ECG_CONFIG has other alarm limits here than in {named}: "
                "a bed's alarms must not depend on the machine that follows it"
            )


def _terms(settings: Settings) -> tuple[str, int, str]:
    """Return what machines must agree on: version, partitions, digest of the limits."""
    load_limits(settings.config)  # says what is wrong with it
    told = {name: table for name, table in read_config(settings.config).items() if name != HANDLING}
    text = orjson.dumps(told, default=str, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(text).hexdigest()[:16]
    return ecg_monitor.__version__, settings.partitions, digest


async def find(store: Store) -> tuple[Cluster, State] | None:
    """Return the cluster that works on this Redis, with its state; None if there is none.

    Raises:
        StoreError: Redis does not answer.
    """
    fields = await read_hash(store, keys.CLUSTER)
    if not fields:
        return None
    return Cluster(**orjson.loads(fields["cluster"])), orjson.loads(fields["state"])


async def renew(store: Store, cluster: Cluster, state: State, held_s: float = HELD_S) -> bool:
    """Say that the cluster is there; return whether it is the only one on this Redis.

    Raises:
        StoreError: Redis does not answer.
    """
    args: list[str | bytes | int] = [cluster.id, round(held_s * 1000)]
    args += ["cluster", orjson.dumps(asdict(cluster)), "state", orjson.dumps(state)]
    return bool(await store.register_script(_RENEW)(keys=[keys.CLUSTER], args=args))


async def withdraw(store: Store, cluster: Cluster) -> None:
    """Say that the cluster is not there, so that another may begin at once.

    Raises:
        StoreError: Redis does not answer.
    """
    await store.register_script(_WITHDRAW)(keys=[keys.CLUSTER], args=[cluster.id])


async def order(store: Store, what: str, **values: Any) -> State:
    """Give the cluster an order and return the answer.

    Raises:
        ServiceError: there is no cluster, it does not answer, or it cannot do that.
        StoreError: Redis does not answer.
    """
    if await find(store) is None:
        raise ServiceError("no cluster works on this Redis: `ecg-monitor cluster start` begins one")
    name = secrets.token_hex(8)
    text = orjson.dumps({"id": name, "at": time.time(), "what": what, **values})
    await store.lpush(keys.CLUSTER_ORDERS, text)
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        found: Any = await store.brpop([keys.cluster_answer(name)], timeout=1)
        if found is not None:
            answer: State = orjson.loads(found[1])
            if "problem" in answer:
                raise ServiceError(answer["problem"])
            return answer
    raise ServiceError(
        f"the cluster's supervisor has not answered within {ANSWER_S:.0f} s; "
        "beds are followed all the same, and Ray starts it again"
    )


async def drain(store: Store, node: str) -> None:
    """Have everything moved away from a machine, and wait for it.

    Raises:
        ServiceError: there is no such machine, it is the last, or it takes too long.
        StoreError: Redis does not answer.
    """
    deadline = time.monotonic() + DRAIN_S
    while (said := await order(store, "drain", node=node))["left"]:
        if time.monotonic() > deadline:
            left = ", ".join(map(str, said["left"]))
            raise ServiceError(f"{node} still owns {left} after {DRAIN_S:.0f} s")
        await asyncio.sleep(AGAIN_S)


async def next_order(store: Store, within_s: float) -> State | None:
    """Wait for an order, and return it; None if none has come, or nobody waits for it any more.

    Raises:
        StoreError: Redis does not answer.
    """
    found: Any = await store.brpop([keys.CLUSTER_ORDERS], timeout=within_s)
    if found is None:
        return None
    given: State = orjson.loads(found[1])
    return given if time.time() - given["at"] < ANSWER_S else None


async def answer(store: Store, given: State, said: State) -> None:
    """Answer an order.

    Raises:
        StoreError: Redis does not answer.
    """
    name = keys.cluster_answer(given["id"])
    async with store.pipeline() as pipe:
        pipe.lpush(name, orjson.dumps(said))
        pipe.expire(name, round(ANSWER_S))
        await pipe.execute()
