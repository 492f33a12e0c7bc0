"""All beds of the hub, by device, each with the number by which texts and frames refer to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Set

from dashboard.hub.beds.bed import Bed
from ecg_monitor.core import keys

MAX_BEDS = 4096
"""More devices than any ward has, and than ingest lets in (``ECG_MAX_DEVICES``) unless it is told
to: whatever else writes to Redis must not fill the memory."""
FREE_INDICES = 1024
"""Indices of beds that are gone and rest before another bed gets them: clients forget meanwhile."""


class Beds(dict[str, Bed]):
    """The beds by device.

    Args:
        partitions: how many partitions there are.

    Attributes:
        removed: how many have been removed, ever.
    """

    def __init__(self, partitions: int) -> None:
        super().__init__()
        self._of: list[set[str]] = [set() for _ in range(partitions)]
        self.removed = 0
        self._free: deque[int] = deque()
        self._indices = 0

    def add(self, device: str, *, has_patient: bool = False) -> Bed | None:
        """Return a new bed; None where there is no place, as there always is for a patient."""
        if len(self) >= MAX_BEDS and not has_patient:
            return None
        if len(self._free) > FREE_INDICES:
            index = self._free.popleft()
        else:
            index, self._indices = self._indices, self._indices + 1
        bed = self[device] = Bed(index, device)
        self._partition(device).add(device)
        return bed

    def remove(self, device: str) -> int:
        """Forget a bed; return its index."""
        index = self.pop(device).index
        self.removed += 1
        self._partition(device).discard(device)
        self._free.append(index)
        return index

    def gone(
        self, partition: int, known: Set[str], now: float, held_at: Callable[[str], float]
    ) -> list[str]:
        """Return the devices of a partition that are not known, have no patient and no signal.

        Args:
            partition: number of the partition.
            known: devices that stay.
            now: Unix time, s.
            held_at: gives the arrival of a device's newest packet that was put aside, Unix s.
        """
        found = self._of[partition] - known
        return [one for one in found if self[one].is_silent(now, held_at(one))]

    def _partition(self, device: str) -> set[str]:
        return self._of[keys.partition_of(device, len(self._of))]
