"""A partition's trends on the detector's side: folds events into minutes, and writes those.

Makes the commands that `detector.runner.partition` puts into its fenced commit. The folds are part
of a device's checkpoint: a successor that analyses a stretch again writes the same minutes again,
which changes nothing (a member of a sorted set is there once).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from detector.analyzer.analyzer import Output
from detector.runner.fence import Commit
from ecg_monitor.core import keys
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Vitals
from ecg_monitor.ward.trends import kept
from ecg_monitor.ward.trends.fold import Fold, Folded

RUNNING_EVERY_S = 10
"""Seconds of signal after which the minutes that are not over are written as they stand."""


@dataclass(slots=True)
class _Bed:
    fold: Fold
    start: float
    """Unix time of sample 0 of the fold's stream, s, as known last."""
    closed: list[tuple[float, Folded]] = field(default_factory=list)
    """Minutes to be written, with the Unix time at which they began."""
    due: bool = False


class TrendDesk:
    """Trends of the devices of one partition."""

    def __init__(self, partition: int, settings: Settings) -> None:
        self._partition = partition
        self._settings = settings
        self._beds: dict[str, _Bed] = {}

    def take(self, output: Output, start: float | None) -> None:
        """Take all events of a device's stream, each once, also those committed before a restart.

        Args:
            output: the events.
            start: Unix time of sample 0 of that stream, s; None if it is over and the time of
                another one is all that is known.
        """
        boot, fs = output.signature.boot, output.signature.fs
        bed = self._beds.get(output.device)
        if bed is None or (bed.fold.boot, bed.fold.fs) != (boot, fs):
            closed = [] if bed is None else [*bed.closed, *_timed(bed, bed.fold.finish())]
            bed = self._beds[output.device] = _Bed(Fold(boot, fs), start or 0.0, closed)
        elif start is not None:
            bed.start = start
        bed.closed += _timed(bed, bed.fold.take(output.events))
        period = RUNNING_EVERY_S * fs
        bed.due |= bool(bed.closed) or any(
            isinstance(event, Vitals) and event.n % period < fs for event in output.events
        )

    def write(self, commit: Commit, now: float) -> None:
        """Add the minutes that are over, and those that run if it is their turn."""
        for device, bed in self._beds.items():
            if bed.due:
                bed.due = False
                self._write(commit, device, bed, now)

    def save(self, device: str) -> list[Any] | None:
        """Return a checkpoint of one device, None if nothing of it has come yet."""
        bed = self._beds.get(device)
        return None if bed is None else [bed.start, bed.fold.save()]

    def load(self, device: str, saved: list[Any] | None) -> None:
        """Put a device's checkpoint back.

        Raises:
            CheckpointError: it comes from another version, or is damaged.
        """
        if saved is None:
            return
        try:
            start, fold = saved
            self._beds[device] = _Bed(Fold.load(fold), float(start))
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"{device}: damaged trend: {error}") from error

    def _write(self, commit: Commit, device: str, bed: _Bed, now: float) -> None:
        partition = self._partition
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


def _timed(bed: _Bed, minutes: Iterable[Folded]) -> list[tuple[float, Folded]]:
    return [(bed.start + m.numbers.first_n / m.numbers.fs, m) for m in minutes]
