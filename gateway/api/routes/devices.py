"""``/v1/devices``: what is known of the devices, for those who keep them going."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from ecg_monitor.ward.devices.survey import SurveyedDevice, read_survey
from ecg_monitor.ward.units.model import Unit
from gateway.api import errors
from gateway.api.routes.beds import InUnit, Reader
from gateway.api.state import state_of

router = APIRouter(tags=["devices"], responses=errors.documented(401, 403, 422, 429, 503))

_DEVICE: dict[str, Any] = {
    "device": "bed-01", "known": True, "state": "sends",
    "first_at": 1_790_000_000.0, "last_at": 1_790_000_100.0, "admitted": True, "label": "Bed 1",
    "told": {
        "label": "Bed 1", "state": "online", "battery_pct": 17.0, "charging": False,
        "maker": "Maker", "model": "M1", "serial": "0042", "firmware": "2.1", "odd": [],
    },
    "form": {
        "at": 1_790_000_100.0, "boot": "b1", "since": 1_790_000_000.0, "fs": 250.0,
        "leads": ["II", "V1"], "samples": 125, "stored": 25_000, "clock_off_s": 0.2,
    },
    "accepted": 200, "refused": {"bad_samples": 1},
    "refusal": {"at": 1_790_000_050.0, "reason": "bad_samples", "problem": "II has 3 of 125"},
    "missing": 0, "alerts": [{"kind": "lead_off", "lead": "V1"}], "unit": "5c0ffee1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeviceRow(SurveyedDevice):
    """What is known of a device, and the care unit of its bed.

    Times are in Unix s. `state` is `sends`, `silent` (no packets come, and it has not said that it
    is off), `offline` (as it has said), `never` (it has told of itself and sent nothing), `refused`
    (packets came, none was accepted) or `turned_away` (too many devices are known). `told` is what
    the device tells of itself, `form` what its packets look like, `refused` counts refused packets
    by reason, `missing` samples that never came, and `alerts` are conditions of the device and its
    electrodes that are present.
    """

    unit: str | None = None


class DeviceList(BaseModel):
    """All devices that the token may see, by device id."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"now": 1_790_000_101.0, "devices": [_DEVICE]}]}
    )

    now: float = Field(description="When they were looked at, Unix s.")
    devices: list[DeviceRow]


@router.get("/devices", response_model=DeviceList)
async def devices(caller: Reader, request: Request, unit: InUnit = None) -> Any:
    """List the devices, or those of one care unit: state, battery, firmware, leads, refusals.

    A device that was never let in is listed for a day.
    """
    caller.check_unit(unit)
    state = state_of(request)
    now = time.time()
    survey = await read_survey(state.client, state.settings.partitions, now)
    seen = [one for one in survey.devices if caller.is_of(one.device, unit)]
    return {"now": now, "devices": [_row(one, caller.sight.unit_of(one.device)) for one in seen]}


def _row(one: SurveyedDevice, unit: Unit | None) -> DeviceRow:
    known = {field.name: getattr(one, field.name) for field in fields(SurveyedDevice)}
    return DeviceRow(**known, unit=None if unit is None else unit.id)
