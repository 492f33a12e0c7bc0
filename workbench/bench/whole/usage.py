"""Memory and CPU time of the processes of a running system, over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psutil


@dataclass(slots=True)
class Usage:
    """Memory over time and CPU time of one process.

    Attributes:
        process: the process.
        idle_mb: memory before there were devices, MB.
        rss_mb: memory at each sample, MB.
        first_cpu_s: CPU time at the first sample, s.
        last_cpu_s: CPU time at the last sample, s.
    """

    process: psutil.Process
    idle_mb: float = 0.0
    rss_mb: list[float] = field(default_factory=list)
    first_cpu_s: float = 0.0
    last_cpu_s: float = 0.0

    def mark_idle(self) -> None:
        """Take the memory now as that of a system without devices."""
        with suppress(psutil.Error):
            self.idle_mb = self.process.memory_info().rss / 1e6

    def sample(self) -> None:
        """Read memory and CPU time now; of a process that has died nothing is read."""
        with suppress(psutil.Error):
            times = self.process.cpu_times()
            self.last_cpu_s = times.user + times.system
            if not self.rss_mb:
                self.first_cpu_s = self.last_cpu_s
            self.rss_mb.append(self.process.memory_info().rss / 1e6)

    def cpu_percent(self, elapsed_s: float) -> float:
        """Return the share of one core, %."""
        return round(100 * (self.last_cpu_s - self.first_cpu_s) / elapsed_s, 1)

    @property
    def late_mb(self) -> float:
        """Mean memory in the last quarter, MB."""
        quarter = max(1, len(self.rss_mb) // 4)
        return sum(self.rss_mb[-quarter:]) / max(1, len(self.rss_mb[-quarter:]))

    def to_map(self, elapsed_s: float) -> dict[str, float]:
        """Return CPU share of one core, memory at first and at last, and how much it grew.

        Growth is judged between the second quarter and the last: start-up is over by then.
        """
        quarter = max(1, len(self.rss_mb) // 4)
        second = self.rss_mb[quarter : 2 * quarter] or self.rss_mb[:1] or [0.0]
        early = sum(second) / len(second)
        return {
            "cpu_percent": self.cpu_percent(elapsed_s),
            "rss_first_mb": round(self.rss_mb[0], 1) if self.rss_mb else 0.0,
            "rss_early_mb": round(early, 1),
            "rss_late_mb": round(self.late_mb, 1),
            "grew_mb": round(self.late_mb - early, 1),
        }


def per_bed_kib(usages: Mapping[str, Usage], names: Iterable[str], beds: int) -> float:
    """Return by how much processes grew with each bed, from before the devices came, KiB."""
    grown_mb = sum(usages[name].late_mb - usages[name].idle_mb for name in names if name in usages)
    return round(1e6 * grown_mb / 1024 / beds, 1)
