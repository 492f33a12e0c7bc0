"""Care units over HTTP: what pages show of them, and how they are made and given.

``GET /units``          ``{"units": [{"id", "name", "version", "by"}], "given": whether the visitor
                        has been given units (and does not see all)}``: those that one sees
``GET /units/all``      for administrators: all units, the beds and people of each
``GET /units/bed/DEVICE``  the unit of a bed, and those that it may be given to
``POST /units/add``     ``{"name"}``; the following likewise of administrators
``POST /units/rename``  ``{"unit", "name", "version"}``
``POST /units/remove``  ``{"unit", "version"}``: one without beds and people
``POST /units/beds``    ``{"unit", "beds": {device: version}}``; unit ``""``: to none
``POST /units/person``  ``{"name", "units": [id, ...], "version"}``; none: they see all
``POST /units/bed``     ``{"device", "unit", "version"}``, of clinicians, among the units they see

``version`` is that of what was shown, so that nothing is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query
from dashboard.answers.posting import Fields, PostRoutes
from ecg_monitor.core.errors import UnitError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients.labels import read_labels
from ecg_monitor.ward.units.desk import UnitDesk
from ecg_monitor.ward.units.reading import read_units
from ecg_monitor.ward.units.sight import VisibleBeds


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """
    units = Units(settings)
    fetching = GetRoutes(server, store)
    fetching.add_seen("/units", units.seen)
    fetching.add("/units/all", units.all, "admin")
    fetching.add_seen("/units/bed/<device>", units.bed)
    posting = PostRoutes(server, settings, store)

    def add(path: str, act: Callable[[UnitDesk, Fields], Awaitable[Fields]]) -> None:
        async def at_desk(client: Store, fields: Fields, user: str, address: str) -> Fields:
            return await act(UnitDesk(client, settings, user, address), fields)

        posting.add(path, at_desk, "admin", everywhere=True)

    add("/units/add", _add)
    add("/units/rename", _rename)
    add("/units/remove", _remove)
    add("/units/beds", _beds)
    add("/units/person", _person)
    posting.add_seen("/units/bed", units.give, "clinician")


class Units:
    """Reads the care units, and gives a bed to one of those that a clinician sees."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def seen(self, store: Store, sight: VisibleBeds, device: str, query: Query) -> Fields:  # noqa: ARG002
        """The units that the visitor sees."""
        return {"units": _units(sight), "given": sight.given is not None}

    async def all(self, store: Store, device: str, query: Query) -> Fields:  # noqa: ARG002
        """All units, the beds that are known, and the people who have been given units."""
        desk = UnitDesk(store, self._settings, "")
        beds = await desk.beds()
        labels = await read_labels(store, self._settings.partitions)
        people = await desk.people()
        return {
            "units": [asdict(one) for one in await desk.units()],
            "beds": [
                {
                    "device": device,
                    "label": labels.get(device, device),
                    "known": device in labels,
                    "unit": beds[device].unit if device in beds else "",
                    "version": beds[device].version if device in beds else 0,
                }
                for device in sorted({*labels, *beds})
            ],
            "people": [asdict(one) for one in people.values()],
        }

    async def bed(self, store: Store, sight: VisibleBeds, device: str, query: Query) -> Fields:  # noqa: ARG002
        """The unit of a bed, and the choice of units."""
        found = await UnitDesk(store, self._settings, "").bed(device)
        unit = (await read_units(store)).units.get(found.unit)
        return {
            "unit": found.unit,
            "name": "" if unit is None else unit.name,
            "version": found.version,
            "by": found.by,
            "units": _units(sight),
            "may_free": sight.given is None,
        }

    async def give(
        self, store: Store, sight: VisibleBeds, fields: Fields, user: str, address: str
    ) -> Fields:
        """Give a bed to a unit that the clinician sees: a bed is not sent out of one's sight."""
        unit = fields.get("unit")
        if sight.given is not None and unit not in sight.given:
            raise UnitError("a bed can be given to your own care units only")
        device = fields.get("device")
        if not isinstance(device, str):
            raise UnitError("device must be a text")
        desk = UnitDesk(store, self._settings, user, address)
        await desk.give_beds(unit, {device: fields.get("version")})
        return {}


def _units(sight: VisibleBeds) -> list[Fields]:
    names = ("id", "name", "version", "by")
    return [{name: getattr(one, name) for name in names} for one in sight.units()]


async def _add(desk: UnitDesk, fields: Fields) -> Fields:
    unit = await desk.add(fields.get("name"))
    return {"unit": unit.id}


async def _rename(desk: UnitDesk, fields: Fields) -> Fields:
    await desk.rename(fields.get("unit"), fields.get("name"), fields.get("version"))
    return {}


async def _remove(desk: UnitDesk, fields: Fields) -> Fields:
    await desk.remove(fields.get("unit"), fields.get("version"))
    return {}


async def _beds(desk: UnitDesk, fields: Fields) -> Fields:
    await desk.give_beds(fields.get("unit"), fields.get("beds"))
    return {}


async def _person(desk: UnitDesk, fields: Fields) -> Fields:
    await desk.give_person(fields.get("name"), fields.get("units"), fields.get("version"))
    return {}
