"""``/v1/alarms``: what was raised, why, and that somebody has seen it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ecg_monitor.core.types import Priority, alert_id
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alerts.handling.query import Query as Wanted
from ecg_monitor.ward.alerts.reasons import MAX_TEXT
from gateway.api import errors
from gateway.api.caller import Caller, needs
from gateway.api.errors import ApiError
from gateway.api.routes.beds import InUnit, Reader, Since
from gateway.api.state import state_of

router = APIRouter(tags=["alarms"], responses=errors.documented(401, 403, 404, 422, 429, 503))

MOST = 1000
EXAMPLE_KIND = next(iter(KINDS))
"""The first of the catalogue stands for all in what OpenAPI shows."""
_ALARM: dict[str, Any] = {
    "id": f"bed-01/b1/{EXAMPLE_KIND}/36000", "device": "bed-01", "boot": "b1", "kind": EXAMPLE_KIND,
    "priority": "high", "lead": None, "value": 4.2, "limit": 4.0, "present": True,
    "presence": "On", "audio": "On", "why": "sounds", "onset_at": 1_790_000_000.0,
    "raised_at": 1_790_000_004.0, "cleared_at": None, "acked_by": None, "acked_at": None,
    "reason": None, "reason_text": None, "reason_by": None, "reason_at": None,
    "escalation": 0, "evidence": True, "times": 1, "stay": "6f1c",
}  # fmt: skip

Acker = Annotated[Caller, Depends(needs("acknowledge"))]
Boot = Annotated[str, Path(max_length=64)]
Kind = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,40}$")]
Onset = Annotated[int, Path(ge=0, le=2**53)]
State = Literal["active", "On", "Ack", "Latch", "Off", "all"]
PATH = "/alarms/{device}/{boot}/{kind}/{n}"


class AlarmRow(BaseModel):
    """An alarm, and what was done about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ALARM]})

    id: str = Field(description="DEVICE/BOOT/KIND/ONSET; below /v1/alarms/ it is its address.")
    device: str
    boot: str
    kind: str
    priority: Priority
    lead: str | None
    value: float | None
    limit: float | None
    present: bool
    presence: str = Field(description="On, Ack (acknowledged), Latch (over, unseen) or Off.")
    audio: str
    why: str
    onset_at: float | None
    raised_at: float
    cleared_at: float | None
    acked_by: str | None
    acked_at: float | None
    reason: str | None = Field(
        description="real, artefact, care (moved or cared for), known, or empty: in words alone."
    )
    reason_text: str | None
    reason_by: str | None
    reason_at: float | None
    escalation: int
    evidence: bool
    times: int
    stay: str


class AlarmList(BaseModel):
    """Alarms, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"alarms": [_ALARM], "complete": True}]}
    )

    alarms: list[AlarmRow]
    complete: bool = Field(description="False: there are more; narrow the question.")


class Acknowledgement(BaseModel):
    """The priority that was shown. One that has risen meanwhile is not acknowledged."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"priority": "high"}]}
    )

    priority: Priority


class ReasonGiven(BaseModel):
    """Why an alarm came that has been acknowledged: a choice, free words, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "artefact", "text": "electrode V1 was loose"}]},
    )

    reason: Literal["", "real", "artefact", "care", "known"] = ""
    text: str = Field(default="", max_length=MAX_TEXT)


class ReasonOutcome(BaseModel):
    """What became of a reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "done"}]})

    outcome: Literal["done", "already"] = Field(
        description="already: the same person had said the same before."
    )


class Outcome(BaseModel):
    """What became of an acknowledgement."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "acknowledged", "by": "A. Nurse"}]}
    )

    outcome: Literal["acknowledged", "already"] = Field(
        description="already: had been acknowledged before."
    )
    by: str


@router.get("/alarms", response_model=AlarmList)
async def alarms(
    caller: Reader,
    request: Request,
    device: Annotated[str | None, Query(max_length=64)] = None,
    unit: InUnit = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    state: State = "active",
    since: Since = None,
    until: Since = None,
) -> Any:
    """List the alarms that are active, or those that are asked for."""
    if device is not None:
        caller.check_bed(device)
    caller.check_unit(unit)
    wanted = Wanted(device=device, kind=kind, state=state, since=since, until=until)
    rows = await state_of(request).desk.find(wanted)
    seen = [row for row in rows if caller.is_of(row["device"], unit)]
    return {"alarms": seen[:MOST], "complete": len(seen) <= MOST}


@router.get(PATH, response_model=AlarmRow)
async def alarm(
    device: str, boot: Boot, kind: Kind, n: Onset, caller: Reader, request: Request
) -> Any:
    """Tell one alarm."""
    return await _row(request, caller, device, alert_id(device, boot, kind, n))


@router.get(f"{PATH}/evidence")
async def evidence(
    device: str, boot: Boot, kind: Kind, n: Onset, caller: Reader, request: Request
) -> dict[str, Any]:
    """Tell why it was raised: strip, beats, rule and numbers."""
    identity = alert_id(caller.check_bed(device), boot, kind, n)
    found = await state_of(request).desk.evidence(identity)
    if found is None:
        raise ApiError(404, "there is no evidence (yet, or any more)")
    return found


@router.get(f"{PATH}/fhir")
async def fhir(
    device: str,
    boot: Boot,
    kind: Kind,
    n: Onset,
    caller: Reader,
    request: Request,
    release: Literal["r4", "r5"] = "r4",
) -> dict[str, Any]:
    """Tell the same as a FHIR Bundle."""
    identity = alert_id(caller.check_bed(device), boot, kind, n)
    found = await state_of(request).desk.fhir(identity, release)
    if found is None:
        raise ApiError(404, "there is no such alarm (any more)")
    return found


@router.post(f"{PATH}/acknowledge", response_model=Outcome, responses=errors.documented(409))
async def acknowledge(
    device: str,
    boot: Boot,
    kind: Kind,
    n: Onset,
    question: Acknowledgement,
    caller: Acker,
    request: Request,
) -> Any:
    """Say that the person behind the token has seen it. It takes a clinician."""
    caller.check_role("clinician")
    identity = alert_id(caller.check_bed(device), boot, kind, n)
    desk = state_of(request).desk
    outcome = await desk.acknowledge(caller.person, seen={identity: question.priority})
    if outcome.unknown:
        raise ApiError(404, "there is no such alarm (any more)")
    row = await _row(request, caller, device, identity)
    if row["acked_at"] is None:
        raise ApiError(409, f"its priority is {row['priority']} now; look again", field="priority")
    return {"outcome": "already" if outcome.already else "acknowledged", "by": row["acked_by"]}


@router.post(f"{PATH}/reason", response_model=ReasonOutcome, responses=errors.documented(409))
async def reason(
    device: str,
    boot: Boot,
    kind: Kind,
    n: Onset,
    given: ReasonGiven,
    caller: Acker,
    request: Request,
) -> Any:
    """Say why an alarm came that has been acknowledged; it may be over. It takes a clinician."""
    caller.check_role("clinician")
    identity = alert_id(caller.check_bed(device), boot, kind, n)
    outcome = await state_of(request).desk.give_reason(
        caller.person, [identity], reason=given.reason, text=given.text
    )
    if outcome.unknown:
        raise ApiError(404, "there is no such alarm (any more)")
    if outcome.open:
        raise ApiError(409, "nobody has acknowledged it yet; acknowledge it first")
    return {"outcome": "already" if outcome.already else "done"}


async def _row(request: Request, caller: Caller, device: str, identity: str) -> dict[str, Any]:
    rows = await state_of(request).desk.find(Wanted(device=caller.check_bed(device)))
    found = next((row for row in rows if row["id"] == identity), None)
    if found is None:
        raise ApiError(404, "there is no such alarm (any more)")
    return found
