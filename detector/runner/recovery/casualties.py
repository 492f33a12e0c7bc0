"""Packets that end the detector are set aside, so that one device never stops all beds.

What ends a process without a word (a defect in compiled code, a memory that is full) would end the
next one as well, which reads the same packets again. So whoever takes a partition over looks
whether its predecessor has come any further than where it began. If not, the packets that wait are
analysed one by one, and before each its id is written down. The one that stands there when another
process has died is tried once more, since that may have been chance (a machine that was switched
off); then it is set aside: never analysed, counted as ``refused:fatal``, and told among the
refusals with the reason.

A device of which `MOST` packets have been set aside has a state that ends the detector whatever
comes: that state is dropped, and the device starts anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from detector.runner.fence import Commit, Fence
from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import entry_order
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.ward.devices.refusal import LastRefusal

log = logging.getLogger("detector")

TRIES = 2
"""Processes that must have died over a packet before it is set aside."""
MOST = 3
"""Packets of one device that are set aside before its state is dropped."""
KEPT = 1000
"""Refusals kept, as by ingest."""
PROBLEM = "payload: the detector died of this packet {tries} times, and sets it aside; a defect"
_POSITION, _SUSPECT = "position", "suspect"


@dataclass(slots=True)
class Casualties:
    """What has ended the detector on one partition.

    Attributes:
        partition: its number.
        committed: id of the last packet whose analysis has been committed, at the take-over.
        until: id of the last packet that is analysed alone; before `committed`: none is.
        aside: ids of packets that are not analysed -> device.
        tried: packet that the predecessor died of -> how often that has happened.
    """

    partition: int
    committed: str
    until: str
    aside: dict[str, str] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def look_back(cls, store: Store, fence: Fence, committed: str, now: float) -> Casualties:
        """Find out how the predecessor has ended, and write down where we begin.

        Args:
            store: client.
            fence: the right to write.
            committed: id of the last packet whose analysis has been committed.
            now: Unix time, s.

        Raises:
            FencedError: another process has taken over meanwhile.
            StoreError: Redis does not answer.
        """
        partition = fence.partition
        left = await read_hash(store, keys.crash(partition))
        aside = await read_hash(store, keys.aside(partition))
        first: Any = await store.xrange(keys.wave(partition), count=1)
        newest: Any = await store.xrevrange(keys.wave(partition), count=1)
        self = cls(partition, committed, committed)
        commit = Commit()
        oldest = entry_order(first[0][0]) if first else (0, 0)
        for entry, device in aside.items():
            if entry_order(entry) < oldest:
                commit.add("HDEL", keys.aside(partition), entry)
            else:
                self.aside[entry] = device.decode()
        if newest and (_SUSPECT in left or left.get(_POSITION) == committed.encode()):
            self.until = newest[0][0].decode()
        if _SUSPECT in left:
            suspect, count, owner = left[_SUSPECT].decode().split(" ")
            self.tried[suspect] = int(count)
            if int(count) >= TRIES:
                self._set_aside(commit, suspect, owner, now)
        commit.add("HSET", keys.crash(partition), _POSITION, committed)
        await fence.commit(commit)
        return self

    def alone(self, entry: str) -> bool:
        """Return whether a packet is to be analysed alone."""
        return entry_order(self.committed) < entry_order(entry) <= entry_order(self.until)

    def must_start_anew(self, device: str) -> bool:
        """Return whether the state of a device ends the detector whatever comes."""
        return list(self.aside.values()).count(device) >= MOST

    async def before(self, store: Store, entry: str, device: str) -> None:
        """Write down which packet is analysed next.

        Raises:
            StoreError: Redis does not answer.
        """
        count = self.tried.get(entry, 0) + 1
        await store.hset(keys.crash(self.partition), _SUSPECT, f"{entry} {count} {device}")

    def survived(self, commit: Commit) -> None:
        """It has been analysed: nothing is written down any more once this is committed."""
        commit.add("HDEL", keys.crash(self.partition), _SUSPECT)

    def _set_aside(self, commit: Commit, entry: str, device: str, now: float) -> None:
        problem = PROBLEM.format(tries=TRIES)
        log.error("partition %d: %s, packet %s: %s", self.partition, device, entry, problem)
        self.aside[entry] = device
        self.survived(commit)
        commit.add("HSET", keys.aside(self.partition), entry, device)
        commit.add("HINCRBY", keys.counters(self.partition), f"{device}|refused:fatal", 1)
        told = ("d", device, "t", f"{now:.6f}", "e", problem)
        commit.add("XADD", keys.refusals(self.partition), "MAXLEN", "~", KEPT, "*", *told)
        last = LastRefusal(round(now, 3), "fatal", problem).to_json()
        commit.add("HSET", keys.refused(self.partition), device, last)
