"""Patients over HTTP: what the patient page reads, and what staff do there.

``GET /patients/{device}`` gives all that the page shows, to whoever may see patients. The rest are
POSTs of a clinician with a JSON map (see `dashboard.answers.posting`); ``version`` is that of the
bed as it was shown, so that nothing is overwritten unseen.

``/patients/admit``      ``{"device", "patient", "name", "category", "version"}``
``/patients/preview``    ``{"device", "name", "category", "limits", "alarms", "version"}`` -> what
                         would change, and what is wrong with it; nothing is written
``/patients/change``     the same; where nobody is admitted: limits of the bed
``/patients/discharge``  ``{"device", "version"}``
``/patients/transfer``   ``{"device", "to", "version"}``
``/patients/note``       ``{"device", "stay", "text"}``
``/patients/bed``        ``{"device", "label", "place", "version"}``: name, place on the wall
``/patients/remove``     ``{"device"}``: a device that is gone is forgotten
"""

from __future__ import annotations

import dataclasses
import logging
import time
from typing import Any

from flask import Flask, Response, g

from dashboard.answers import refusals
from dashboard.answers.asking import StoreThread
from dashboard.answers.posting import ANSWER_S, Fields, PostRoutes, answer
from ecg_monitor.core import keys
from ecg_monitor.core.errors import EcgMonitorError, PatientError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.devices.desk import DeviceDesk
from ecg_monitor.ward.limits.check import FIXED, LEVELS, RISING
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.limits.model import CATEGORIES, LIMITS, LimitBook, limits_to_map
from ecg_monitor.ward.patients.desk import PatientDesk, own_limits
from ecg_monitor.ward.patients.labels import told_label
from ecg_monitor.ward.patients.model import Bed

log = logging.getLogger(__name__)

TRAIL_SHOWN = 100
TRAIL_S = 7 * 86_400.0
"""How far back the page's audit list goes; the whole trail: `ecg-monitor patients audit`."""


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed, or the configuration file is wrong.
    """
    load_limits(settings.config)  # a wrong file is told at the start, not to who asks first
    add = PostRoutes(server, settings, store).at(PatientDesk, "clinician")
    add("/patients/admit", _admit)
    add("/patients/preview", _preview)
    add("/patients/change", _change)
    add("/patients/discharge", _discharge)
    add("/patients/transfer", _transfer)
    add("/patients/note", _note)
    add("/patients/bed", _bed)
    PostRoutes(server, settings, store).at(DeviceDesk, "clinician")("/patients/remove", _remove)

    @server.get("/patients/<device>")
    def patient(device: str) -> Response:
        sees = g.sight.sees
        try:
            found = store.ask(lambda client: _page(client, settings, device), ANSWER_S)
        except (StoreError, TimeoutError) as error:
            log.warning("a patient page is not answered: %s", str(error) or "too late")
            return answer(503, error=refusals.unanswered(error))
        except EcgMonitorError as error:
            return answer(400, error=refusals.wrong(error))
        # A patient is transferred to where one sees how they are.
        found["free"] = [one for one in found["free"] if sees(one)]
        return answer(200, **found, may_edit=access.at_least(g.role, "clinician"))


async def _page(client: Store, settings: Settings, device: str) -> Fields:
    desk = PatientDesk(client, settings)
    bed = await desk.bed(device)
    trail = await desk.trail(device, time.time() - TRAIL_S)
    followed: Any = await client.hget(
        keys.lag(keys.partition_of(device, settings.partitions)), "patients"
    )
    told: Any = await client.hget(
        keys.devices(keys.partition_of(device, settings.partitions)), device
    )
    beds = await desk.beds()
    devices: set[str] = set(beds)
    for partition in range(settings.partitions):
        known: Any = await client.hkeys(keys.devices(partition))
        devices |= {name.decode() for name in known}
    taken = {name for name, one in beds.items() if one.admission is not None}
    return {
        "device": device,
        "version": bed.version,
        "by": bed.by,
        "at": bed.at,
        "admission": None if bed.admission is None else dataclasses.asdict(bed.admission),
        "leaving": None if bed.leaving is None else dataclasses.asdict(bed.leaving),
        "in_force": int(followed or 0) >= bed.version,
        "free": sorted(devices - taken - {device}),
        "notes": [dataclasses.asdict(note) for note in await desk.notes(device)],
        "trail": [entry.to_map() for entry in reversed(trail[-TRAIL_SHOWN:])],
        "label": bed.label or told_label(told or b"{}") or device,
        "place": bed.place,
        "own": _own(desk, device, bed),
        **rules(desk.book, None if bed.admission is not None else device),
    }


def _own(desk: PatientDesk, device: str, bed: Bed) -> Fields:
    """Return what has been set for the bed itself, in the form of a stay."""
    own = dataclasses.asdict(own_limits(desk.book, device, bed))
    return {"name": "", **{name: own[name] for name in ("category", "limits", "alarms")}}


def rules(book: LimitBook, device: str | None = None) -> Fields:
    """Return what an editor of limits must know.

    Args:
        book: the defaults.
        device: a bed to which nobody is admitted: what the files say of it is among the defaults.

    Returns:
        ``defaults`` by category, ``ranges`` as ``[low, high, whole]`` by section and key, the words
        of limits that are none as ``choices``, chains of keys that must be ``rising``, the kinds
        of alarms whose priority is ``fixed``, and ``levels``.
    """
    built_in = book.tables["alarms"]
    said = {} if device is None else book.tables["patients"].get(device, {}).get("alarms", {})
    return {
        "defaults": {
            category: limits_to_map(
                book.of_patient({"category": category})
                if device is None
                else book.of_bed(device, {"category": category})
            )
            for category in CATEGORIES
        },
        "ranges": {
            section: {
                key: [limit.lowest, limit.highest, limit.whole]
                for key, limit in limits.items()
                if not limit.choices
            }
            for section, limits in LIMITS.items()
        },
        "choices": {
            section: {key: list(limit.choices) for key, limit in limits.items() if limit.choices}
            for section, limits in LIMITS.items()
        },
        "rising": RISING,
        "alarms": {**built_in, **said},
        "fixed": sorted(kind for kind, level in built_in.items() if level in FIXED),
        "levels": [level for level in LEVELS if level != "technical"],
    }


async def _admit(desk: PatientDesk, fields: Fields, user: str) -> Fields:
    bed = await desk.admit(
        fields.get("device", ""),
        user,
        patient=fields.get("patient", ""),
        name=fields.get("name", ""),
        category=fields.get("category", ""),
        version=_version(fields),
    )
    return {"version": bed.version}


async def _preview(desk: PatientDesk, fields: Fields, user: str) -> Fields:  # noqa: ARG001
    changes, problems = await desk.preview(
        fields.get("device", ""), version=_version(fields), **_wanted(fields)
    )
    return {
        "changes": [dataclasses.asdict(change) for change in changes],
        "problems": [{"field": one.field, "problem": one.problem} for one in problems],
    }


async def _change(desk: PatientDesk, fields: Fields, user: str) -> Fields:
    bed = await desk.change(
        fields.get("device", ""), user, version=_version(fields), **_wanted(fields)
    )
    return {"version": bed.version}


async def _discharge(desk: PatientDesk, fields: Fields, user: str) -> Fields:
    await desk.discharge(fields.get("device", ""), user, version=_version(fields))
    return {}


async def _transfer(desk: PatientDesk, fields: Fields, user: str) -> Fields:
    device, to = fields.get("device", ""), fields.get("to", "")
    await desk.transfer(device, to, user, version=_version(fields))
    return {}


async def _note(desk: PatientDesk, fields: Fields, user: str) -> Fields:
    stay = fields.get("stay")
    if not isinstance(stay, str):
        raise PatientError("stay must name the stay that was shown")
    await desk.note(fields.get("device", ""), user, fields.get("text", ""), stay=stay)
    return {}


async def _bed(desk: PatientDesk, fields: Fields, user: str) -> Fields:
    bed = await desk.name_bed(
        fields.get("device", ""),
        user,
        label=fields.get("label", ""),
        place=fields.get("place"),
        version=_version(fields),
    )
    return {"version": bed.version}


async def _remove(desk: DeviceDesk, fields: Fields, user: str) -> Fields:
    device = fields.get("device")
    if not isinstance(device, str):
        raise PatientError("device must be a text")
    await desk.remove(device, user)
    return {}


def _version(fields: Fields) -> int:
    version = fields.get("version")
    if type(version) is not int:
        raise PatientError("version must be the number of the bed's state that was shown")
    return version


def _wanted(fields: Fields) -> Fields:
    wanted = {name: fields.get(name) for name in ("name", "category", "limits", "alarms")}
    for name in ("limits", "alarms"):
        if not isinstance(wanted[name], dict | None):
            raise PatientError(f"{name} must be a map")
    return wanted
