"""``/v1/recordings/DEVICE/annotations``: beats and rhythms of an interval, and who said so."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ecg_monitor.archive.annotations.acts import OF_BEATS
from ecg_monitor.archive.annotations.reviewing import ReviewedInterval, read_reviewed
from gateway.api import errors
from gateway.api.routes.beds import Since
from gateway.api.routes.recordings import Exporter, TimedRhythm, read, record, span_asked
from gateway.api.state import state_of

router = APIRouter(tags=["recordings"], responses=errors.documented(401, 403, 404, 422, 429, 503))

LONGEST_S = 86_400.0
"""Longest interval, s: a day has some hundred thousand beats, 10 MB of JSON."""
_BEAT: dict[str, Any] = {
    "time_s": 2.004, "symbol": "S", "found": "V", "by": "A. Doctor", "disputed": False,
}  # fmt: skip
_ACT: dict[str, Any] = {
    "what": "label", "by": "A. Doctor", "at": 1_790_090_000.0, "start": 1_790_000_002.004,
    "end": 1_790_000_002.004, "value": "S", "text": "", "before": "V", "alarm": "", "beats": 1,
}  # fmt: skip
_ANNOTATIONS: dict[str, Any] = {
    "device": "bed-01", "start": 1_790_000_000.0, "duration_s": 600.0, "by": "reviewer",
    "beats": [_BEAT], "rhythms": [], "acts": [_ACT], "corrected": 1, "confirmed": 0, "notes": [],
}  # fmt: skip

_NAMES = ("by", "at", "start", "end", "value", "text", "before", "alarm")
By = Literal["reviewer", "machine", "all"]


class TimedAnnotation(BaseModel):
    """A beat, and who called it so."""

    time_s: float = Field(description="s from the first sample of the interval.")
    symbol: str = Field(description="WFDB symbol that holds; empty: a reviewer deleted the beat.")
    found: str = Field(description="That of the record; empty: a reviewer inserted the beat.")
    by: str = Field(description="Reviewer; empty: nobody has touched it.")
    disputed: bool = Field(description="Reviewers differ; the newest holds.")


class ReviewAct(BaseModel):
    """What a reviewer did, and it holds."""

    what: str = Field(description="label, delete, insert, verdict, rhythm or note.")
    by: str
    at: float = Field(description="When it was said, Unix s.")
    start: float = Field(description="Of what it is about, Unix s.")
    end: float
    value: str = Field(description="Symbol of a beat, rhythm, or verdict.")
    text: str
    before: str = Field(description="What it replaced.")
    alarm: str = Field(description="Id of the alarm that a verdict is about.")
    beats: int = Field(description="How many beats it is about.")


class Annotations(BaseModel):
    """What is annotated in an interval."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANNOTATIONS]})

    device: str
    start: float = Field(description="Unix time of the first sample, s.")
    duration_s: float
    by: By
    beats: list[TimedAnnotation]
    rhythms: list[TimedRhythm]
    acts: list[ReviewAct]
    corrected: int = Field(description="Beats that are not as they were found.")
    confirmed: int
    notes: list[str]


@router.get("/recordings/{device}/annotations", response_model=Annotations)
async def annotated(
    device: str,
    caller: Exporter,
    request: Request,
    by: Annotated[
        By, Query(description="What reviewers said, what was found, or all that holds.")
    ] = "all",
    start: Since = None,
    end: Since = None,
) -> Any:
    """Tell the beats and rhythms of an interval, a day at most: the last ten minutes unless given.

    Those of reviewers are told with their names, and their acts with when they were done.
    """
    state = state_of(request)
    caller.check_bed(device)
    span = span_asked(start, end, LONGEST_S)
    found = await read(read_reviewed, state, device, span)
    await record(state, caller, f"annotations of {device}, {span[1] - span[0]:.0f} s")
    return await asyncio.to_thread(_told, found, by)


def _told(found: ReviewedInterval, by: By) -> dict[str, Any]:
    interval = found.interval
    fs = interval.recording.fs
    beats = [
        {
            "time_s": beat.sample / fs,
            "symbol": beat.original if by == "machine" else beat.symbol,
            "found": beat.original,
            "by": "" if by == "machine" else beat.by,
            "disputed": by != "machine" and beat.disputed,
        }
        for beat in found.beats
        if (beat.by or by != "reviewer") and (beat.original or by != "machine")
    ]
    rhythms = interval.recording.rhythms if by == "machine" else found.rhythms
    kept = () if by == "reviewer" else rhythms
    acts = () if by == "machine" else found.acts
    return {
        "device": interval.device,
        "start": interval.start,
        "duration_s": interval.recording.duration_s,
        "by": by,
        "beats": beats,
        "rhythms": [{"time_s": one.sample / fs, "rhythm": one.aux} for one in kept],
        "acts": [
            {
                **{name: getattr(act, name) for name in _NAMES},
                "what": str(act.what),
                "beats": len(act.samples) if act.what in OF_BEATS else 0,
            }
            for act in acts
        ],
        "corrected": 0 if by == "machine" else found.corrected,
        "confirmed": 0 if by == "machine" else found.confirmed,
        "notes": interval.notes,
    }
