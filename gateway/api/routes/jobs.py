"""``POST /v1/analyses`` and ``/v1/jobs``: a recording is sent, waits, is analysed, is fetched."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import orjson
import redis
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from ecg_monitor.core.store import StoreError
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from ecg_monitor.jobs.queue import JobState
from ecg_monitor.ward.accounts.tokens import by_digest
from ecg_monitor.ward.accounts.trail import AccountAct, Entry
from gateway.api import errors
from gateway.api.caller import Caller, needs
from gateway.api.errors import ApiError
from gateway.api.state import ApiState, state_of

log = logging.getLogger("api")
router = APIRouter(tags=["analyses"], responses=errors.documented(401, 403, 404, 422, 429, 503))

LOOK_EVERY_S = 0.3
ALIVE_EVERY_S = 10.0
"""A comment goes out this often while nothing changes: proxies end what is silent."""
SURE_S = 1.0
"""How long a token that has been revoked may go on listening, s."""
_JOB: dict[str, Any] = {
    "id": "0123456789abcdef0123456789abcdef", "state": "running", "progress": 0.42, "ahead": None,
    "error": None, "task": "analysis", "name": "patient7.edf", "size": 1_300_000,
    "created_at": 1_790_000_000.0,
}  # fmt: skip
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "EDF, BDF, CSV, ISHNE, DICOM, aECG, MUSE XML, or a zip "
                            "of one recording (of WFDB: with its header).",
                        },
                        "fs": {"type": "number", "description": "Rate of a CSV without times, Hz."},
                        "leads": {"type": "string", "description": "Leads to use, as in II,V1."},
                    },
                }
            }
        },
    }
}

Uploader = Annotated[Caller, Depends(needs("upload"))]
Owner = Annotated[Caller, Depends(needs("upload", "export"))]
JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class JobAnswer(BaseModel):
    """An analysis that was asked for, and how it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JOB]})

    id: str
    task: Literal["analysis", "export"]
    state: Literal["queued", "running", "finished", "failed"]
    progress: float = Field(description="Share that is done, 0 .. 1.")
    ahead: int | None = Field(description="Jobs that come before it; null unless it waits.")
    error: str | None = Field(description="Why it has failed.")
    name: str
    size: int = Field(description="Bytes that were sent.")
    created_at: float


class JobList(BaseModel):
    """The analyses that the token has asked for, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"jobs": [_JOB]}]})

    jobs: list[JobAnswer]


@router.post(
    "/analyses",
    response_model=JobAnswer,
    status_code=202,
    openapi_extra=_FORM,
    responses=errors.documented(408, 413),
)
async def analyse(caller: Uploader, request: Request) -> Any:
    """Send one recording; it is analysed by the engine that follows patients live."""
    state = state_of(request)
    folder, facts = await state.intake.take(request, caller)
    try:
        await _record(state, caller, "upload_analysed", facts)
    except (redis.RedisError, StoreError):
        await asyncio.to_thread(state.intake.folders.remove, folder)
        raise
    return await queued(state, folder, facts)


@router.get("/jobs", response_model=JobList)
async def jobs(caller: Owner, request: Request) -> Any:
    """List what the token has sent."""
    state = state_of(request)
    return {"jobs": await asyncio.to_thread(_all, state, caller.token.digest)}


@router.get("/jobs/{job}", response_model=JobAnswer)
async def one_job(job: JobId, caller: Owner, request: Request) -> Any:
    """Tell how a job is."""
    folder, facts = _found(state_of(request), caller, job)
    return _told(facts, await asyncio.to_thread(state_of(request).jobs.look, folder))


@router.get("/jobs/{job}/result", response_class=Response, responses=errors.documented(409))
async def result(job: JobId, caller: Owner, request: Request) -> Response:
    """Return the analysis, as `ecg-monitor analyze` writes it as JSON, or what was exported."""
    state = state_of(request)
    folder = _outcome(state, caller, job)
    how = await asyncio.to_thread(state.jobs.look, folder)
    if how.state == "failed":
        raise ApiError(409, f"there is none: {how.error}", code="failed")
    if how.state != "finished":
        raise ApiError(409, "it is not done yet", code="not_done", headers={"Retry-After": "1"})
    return FileResponse(folder.result, media_type="application/json")


@router.get("/jobs/{job}/files/{name}", response_class=FileResponse)
async def file(job: JobId, name: str, caller: Owner, request: Request) -> Response:
    """Return a file that an export has written; the result names them."""
    folder = _outcome(state_of(request), caller, job)
    path = next((one for one in _files(folder) if one.name == name), None)
    if path is None or not folder.result.exists():
        raise ApiError(404, "there is no such file; the result of the job names them", field="name")
    return FileResponse(path, filename=path.name)


@router.get("/jobs/{job}/events", response_class=StreamingResponse)
async def progress(job: JobId, caller: Owner, request: Request) -> Response:
    """Tell each change of a job as a server-sent event ``job``, until it or the token is over."""
    state = state_of(request)
    folder, facts = _found(state, caller, job)
    if not state.listening.has_place(caller.token.digest):
        raise ApiError(429, "too many listeners", headers={"Retry-After": "5"})
    told = _changes(state, caller, folder, facts)
    return StreamingResponse(told, media_type="text/event-stream")


@router.delete("/jobs/{job}", status_code=204)
async def remove(job: JobId, caller: Owner, request: Request) -> None:
    """Delete a job, its upload and its analysis; one that is under way ends."""
    state = state_of(request)
    folder, facts = _found(state, caller, job)
    await asyncio.to_thread(state.intake.folders.remove, folder)
    await asyncio.to_thread(state.jobs.remove, job)
    await _record(state, caller, "upload_deleted", facts)


async def queued(state: ApiState, folder: JobFolder, facts: JobFacts) -> dict[str, Any]:
    """Put a job into the queue; return what is told of it.

    Raises:
        ApiError: Redis does not answer (503); the job is gone.
    """
    try:
        await asyncio.to_thread(state.jobs.put, folder)
        return _told(facts, await asyncio.to_thread(state.jobs.look, folder))
    except redis.RedisError as error:
        await asyncio.to_thread(state.intake.folders.remove, folder)
        log.warning("a job cannot be queued: %s", error)
        raise ApiError(503, "Redis does not answer; send it again") from error


async def _changes(
    state: ApiState, caller: Caller, folder: JobFolder, facts: JobFacts
) -> AsyncIterator[bytes]:
    last: JobState | None = None
    told_at = time.monotonic()
    sure_until = told_at + SURE_S  # the door has just looked at the token
    with state.listening.place(caller.token.digest):
        while last is None or not last.is_over:
            try:
                if time.monotonic() > sure_until:
                    if await by_digest(state.client, caller.token.digest, time.time()) is None:
                        return
                    sure_until = time.monotonic() + SURE_S
                how = await asyncio.to_thread(state.jobs.look, folder)
            except redis.RedisError as error:
                log.debug("cannot look: %s", error)
            else:
                if how != last:
                    last, told_at = how, time.monotonic()
                    yield b"event: job\ndata: " + orjson.dumps(_told(facts, how)) + b"\n\n"
                    continue
            if time.monotonic() - told_at > ALIVE_EVERY_S:
                told_at = time.monotonic()
                yield b": still there\n\n"
            await asyncio.sleep(LOOK_EVERY_S)


def _all(state: ApiState, owner: str) -> list[dict[str, Any]]:
    folders = state.intake.folders
    found = ((facts, folders.find(facts.id, owner)) for facts in folders.of(owner))
    return [_told(facts, state.jobs.look(folder)) for facts, folder in found if folder is not None]


def _files(folder: JobFolder) -> list[FilePath]:
    return sorted(folder.files.iterdir()) if folder.files.is_dir() else []


def _found(state: ApiState, caller: Caller, job: str) -> tuple[JobFolder, JobFacts]:
    folder = state.intake.folders.find(job, caller.token.digest)
    facts = None if folder is None else folder.facts()
    if folder is None or facts is None:
        raise ApiError(404, "there is no such job (any more)")
    return folder, facts


def _outcome(state: ApiState, caller: Caller, job: str) -> JobFolder:
    """Return the folder of a job whose outcome may be told: of an export the bed must still be."""
    folder, facts = _found(state, caller, job)
    if facts.task == "export":
        caller.check_bed(facts.options["device"])
    return folder


def _told(facts: JobFacts, how: JobState) -> dict[str, Any]:
    return {
        "id": facts.id,
        "task": facts.task,
        "state": how.state,
        "progress": how.progress,
        "ahead": how.ahead,
        "error": how.error,
        "name": facts.name,
        "size": facts.size,
        "created_at": facts.created_at,
    }


async def _record(state: ApiState, caller: Caller, what: AccountAct, facts: JobFacts) -> None:
    detail = f"{facts.name}, {facts.size} bytes, by the token {caller.token.name}"
    entry = Entry(what, caller.person, caller.person, time.time(), caller.address, detail)
    await state.note(entry)
