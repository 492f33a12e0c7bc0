"""When a condition of the system begins and ends. Pure.

Like an alarm limit, each has a value at which it begins and another, less strict one, at which it
ends, so that it does not come and go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "analysis_late", "memory_low", "disk_low", "not_saved", "store_away", "too_many_devices"
]

LATE_S, IN_TIME_S = 5.0, 2.0
"""Rate alarms have 10 s (IEC 60601-2-27), and need about 4 s of them for themselves."""
MEMORY_FULL, MEMORY_AMPLE = 0.9, 0.85
"""Parts of what Redis may use; beyond it refuses what is written (``noeviction``)."""
DISK_FREE_GB, DISK_AMPLE_GB = 1.0, 1.2
"""The append-only file is rewritten beside itself, which takes its size once more."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen of the system.

    Attributes:
        behind_s: how far analysis is behind the live packets, worst partition, s.
        memory: part of the memory that Redis may use that it does use, 0 .. 1, or None.
        disk_free_gb: space left where Redis keeps its file, GB, or None if that is elsewhere.
        saved: whether Redis's last write to its file succeeded; if not, it refuses writes.
        turned_away: devices that ingest has turned away within the last minute.
    """

    behind_s: float = 0.0
    memory: float | None = None
    disk_free_gb: float | None = None
    saved: bool = True
    turned_away: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that is present.

    Attributes:
        kind: what it is.
        since: Unix time, s.
        value: the number that decided: s, part, GB, or None.
        limit: what it was held against, or None.
    """

    kind: Kind
    since: float
    value: float | None = None
    limit: float | None = None

    @property
    def text(self) -> str:
        """What it is, in words."""
        match self.kind:
            case "analysis_late":
                return f"analysis is late by {self.value:.0f} s"
            case "memory_low":
                return f"Redis uses {100 * (self.value or 0):.0f} % of its memory"
            case "disk_low":
                return f"only {self.value:.1f} GB are left where Redis keeps its file"
            case "not_saved":
                return "Redis cannot write its file"
            case "store_away":
                return "Redis does not answer"
            case "too_many_devices":
                return f"too many devices: {self.value or 0:.0f} that are new are turned away"


def judge_away(known: Mapping[str, Condition], now: float) -> dict[str, Condition]:
    """Return the conditions that are present while Redis does not answer.

    Of the others nothing can be seen: those that were present are taken to go on.
    """
    return {**known, "store_away": known.get("store_away", Condition("store_away", now))}


def judge(figures: Figures, known: Mapping[str, Condition], now: float) -> dict[str, Condition]:
    """Return the conditions that are present now.

    Args:
        figures: what was seen.
        known: conditions that were present the last time, by kind.
        now: Unix time, s.
    """
    return {
        kind: Condition(kind, known[kind].since if kind in known else now, value, limit)
        for kind, value, limit in _present(figures, known)
    }


def _present(
    figures: Figures, known: Mapping[str, Condition]
) -> Iterator[tuple[Kind, float | None, float | None]]:
    if figures.behind_s > (IN_TIME_S if "analysis_late" in known else LATE_S):
        yield "analysis_late", round(figures.behind_s, 1), LATE_S
    if figures.memory is not None and figures.memory > (
        MEMORY_AMPLE if "memory_low" in known else MEMORY_FULL
    ):
        yield "memory_low", round(figures.memory, 3), MEMORY_FULL
    if figures.disk_free_gb is not None and figures.disk_free_gb < (
        DISK_AMPLE_GB if "disk_low" in known else DISK_FREE_GB
    ):
        yield "disk_low", round(figures.disk_free_gb, 2), DISK_FREE_GB
    if not figures.saved:
        yield "not_saved", None, None
    if figures.turned_away:
        yield "too_many_devices", float(figures.turned_away), None
