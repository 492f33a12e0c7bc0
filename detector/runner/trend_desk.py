"""A partition's trends on the detector's side: folds events into minutes, and writes those.

Makes the commands that `detector.runner.partition` puts into its fenced commit. The folds are part
of a device's checkpoint: a successor that analyses a stretch again writes the same minutes again,
which changes nothing (a member of a sorted set is there once).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar

from detector.analyzer.analyzer import Output
from detector.runner.desk import KeepingDesk, PartitionState
from detector.runner.fence import Commit
from detector.runner.turns import Turns
from ecg_monitor.core import keys
from ecg_monitor.core.checkpoint.fields import Derived
from ecg_monitor.core.types import Event
from ecg_monitor.ward.trends import kept
from ecg_monitor.ward.trends.fold import Fold, KeptMinute

RUNNING_EVERY_S = 10.0
"""Time after which a minute that is not over is written as it stands, s."""
PER_TICK = 8
"""Beds at least whose minutes that are over are written in a tick, and a tenth of all: those that
were switched on together end their minutes together."""


@dataclass(slots=True)
class BedTrend:
    """The minutes of one device that are not written yet.

    Attributes:
        fold: makes them of events.
        start: Unix time of sample 0 of the fold's stream, s, as known last.
        closed: minutes to be written, with the Unix time at which they began; none are left when
            a checkpoint is taken.
        moved: something has come since the running minute was written.
    """

    fold: Fold
    start: float
    closed: Derived[list[tuple[float, KeptMinute]]] = field(default_factory=list)
    moved: Derived[bool] = False


class TrendDesk(KeepingDesk[BedTrend]):
    """Trends of the devices of one partition."""

    PART: ClassVar[str] = "trend"
    KEEPS: ClassVar[type[BedTrend]] = BedTrend

    def __init__(self, state: PartitionState) -> None:
        super().__init__()
        self._state = state
        self._partition = state.number
        self._settings = state.settings
        self._turns = Turns(RUNNING_EVERY_S, 0.0)
        self._over: dict[str, None] = {}
        """Devices with minutes to be written, in the order in which they came."""

    def take(
        self,
        commit: Commit,  # noqa: ARG002 (as of `Desk`)
        output: Output,
        news: Sequence[Event],  # noqa: ARG002 (as of `Desk`)
        now: float,  # noqa: ARG002 (as of `Desk`)
    ) -> None:
        """Take all events of a device's stream, also those committed before a restart."""
        boot, fs = output.signature.boot, output.signature.fs
        clock_of = self._state.beds[output.device]
        # The clock is that of the newest packet: an old stream's last events have none any more.
        start = clock_of.clock.start if boot == clock_of.boot else None
        bed = self.kept.get(output.device)
        if bed is None or (bed.fold.boot, bed.fold.fs) != (boot, fs):
            closed = [] if bed is None else [*bed.closed, *_timed(bed, bed.fold.finish())]
            bed = self.kept[output.device] = BedTrend(Fold(boot, fs), start or 0.0, closed)
        elif start is not None:
            bed.start = start
        bed.closed += _timed(bed, bed.fold.take(output.events))
        bed.moved = True
        if bed.closed:
            self._over[output.device] = None

    async def after(self, commit: Commit, now: float, *, caught_up: bool) -> None:  # noqa: ARG002
        """Add minutes that are over, a few beds a tick, and those that run if it is their turn."""
        most = max(PER_TICK, len(self.kept) // 10)
        over = tuple(islice(self._over, most))
        for device in dict.fromkeys((*over, *self._turns.next(self.kept, now))):
            self._write(commit, device, now)

    def saved(self, commit: Commit, device: str, now: float) -> None:
        """Add minutes that are over: the checkpoint has them no more."""
        if device in self.kept and self.kept[device].closed:
            self._write(commit, device, now)

    def forget(self, device: str) -> None:
        """Drop what is known of a device: it is gone."""
        super().forget(device)
        self._over.pop(device, None)

    def _write(self, commit: Commit, device: str, now: float) -> None:
        partition, bed = self._partition, self.kept[device]
        if not bed.moved:
            return
        bed.moved = False
        self._over.pop(device, None)
        running = kept.pack_running(bed.start, bed.fold.running())
        commit.add("HSET", keys.trend_now(partition), device, running)
        if not bed.closed:
            return
        both = (
            (keys.trend(partition, device), 0, self._settings.trend_retention_s),
            (keys.beats(partition, device), 1, self._settings.event_retention_s),
        )
        for key, part, retention_s in both:
            for at, minute in bed.closed:
                commit.add("ZADD", key, f"{at:.3f}", kept.parts(minute)[part])
            commit.add("ZREMRANGEBYSCORE", key, "-inf", f"({now - retention_s:.3f}")
            commit.add("EXPIRE", key, int(retention_s))
        bed.closed = []


def _timed(bed: BedTrend, minutes: Iterable[KeptMinute]) -> list[tuple[float, KeptMinute]]:
    return [(bed.start + m.numbers.first_n / m.numbers.fs, m) for m in minutes]
