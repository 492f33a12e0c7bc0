"""``/v1/recordings``, ``POST /v1/exports``: what beds have recorded, read or written to files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import redis
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecg_monitor.archive.reading import Interval, read_interval, recordings
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.core.store import StoreError
from ecg_monitor.jobs.exports import facts_of
from ecg_monitor.ward.accounts.trail import Entry
from gateway.api import errors
from gateway.api.caller import Caller, needs
from gateway.api.errors import ApiError
from gateway.api.routes.alarms import EXAMPLE_KIND
from gateway.api.routes.beds import Since
from gateway.api.routes.jobs import JobAnswer, queued
from gateway.api.state import ApiState, state_of

router = APIRouter(tags=["recordings"], responses=errors.documented(401, 403, 404, 422, 429, 503))

LAST_S = 600.0
"""Length of an interval for which no start is given, s."""
LONGEST_S = 600.0
"""Longest interval that is sent with its samples: 12 leads at 1000 Hz are some 40 MB of JSON."""
_RECORDING: dict[str, Any] = {
    "device": "bed-01", "start": 1_790_000_000.0, "end": 1_790_086_400.0, "bytes": 31_000_000,
}  # fmt: skip
_INTERVAL: dict[str, Any] = {
    "device": "bed-01", "start": 1_790_000_000.0, "duration_s": 0.012, "fs": 250.0,
    "leads": ["II"], "gain": [200.0], "baseline": [0.0], "samples": [[12, None, 14]],
    "beats": [{"time_s": 0.004, "symbol": "N"}], "rhythms": [{"time_s": 0.0, "rhythm": "(N"}],
    "alarms": [{"kind": EXAMPLE_KIND, "priority": "high", "onset_s": 0.0, "end_s": None}],
    "notes": [],
}  # fmt: skip

T = TypeVar("T")
Exporter = Annotated[Caller, Depends(needs("export"))]
FileFormat = Literal["wfdb", "edf", "csv", "fhir", "dicom", "pdf", "svg", "png", "report"]


class RecordingRow(BaseModel):
    """What is kept of a bed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RECORDING]})

    device: str
    start: float = Field(description="Unix s.")
    end: float
    bytes: int


class RecordingList(BaseModel):
    """What is kept of each bed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recordings": [_RECORDING]}]})

    recordings: list[RecordingRow]


class TimedBeat(BaseModel):
    """A beat of an interval."""

    time_s: float
    symbol: str


class TimedRhythm(BaseModel):
    """A change of rhythm."""

    time_s: float
    rhythm: str


class TimedAlarm(BaseModel):
    """An alarm that was present."""

    kind: str
    priority: str
    onset_s: float
    end_s: float | None


class RecordedInterval(BaseModel):
    """A stretch of what was recorded; all times are s from its first sample."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INTERVAL]})

    device: str
    start: float = Field(description="Unix time of the first sample, s; may be later than asked.")
    duration_s: float
    fs: float
    leads: list[str]
    gain: list[float] = Field(description="ADC units per mV, one per lead.")
    baseline: list[float] = Field(description="ADC value at 0 mV, one per lead.")
    samples: list[list[int | None]] | None = Field(
        description="ADC values by lead; null where there are none. Absent unless asked for."
    )
    beats: list[TimedBeat]
    rhythms: list[TimedRhythm]
    alarms: list[TimedAlarm]
    notes: list[str]


class ExportQuestion(BaseModel):
    """What to write, and as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"device": "bed-01", "start": 1_790_000_000, "end": 1_790_000_600, "format": "edf"}
            ]
        },
    )

    device: str = Field(max_length=64)
    start: float | None = Field(None, ge=0, le=1e11, allow_inf_nan=False, description="Unix s.")
    end: float | None = Field(None, ge=0, le=1e11, allow_inf_nan=False)
    format: FileFormat = Field(description="`report` is a PDF with figures and strips.")
    language: Literal["en", "fr", "ar"] = Field("en", description="Of a report.")

    @model_validator(mode="after")
    def _in_order(self) -> ExportQuestion:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("end must be after start")
        return self


@router.get("/recordings", response_model=RecordingList)
async def all_recordings(caller: Exporter, request: Request) -> Any:
    """List what is kept of each bed."""
    root = state_of(request).settings.archive_dir
    try:
        found = await asyncio.to_thread(recordings, root)
    except ArchiveError as error:
        raise not_there(error, state_of(request)) from error
    rows = [one._asdict() for one in found if caller.may_see(one.device)]
    return {"recordings": rows}


@router.get("/recordings/{device}", response_model=RecordedInterval)
async def interval(
    device: str,
    caller: Exporter,
    request: Request,
    start: Since = None,
    end: Since = None,
    samples: Annotated[bool, Query(description="Send the samples as well.")] = False,
) -> Any:
    """Tell an interval: its last ten minutes unless times are given, ten minutes at most."""
    state = state_of(request)
    caller.check_bed(device)
    span = span_asked(start, end, LONGEST_S)
    found = await read(read_interval, state, device, span)
    await record(state, caller, f"{device}, {span[1] - span[0]:.0f} s")
    return await asyncio.to_thread(_told, found, samples)


@router.post(
    "/exports", response_model=JobAnswer, status_code=202, responses=errors.documented(413)
)
async def export(question: ExportQuestion, caller: Exporter, request: Request) -> Any:
    """Have an interval written to files; the job's result names them."""
    state = state_of(request)
    caller.check_bed(question.device)
    owner = caller.token.digest
    await asyncio.to_thread(state.intake.check_place, owner)
    folder = await asyncio.to_thread(state.intake.folders.make, owner)
    options = {"start": question.start, "end": question.end, "language": question.language}
    device, form = question.device, question.format
    facts = facts_of(folder, owner, caller.person, device, form, options)
    await asyncio.to_thread(folder.begin, facts)
    try:
        await record(state, caller, f"{question.device} as {question.format}")
    except (redis.RedisError, StoreError):
        await asyncio.to_thread(state.intake.folders.remove, folder)
        raise
    return await queued(state, folder, facts)


def _told(found: Interval, samples: bool) -> dict[str, Any]:
    recording = found.recording
    fs = recording.fs
    rows: list[list[int | None]] | None = None
    if samples:
        valid = recording.valid()
        rows = [
            [value if there else None for value, there in zip(row, mask, strict=True)]
            for row, mask in zip(recording.samples.tolist(), valid.tolist(), strict=True)
        ]
    return {
        "device": found.device,
        "start": found.start,
        "duration_s": recording.duration_s,
        "fs": fs,
        "leads": recording.leads,
        "gain": recording.gain,
        "baseline": recording.baseline,
        "samples": rows,
        "beats": [{"time_s": b.sample / fs, "symbol": b.symbol} for b in recording.beats],
        "rhythms": [{"time_s": r.sample / fs, "rhythm": r.aux} for r in recording.rhythms],
        "alarms": [one._asdict() for one in found.alarms],
        "notes": found.notes,
    }


def span_asked(start: float | None, end: float | None, longest_s: float) -> tuple[float, float]:
    """Return the Unix times that a question is about: the last ten minutes unless it says so.

    Raises:
        ApiError: the end is not after the start, or by more than ``longest_s``.
    """
    last = time.time() if end is None else end
    first = last - LAST_S if start is None else start
    if not 0 < last - first <= longest_s:
        raise ApiError(422, f"must be after start, by {longest_s:g} s at most", field="end")
    return first, last


async def read(
    reader: Callable[[Path, str, float, float], T],
    state: ApiState,
    device: str,
    span: tuple[float, float],
) -> T:
    """Return what a reader of the archive finds of a bed between two Unix times.

    Raises:
        ApiError: nothing is kept of it.
    """
    try:
        return await asyncio.to_thread(reader, state.settings.archive_dir, device, *span)
    except ArchiveError as error:
        raise not_there(error, state) from error


def not_there(error: ArchiveError, state: ApiState) -> ApiError:
    """Return the answer to a question about what is not kept, without where the archive lies."""
    return ApiError(404, str(error).replace(str(state.settings.archive_dir), "the archive"))


async def record(state: ApiState, caller: Caller, what: str) -> None:
    """Write into the audit trail that a recording was taken out.

    Raises:
        StoreError: Redis does not answer.
    """
    detail = f"{what}, by the token {caller.token.name}"
    entry = Entry("exported", caller.person, caller.person, time.time(), caller.address, detail)
    await state.note(entry)
