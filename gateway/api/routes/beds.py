"""``/v1/beds``, ``/v1/units``: who is where, their numbers now, by the minute and by the beat."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ecg_monitor.ward.units.model import UNIT_ID
from gateway.api import errors
from gateway.api.caller import Caller, needs
from gateway.api.errors import ApiError
from gateway.api.reading import Beds
from gateway.api.state import state_of

router = APIRouter(tags=["beds"], responses=errors.documented(401, 403, 404, 422, 429, 503))

DAY_S = 86_400.0
MOST_BEATS = 20_000
_PATIENT: dict[str, Any] = {
    "stay": "6f1c", "patient": "4711", "name": "A. Sample", "category": "adult",
    "admitted_at": 1_790_000_000.0, "admitted_by": "A. Nurse",
}  # fmt: skip
_BED: dict[str, Any] = {
    "device": "bed-01", "label": "Bed 1", "unit": "5c0ffee1", "patient": _PATIENT,
    "last_sent_at": 1_790_000_100.0,
}  # fmt: skip
_UNIT: dict[str, Any] = {"id": "5c0ffee1", "name": "ICU 1"}
_NOW: dict[str, Any] = {
    "at": 1_790_000_100.0, "heart_rate": 72.0, "quality": "good", "rhythm": None,
    "st_mv": {"II": 0.02},
}  # fmt: skip

Reader = Annotated[Caller, Depends(needs("read"))]
Since = Annotated[float | None, Query(ge=0, le=1e11, allow_inf_nan=False, description="Unix s.")]
InUnit = Annotated[
    str | None,
    Query(pattern=f"^{UNIT_ID.pattern}$", description="Id of a care unit: its beds alone."),
]


class Patient(BaseModel):
    """Who is monitored at a bed."""

    stay: str
    patient: str = Field(description="The hospital's number.")
    name: str
    category: str
    admitted_at: float
    admitted_by: str


class Bed(BaseModel):
    """A bed, that is, a device."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BED]})

    device: str
    label: str
    unit: str | None = Field(description="Id of its care unit (`/v1/units`); null: of none.")
    patient: Patient | None
    last_sent_at: float | None = Field(description="Unix s, exact to 15 s.")


class CurrentVitals(BaseModel):
    """The newest numbers; null where nothing is known now."""

    at: float | None
    heart_rate: float | None = Field(description="Beats per minute.")
    quality: str | None
    rhythm: str | None
    st_mv: dict[str, float]


class BedNow(Bed):
    """A bed with its numbers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_BED, "now": _NOW}]})

    now: CurrentVitals


class BedList(BaseModel):
    """All beds that the token may see."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"beds": [_BED]}]})

    beds: list[Bed]


class UnitRow(BaseModel):
    """A care unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [_UNIT]})

    id: str
    name: str


class UnitList(BaseModel):
    """Care units, by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"units": [_UNIT]}]})

    units: list[UnitRow]


class Trend(BaseModel):
    """Minutes as columns of one length; null where nothing is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "device": "bed-01", "since": 1_790_000_000.0,
                    "columns": {"at": [1_790_000_030.0], "hr": [72.0]}, "st_mv": {"II": [0.02]},
                }
            ]
        }
    )  # fmt: skip

    device: str
    since: float
    columns: dict[str, list[float | None]]
    st_mv: dict[str, list[float | None]]


class BeatRow(BaseModel):
    """A beat as it is kept."""

    at: float = Field(description="Unix time of the R peak, s.")
    boot: str
    n: int = Field(description="Sample index of the R peak.")
    label: str
    rr_s: float | None
    anomaly: float | None


class BeatList(BaseModel):
    """Beats, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "device": "bed-01", "complete": True,
                    "beats": [
                        {"at": 1_790_000_000.5, "boot": "b1", "n": 125, "label": "N", "rr_s": 0.83,
                         "anomaly": 0.1}
                    ],
                }
            ]
        }
    )  # fmt: skip

    device: str
    complete: bool = Field(description="False: there are more; ask again from the last one on.")
    beats: list[BeatRow]


@router.get("/units", response_model=UnitList)
async def units(caller: Reader) -> Any:
    """List the care units whose beds the person behind the token sees."""
    return {"units": [{"id": one.id, "name": one.name} for one in caller.sight.units()]}


@router.get("/beds", response_model=BedList)
async def beds(caller: Reader, request: Request, unit: InUnit = None) -> Any:
    """List the beds, or those of one care unit."""
    caller.check_unit(unit)
    state = state_of(request)
    rows = await Beds(state.client, state.settings).all()
    seen = [row for row in rows if caller.is_of(row["device"], unit)]
    return {"beds": [_with_unit(row, caller) for row in seen]}


@router.get("/beds/{device}", response_model=BedNow)
async def bed(device: str, caller: Reader, request: Request) -> Any:
    """Tell who is at a bed, and the newest numbers."""
    state = state_of(request)
    found = await Beds(state.client, state.settings).one(caller.check_bed(device))
    if found is None:
        raise ApiError(404, "there is no such bed", field="device")
    return _with_unit(found, caller)


@router.get("/beds/{device}/trend", response_model=Trend)
async def trend(
    device: str, caller: Reader, request: Request, since: Since = None, until: Since = None
) -> Any:
    """Tell the numbers by the minute: the last day of the present stay unless times are given."""
    state = state_of(request)
    first, last = _span(since, until)
    return await Beds(state.client, state.settings).trend(caller.check_bed(device), first, last)


@router.get("/beds/{device}/beats", response_model=BeatList)
async def beats(
    device: str, caller: Reader, request: Request, since: Since = None, until: Since = None
) -> Any:
    """Tell the beats: of the last ten minutes of the present stay unless times are given."""
    state = state_of(request)
    first, last = _span(since, until, 600.0)
    found = await Beds(state.client, state.settings).beats(caller.check_bed(device), first, last)
    return {
        "device": device,
        "complete": len(found) <= MOST_BEATS,
        "beats": [one._asdict() for one in found[:MOST_BEATS]],
    }


def _with_unit(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    unit = caller.sight.unit_of(row["device"])
    return {**row, "unit": None if unit is None else unit.id}


def _span(since: float | None, until: float | None, length_s: float = DAY_S) -> tuple[float, float]:
    last = time.time() if until is None else until
    first = last - length_s if since is None else since
    if first >= last:
        raise ApiError(422, "must be after since", field="until")
    return first, last
