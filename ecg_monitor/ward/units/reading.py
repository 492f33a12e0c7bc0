"""One process's copy of the care units, read anew when something has changed."""

from __future__ import annotations

from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store
from ecg_monitor.ward.units.sight import UnitBook, book_of


class UnitCopy:
    """The care units as they were when they were looked at last.

    While Redis is away the copy stays as it is, as that of the sessions does
    (`ecg_monitor.ward.accounts.book`).

    Attributes:
        book: the copy.
    """

    def __init__(self) -> None:
        self.book = UnitBook()
        self._version: Any = b""

    async def refresh(self, client: Store) -> bool:
        """Bring the copy up to date; return whether something has changed.

        Raises:
            StoreError: Redis does not answer.
        """
        version: Any = await client.get(keys.UNITS_VERSION)
        if version == self._version:
            return False
        # No MULTI: a Redis that is full refuses to queue what it would answer at once. What is read
        # between two equal numbers belongs together, since each change raises the number with it.
        while True:
            async with client.pipeline(transaction=False) as pipe:
                pipe.get(keys.UNITS_VERSION)
                pipe.hgetall(keys.UNITS)
                pipe.hgetall(keys.UNIT_BEDS)
                pipe.hgetall(keys.UNIT_PEOPLE)
                pipe.get(keys.UNITS_VERSION)
                self._version, units, beds, people, version = await pipe.execute()
            if version == self._version:
                break
        self.book = book_of(units, beds, people)
        return True


async def read_units(client: Store) -> UnitBook:
    """Return the care units as they are now.

    Raises:
        StoreError: Redis does not answer.
    """
    copy = UnitCopy()
    await copy.refresh(client)
    return copy.book
