"""The care unit of a bed, as messages about its alerts tell it."""

from __future__ import annotations

import asyncio
from typing import TypedDict

from ecg_monitor.core.store import Store, StoreError, servers_of
from ecg_monitor.ward.units.reading import UnitCopy
from ecg_monitor.ward.units.sight import VisibleBeds

HOME_S = 1.0
"""The first of several Redis servers is not waited for longer, s, once the units are known."""


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
        self._read = False

    async def refresh(self) -> None:
        """Read the units anew if something has changed.

        While the first of several servers is away, on which units are, those that were read last
        hold: the alerts of the others do not wait for it.

        Raises:
            StoreError: Redis does not answer.
        """
        several = len(servers_of(self._client)) > 1
        try:
            async with asyncio.timeout(HOME_S if several and self._read else None):
                await self._copy.refresh(self._client)
        except (StoreError, TimeoutError):
            if not (several and self._read):
                raise
        self._read = True

    def of(self, device: str) -> NamedUnit | None:
        """Return the unit of a bed as it was read last; None: it belongs to none."""
        unit = VisibleBeds(self._copy.book).unit_of(device)
        return None if unit is None else {"id": unit.id, "name": unit.name}
