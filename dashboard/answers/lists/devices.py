"""The devices that the visitor sees, for those who keep them going; a GET that answers with JSON.

``/devices/list``  ``{"now", "most", "known", "devices": [...], "units": [{"id", "name"}]}``: all
                   that is known of each device (`ecg_monitor.ward.devices.survey.SurveyedDevice`),
                   with the id of its bed's care unit; how many devices are known in all, and how
                   many may be; and ``"nobody"``: messages that name no device, by reason. Times in
                   Unix s
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.devices.survey import SurveyedDevice, read_survey
from ecg_monitor.ward.units.sight import VisibleBeds


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the address to a server that `dashboard.doors.guard` guards."""

    async def find(store: Store, sight: VisibleBeds, _: str, query: Query) -> dict[str, Any]:  # noqa: ARG001
        now = time.time()
        survey = await read_survey(store, settings.partitions, now)
        return {
            "now": now,
            "most": settings.max_devices,
            "known": sum(one.known for one in survey.devices),
            "nobody": dict(survey.nobody),
            "devices": [_row(one, sight) for one in survey.devices if sight.sees(one.device)],
            "units": [{"id": one.id, "name": one.name} for one in sight.units()],
        }

    GetRoutes(server, store).add_seen("/devices/list", find)


def _row(one: SurveyedDevice, sight: VisibleBeds) -> dict[str, Any]:
    unit = sight.unit_of(one.device)
    told = {**asdict(one.told), "battery_low": one.told.battery_low}
    return {**asdict(one), "told": told, "unit": "" if unit is None else unit.id}
