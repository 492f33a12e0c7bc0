"""The care unit of a bed, as messages about its alerts tell it."""

from __future__ import annotations

from typing import TypedDict

from ecg_monitor.core.store import Store
from ecg_monitor.ward.units.reading import UnitCopy
from ecg_monitor.ward.units.sight import VisibleBeds


class NamedUnit(TypedDict):
    """A care unit: its id, which never changes, and its name."""

    id: str
    name: str


class BedUnits:
    """Knows the unit of each bed.

    Args:
        client: Redis.
    """

    def __init__(self, client: Store) -> None:
        self._client = client
        self._copy = UnitCopy()

    async def refresh(self) -> None:
        """Read the units anew if something has changed.

        Raises:
            StoreError: Redis does not answer.
        """
        await self._copy.refresh(self._client)

    def of(self, device: str) -> NamedUnit | None:
        """Return the unit of a bed as it was read last; None: it belongs to none."""
        unit = VisibleBeds(self._copy.book).unit_of(device)
        return None if unit is None else {"id": unit.id, "name": unit.name}
