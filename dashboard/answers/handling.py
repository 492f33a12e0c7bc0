"""What staff do about alerts from a page: acknowledge, pause the audio, let it sound again.

Each is a POST with a JSON map (see `dashboard.answers.posting`); who does it is the signed-in user.

``/alerts/acknowledge``  ``{"seen": {alert id: priority as shown}}`` -> who was reached
``/alerts/reason``       ``{"ids": [alert id, ...], "reason": "artefact", "text": "..."}`` -> who
                         was reached: why alerts came that have been acknowledged
``/alerts/pause``        ``{"device": id, "seen": {...}, "seconds": 120}`` -> ``{"until": Unix s}``
``/alerts/resume``       ``{"device": id}``
``/alerts/standby``      ``{"device": id, "seen": {...}, "seconds": 900, "reason": "imaging"}`` ->
                         ``{"until": Unix s}``: the patient is away
``/alerts/standby-end``  ``{"device": id}`` -> ``{"ended": whether it was in standby}``
``/alerts/pause-all``    ``{"beds": {device: {alert id: priority}}, "seconds": 120}``
``/alerts/resume-all``   ``{"beds": [device, ...]}``

The last two do for each bed what the others do for one, and are recorded for each.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.posting import Fields, PostRoutes
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.alerts.policy import MAX_PAUSE_S

MAX_SEEN = 500
MAX_BEDS = 256


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """
    add = PostRoutes(server, settings, store).at(Desk, "clinician")
    add("/alerts/acknowledge", _acknowledge)
    add("/alerts/reason", _reason)
    add("/alerts/pause", _pause)
    add("/alerts/resume", _resume)
    add("/alerts/standby", _standby)
    add("/alerts/standby-end", _end_standby)
    add("/alerts/pause-all", _pause_all)
    add("/alerts/resume-all", _resume_all)


async def _acknowledge(desk: Desk, fields: Fields, user: str) -> Fields:
    return asdict(await desk.acknowledge(user, seen=_seen(fields)))


async def _reason(desk: Desk, fields: Fields, user: str) -> Fields:
    ids: Any = fields.get("ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise AlertError("ids must list alerts")
    if not 0 < len(ids) <= MAX_SEEN:
        raise AlertError(f"ids must name 1 .. {MAX_SEEN} alerts")
    reason, text = fields.get("reason", ""), fields.get("text", "")
    return asdict(await desk.give_reason(user, ids, reason=reason, text=text))


async def _pause(desk: Desk, fields: Fields, user: str) -> Fields:
    seen, seconds = _seen(fields), _seconds(fields)
    return {"until": await desk.pause(_device(fields), user, seen=seen, seconds=seconds)}


async def _resume(desk: Desk, fields: Fields, user: str) -> Fields:
    await desk.resume(_device(fields), user)
    return {}


async def _standby(desk: Desk, fields: Fields, user: str) -> Fields:
    seconds, reason = _seconds(fields, None), fields.get("reason")
    if not isinstance(reason, str):
        raise AlertError("reason must be a text")
    until = await desk.standby(
        _device(fields), user, seconds=seconds, reason=reason, seen=_seen(fields)
    )
    return {"until": until}


async def _end_standby(desk: Desk, fields: Fields, user: str) -> Fields:
    return {"ended": await desk.end_standby(_device(fields), user)}


async def _pause_all(desk: Desk, fields: Fields, user: str) -> Fields:
    seconds = _seconds(fields)
    beds = fields.get("beds")
    if not isinstance(beds, dict) or not 0 < len(beds) <= MAX_BEDS:
        raise AlertError(f"beds must map 1 .. {MAX_BEDS} devices to the alerts seen there")
    seen = {device: _seen({"seen": alerts}) for device, alerts in beds.items()}
    until = [
        await desk.pause(device, user, seen=alerts, seconds=seconds)
        for device, alerts in seen.items()
    ]
    return {"until": min(until)}


async def _resume_all(desk: Desk, fields: Fields, user: str) -> Fields:
    beds = fields.get("beds")
    if not isinstance(beds, list) or not 0 < len(beds) <= MAX_BEDS:
        raise AlertError(f"beds must list 1 .. {MAX_BEDS} devices")
    for device in [_device({"device": one}) for one in beds]:
        await desk.resume(device, user)
    return {}


def _seconds(fields: Fields, default: float | None = MAX_PAUSE_S) -> float:
    seconds: Any = fields.get("seconds", default)
    if type(seconds) not in (int, float):
        raise AlertError("seconds must be a number")
    return float(seconds)


def _seen(fields: Fields) -> Any:
    seen = fields.get("seen")
    if not isinstance(seen, dict) or not all(isinstance(one, str) for one in seen.values()):
        raise AlertError("seen must map alert ids to priorities")
    if len(seen) > MAX_SEEN:
        raise AlertError(f"seen must name at most {MAX_SEEN} alerts")
    return seen


def _device(fields: Fields) -> str:
    device = fields.get("device")
    if not isinstance(device, str):
        raise AlertError("device must be a text")
    return device
