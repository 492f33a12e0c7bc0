"""``/v1/units/ID/shift``: what happened in a care unit, for those who take over."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from ecg_monitor.core.errors import RequestError
from ecg_monitor.ward.shift.interval import interval_of
from ecg_monitor.ward.shift.reading import read_shift
from gateway.api import errors
from gateway.api.errors import ApiError
from gateway.api.routes.beds import Reader, Since
from gateway.api.state import state_of

router = APIRouter(tags=["beds"], responses=errors.documented(401, 403, 404, 422, 429, 503))

Unit = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]


@router.get("/units/{unit}/shift")
async def shift(
    unit: Unit, caller: Reader, request: Request, since: Since = None, until: Since = None
) -> dict[str, Any]:
    """Report a shift of a care unit, patient by patient: the last twelve hours, or a day at most.

    Alarms by priority and kind, how soon they were acknowledged and why they came, rates,
    ventricular beats by the hour, atrial fibrillation, ST, standbys, notes, changes of limits, and
    how much of the time was not monitored.
    """
    if not caller.sight.may_enter(unit):
        raise ApiError(404, "there is no such care unit", field="unit")
    state = state_of(request)
    now = time.time()
    try:
        interval = interval_of(since, until, now)
    except RequestError as error:
        raise ApiError(422, str(error), field="since") from error
    own = [device for device, one in caller.sight.book.beds.items() if one == unit]
    devices = [device for device in own if caller.may_see(device)]
    return await read_shift(state.client, state.settings, devices, interval, now, caller.may_see)
