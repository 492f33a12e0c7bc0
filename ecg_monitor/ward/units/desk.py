"""Changes of care units: who comes second is told who was first, and the audit trail tells all."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import UnitError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts import trail
from ecg_monitor.ward.accounts.model import check_name
from ecg_monitor.ward.accounts.model import key_of as key_of_person
from ecg_monitor.ward.accounts.trail import AccountAct, Entry
from ecg_monitor.ward.units.model import (
    MAX_UNITS,
    UNIT_ID,
    BedUnit,
    PersonUnits,
    Unit,
    bed_unit_of,
    checked_name,
    key_of,
    person_units_of,
    unit_of,
)

MOST_BEDS = 2000
"""Beds that are given at once."""
_UNITS, _BEDS, _PEOPLE = "1", "2", "3"
_KEYS = [keys.UNITS, keys.UNIT_BEDS, keys.UNIT_PEOPLE, keys.UNITS_VERSION, keys.PEOPLE_AUDIT]
_CHANGE = lua(__name__, "change")

Field = tuple[str, bytes, bytes, Entry]
"""Field of a hash, what it was, what it is to be, and the entry of the trail."""


class UnitDesk:
    """Where care units are made, and beds and people given to them.

    Args:
        client: Redis.
        settings: number of partitions: only devices that are known are given.
        by: who acts.
        address: network address from which, or how.
        now: clock, Unix s.

    All methods raise `StoreError` if Redis does not answer.
    """

    def __init__(
        self,
        client: Store,
        settings: Settings,
        by: str,
        address: str = "",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._partitions = settings.partitions
        self._by = by
        self._address = address
        self._now = now

    async def units(self) -> list[Unit]:
        """Return all units, by name.

        Raises:
            UnitError: one is malformed.
        """
        held: Any = await self._client.hgetall(keys.UNITS)
        return sorted(map(unit_of, held.values()), key=lambda one: (one.key, one.id))

    async def beds(self) -> dict[str, BedUnit]:
        """Return the beds that were ever given to a unit, by device.

        Raises:
            UnitError: one is malformed.
        """
        held: Any = await self._client.hgetall(keys.UNIT_BEDS)
        return {device.decode(): bed_unit_of(text) for device, text in sorted(held.items())}

    async def bed(self, device: str) -> BedUnit:
        """Return the unit of a bed.

        Raises:
            UnitError: it is malformed.
        """
        text: Any = await self._client.hget(keys.UNIT_BEDS, device)
        return BedUnit() if text is None else bed_unit_of(text)

    async def people(self) -> dict[str, PersonUnits]:
        """Return the people who were ever given units, by unique name.

        Raises:
            UnitError: one is malformed.
        """
        held: Any = await self._client.hgetall(keys.UNIT_PEOPLE)
        return {name.decode(): person_units_of(text) for name, text in held.items()}

    async def add(self, name: Any) -> Unit:
        """Make a unit.

        Raises:
            UnitError: the name is unacceptable or taken, or there are `MAX_UNITS` units.
        """
        text = checked_name(name)
        unit = Unit(secrets.token_hex(4), text, key_of(text), 1, self._by, self._now())
        entry = self._entry("unit_added", text)
        await self._change(_UNITS, [(unit.id, b"", unit.to_json(), entry)])
        return unit

    async def rename(self, unit: Any, name: Any, version: Any) -> Unit:
        """Give a unit another name.

        Args:
            unit: its id.
            name: the new name.
            version: of the unit that was shown.

        Raises:
            UnitError: there is no such unit, the name is unacceptable or taken, or somebody else
                has changed the unit meanwhile.
        """
        held, old = await self._seen(unit, version)
        text = checked_name(name)
        if text == old.name:
            return old
        new = replace(
            old, name=text, key=key_of(text), version=old.version + 1, by=self._by, at=self._now()
        )
        entry = self._entry("unit_renamed", old.name, text)
        await self._change(_UNITS, [(old.id, held, new.to_json(), entry)])
        return new

    async def remove(self, unit: Any, version: Any) -> None:
        """Remove a unit that has neither beds nor people.

        Raises:
            UnitError: it has some, there is no such unit, or somebody else has changed it
                meanwhile.
        """
        held, old = await self._seen(unit, version)
        entry = self._entry("unit_removed", old.name)
        await self._change(_UNITS, [(old.id, held, b"", entry)])

    async def give_beds(self, unit: Any, beds: Any) -> None:
        """Give beds to a unit: all of them, or, if one cannot be given, none.

        Args:
            unit: id of the unit; empty: they belong to none from now on.
            beds: version of each bed's unit that was shown, by device.

        Raises:
            UnitError: there is no such unit or device, or somebody else has given one of the beds
                away meanwhile.
        """
        if not isinstance(beds, Mapping) or not 0 < len(beds) <= MOST_BEDS:
            raise UnitError(f"beds must map 1 .. {MOST_BEDS} devices to the version that was shown")
        names = await self._names()
        if not isinstance(unit, str) or unit not in {"", *names}:
            raise _no_unit()
        fields: list[Field] = []
        for device, version in beds.items():
            await self._check_known(device)
            text: Any = await self._client.hget(keys.UNIT_BEDS, device)
            old = BedUnit() if text is None else bed_unit_of(text)
            if version != old.version:
                raise _changed(device, old.by)
            if old.unit == unit:
                continue
            new = BedUnit(unit, old.version + 1, self._by, self._now())
            detail = f"{names.get(old.unit, '-')} → {names.get(unit, '-')}"
            entry = self._entry("bed_unit_changed", device, detail)
            fields.append((device, text or b"", new.to_json(), entry))
        if fields:
            await self._change(_BEDS, fields, [unit] if unit else [])

    async def give_person(self, name: Any, units: Any, version: Any) -> PersonUnits:
        """Say which units somebody sees; it reaches what they look at within seconds.

        Args:
            name: of the person: of an account, or as links name them.
            units: ids of the units; none: the person sees all beds.
            version: of the person's units that was shown; 0: there was none.

        Raises:
            UnitError: there is no such unit, or somebody else has changed them meanwhile.
            AccountError: the name is none.
        """
        if not isinstance(name, str):
            raise UnitError("name must be a text")
        if not isinstance(units, list) or len(units) > MAX_UNITS:
            raise UnitError(f"units must be a list of at most {MAX_UNITS} ids")
        names = await self._names()
        if not all(isinstance(one, str) and one in names for one in units):
            raise _no_unit()
        person = check_name(name)
        key = key_of_person(person)
        text: Any = await self._client.hget(keys.UNIT_PEOPLE, key)
        old = PersonUnits() if text is None else person_units_of(text)
        if version != old.version:
            raise _changed(person, old.by)
        wanted = tuple(sorted(set(units)))
        new = PersonUnits(person, wanted, old.version + 1, self._by, self._now())
        detail = ", ".join(sorted(names[one] for one in wanted)) or "-"
        entry = self._entry("person_units_changed", person, detail)
        await self._change(_PEOPLE, [(key, text or b"", new.to_json(), entry)], wanted)
        return new

    async def _names(self) -> dict[str, str]:
        return {one.id: one.name for one in await self.units()}

    async def _seen(self, unit: Any, version: Any) -> tuple[bytes, Unit]:
        """Return a unit as it is kept, if it still is as it was shown."""
        if not isinstance(unit, str) or not UNIT_ID.fullmatch(unit):
            raise _no_unit()
        text: Any = await self._client.hget(keys.UNITS, unit)
        if text is None:
            raise _no_unit()
        found = unit_of(text)
        if version != found.version:
            raise _changed(found.name, found.by)
        return text, found

    async def _check_known(self, device: Any) -> None:
        if not isinstance(device, str) or not keys.DEVICE_ID.fullmatch(device):
            raise UnitError(f"device must be a device id, got {device!r:.70}")
        partition = keys.partition_of(device, self._partitions)
        async with self._client.pipeline(transaction=False) as pipe:
            for key in (keys.roster, keys.devices, keys.patients):
                pipe.hexists(key(partition), device)
            pipe.hexists(keys.UNIT_BEDS, device)  # one that is gone may be taken away
            if not any(await pipe.execute()):
                raise UnitError("{device}: there is no such bed", device=device)

    def _entry(self, what: AccountAct, whom: str, detail: str = "") -> Entry:
        return Entry(what, self._by, whom, self._now(), self._address, detail)

    async def _change(self, where: str, fields: list[Field], needs: Collection[str] = ()) -> None:
        args: list[Any] = [where, trail.KEPT, MAX_UNITS, orjson.dumps(list(needs))]
        for name, former, new, entry in fields:
            args += [name, former, new, entry.to_json()]
        answer: Any = await self._client.register_script(_CHANGE)(keys=_KEYS, args=args)
        match answer:
            case [b"done"]:
                return
            case [b"taken", name]:
                raise UnitError("there is a care unit {name} already", name=name.decode())
            case [b"used", beds, people]:
                raise UnitError(
                    "the care unit is in use (beds: {beds}, people: {people}): "
                    "give them to another one first",
                    beds=beds,
                    people=people,
                )
            case [b"full"]:
                raise UnitError("there are {most} care units already", most=MAX_UNITS)
            case [b"changed", name, held]:
                raise _changed(_name_of(where, name, held), _by_of(where, held))
        raise _no_unit()


def _name_of(where: str, field: bytes, held: bytes) -> str:
    return unit_of(held).name if where == _UNITS and held else field.decode()


def _by_of(where: str, held: bytes) -> str:
    if not held:
        return "someone"
    if where == _UNITS:
        return unit_of(held).by
    return bed_unit_of(held).by if where == _BEDS else person_units_of(held).by


def _changed(name: str, by: str) -> UnitError:
    return UnitError(
        "{name}: {by} has changed this meanwhile; look at it again, then change it",
        name=name,
        by=by or "someone",
    )


def _no_unit() -> UnitError:
    return UnitError("there is no such care unit, or no longer")
