"""What hangs on a partition: a desk does one thing with what the analysis gives, or beside it.

`detector.runner.partition.PartitionRunner` reads packets, has them analysed and commits; at each of
these steps it walks its desks in order. What a desk adds to the commit takes effect together with
all else, or not at all.

To add a desk: a class of this kind, and its entry among the runner's desks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from detector.analyzer.analyzer import Analyzer, Output
from detector.analyzer.stream import FollowedSource
from detector.runner.fence import Commit, Word
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.remote.streams import entry_order
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Event, Packet

ERRAND = "errand"
"""Name of a task that fetches something."""
FIRST = "0-0"
"""Id that lies before every entry of a stream."""


@dataclass(slots=True)
class Bed:
    """What the runner knows of a device beside the analyzer's state.

    Attributes:
        clock: wall-clock time of its samples.
        boot: its power-up.
        ordinal: number of the next event to be committed.
        last_entry: last entry of the wave stream that has been read.
        saved_entry: the one up to which its checkpoint reaches.
        save_due: a checkpoint goes with its next signal, whoever's turn it is.
        replay_until: last entry that was committed before a restart: its signal is analysed again
            up to there.
        followed: the source of its signal.
        stay: stay that the signal analysed so far belongs to; empty: nobody was admitted.
        counted: what has become of its samples, as it was committed last.
    """

    clock: DeviceClock
    boot: str
    ordinal: int = 0
    last_entry: str = FIRST
    saved_entry: str = FIRST
    save_due: bool = True
    replay_until: str = FIRST
    followed: FollowedSource | None = None
    stay: str = ""
    counted: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_current(self) -> bool:
        """Whether all of its committed signal has been analysed again."""
        return entry_order(self.last_entry) >= entry_order(self.replay_until)


@dataclass(slots=True)
class PartitionState:
    """What the runner and its desks share.

    Attributes:
        number: of the partition.
        store: client.
        settings: retention, configuration file.
        analyzer: judges the signals.
        beds: by device.
    """

    number: int
    store: Store
    settings: Settings
    analyzer: Analyzer
    beds: dict[str, Bed] = field(default_factory=dict)


T = TypeVar("T")


class Errand(Generic[T]):
    """What is fetched from Redis while ticks go on: none waits for it, a later one takes it.

    Each answer that a tick waits for costs it the analysis of every other partition of the
    process, which comes first.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[T] | None = None

    @property
    def under_way(self) -> bool:
        """Whether something is being fetched, or lies there and has not been taken."""
        return self._task is not None

    def send(self, what: Coroutine[Any, Any, T]) -> None:
        """Begin to fetch; nothing may be under way."""
        self._task = asyncio.create_task(what, name=ERRAND)

    def take(self) -> T | None:
        """Return what has been fetched, once; None while it has not.

        Raises:
            StoreError: Redis does not answer.
        """
        task = self._task
        if task is None or not task.done():
            return None
        self._task = None
        return task.result()

    async def come(self) -> None:
        """Wait until it can be taken, or has failed, if something is under way."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def drop(self) -> None:
        """Fetch no further; what was under way has ended by then."""
        task, self._task = self._task, None
        if task is not None:
            await cancel_all([task])


class Desk:
    """One desk. What a desk does not override, it takes no part in."""

    PART: ClassVar[str] = ""
    """Name of its part of a bed's checkpoint; empty: it keeps none."""

    errands: tuple[Errand[Any], ...] = ()
    """What it fetches while ticks go on."""

    async def before(self, commit: Commit, now: float) -> None:
        """Do what is to be done between two ticks, before packets are read.

        Args:
            commit: takes commands.
            now: Unix time, s.

        Raises:
            StoreError: Redis does not answer.
        """

    def note_packet(self, packet: Packet, entry: str, arrival: float) -> None:
        """Take a packet that has been read: its entry in the wave stream, its arrival (s)."""

    def opened(self, packet: Packet) -> None:
        """Take note of a device that is seen for the first time."""

    def take(self, commit: Commit, output: Output, news: Sequence[Event], now: float) -> None:
        """Take a device's events.

        Args:
            commit: takes commands.
            output: all of them, also those that were committed before a restart.
            news: those that were not.
            now: Unix time, s.
        """

    def progress(self, commit: Commit, device: str, now: float) -> None:
        """Take note that packets of a device have been analysed."""

    async def after(self, commit: Commit, now: float, *, caught_up: bool) -> None:
        """Add what is due at the end of a tick.

        Args:
            commit: takes commands.
            now: Unix time, s.
            caught_up: the newest packet is young, or none waits.

        Raises:
            StoreError: Redis does not answer.
        """

    def figures(self) -> Mapping[str, Word]:
        """Return what the partition's figures say of this desk, by field."""
        return {}

    def save(self, device: str) -> bytes | None:
        """Return its part of a device's checkpoint, None if there is nothing of it."""

    def load(self, device: str, saved: bytes | None) -> None:
        """Put its part of a device's checkpoint back.

        Raises:
            CheckpointError: it comes from another version, or is damaged.
        """

    def saved(self, commit: Commit, device: str, now: float) -> None:
        """Add what goes with a device's checkpoint."""

    def resumed(self, device: str, now: float) -> None:
        """Take over a device whose checkpoint has been restored after a restart."""

    def started_anew(self, device: str, now: float) -> None:
        """Take over a device of which nothing is known any more, after a restart."""

    def forget(self, device: str) -> None:
        """Drop what is known of a device: it is gone."""


K = TypeVar("K")


class KeepingDesk(Desk, Generic[K]):
    """A desk whose part of a bed's checkpoint is one object.

    Attributes:
        kept: that object by device; none of a device of which nothing has come.
    """

    KEEPS: ClassVar[type[Any]]
    """Class of the object, a dataclass."""

    def __init__(self) -> None:
        self.kept: dict[str, K] = {}

    def save(self, device: str) -> bytes | None:
        """Return its part of a device's checkpoint, None if there is nothing of it."""
        one = self.kept.get(device)
        return None if one is None else codec.pack(one)

    def load(self, device: str, saved: bytes | None) -> None:
        """Put its part of a device's checkpoint back.

        Raises:
            CheckpointError: it comes from another version, or is damaged.
        """
        if saved is not None:
            self.kept[device] = codec.unpacked(self.KEEPS, saved)

    def forget(self, device: str) -> None:
        """Drop what is known of a device: it is gone."""
        self.kept.pop(device, None)


def taking_part(desks: Sequence[Desk], name: str) -> tuple[Callable[..., Any], ...]:
    """Return a method of the desks that override it, in their order.

    Args:
        desks: the desks.
        name: of the method.
    """
    return tuple(
        getattr(desk, name)
        for desk in desks
        if getattr(type(desk), name) is not getattr(Desk, name)
    )


Deliver = Callable[[Commit, Output, float], None]
"""Hands a device's events to all desks; with the Unix time, s."""
