"""All beds of the hub, by device, each with the number by which texts and frames refer to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection

from dashboard.hub.beds.bed import Bed
from ecg_monitor.core import keys

MAX_BEDS = 4096
"""More devices than any ward has, and than ingest lets in (``ECG_MAX_DEVICES``) unless it is told
to: whatever else writes to Redis must not fill the memory."""
FREE_INDICES = 1024
"""Indices of beds that are gone and rest before another bed gets them: clients forget meanwhile."""


class Beds(dict[str, Bed]):
    """The beds by device.

    Attributes:
        removed: how many have been removed, ever.
    """

    def __init__(self) -> None:
        super().__init__()
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
        return bed

    def remove(self, device: str) -> int:
        """Forget a bed; return its index."""
        index = self.pop(device).index
        self.removed += 1
        self._free.append(index)
        return index

    def gone(
        self,
        partition: int,
        partitions: int,
        known: Collection[str],
        now: float,
        held_at: Callable[[str], float],
    ) -> list[str]:
        """Return the devices of a partition that are not known, have no patient and no signal.

        Args:
            partition: number of the partition.
            partitions: how many there are.
            known: devices that stay.
            now: Unix time, s.
            held_at: gives the arrival of a device's newest packet that was put aside, Unix s.
        """
        return [
            device
            for device, bed in self.items()
            if device not in known
            and bed.is_silent(now, held_at(device))
            and keys.partition_of(device, partitions) == partition
        ]
