"""``POST /v1/score``: one beat, or seconds of signal, judged at once."""

from __future__ import annotations

import time
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.api import errors
from gateway.api.caller import needs
from gateway.api.state import state_of
from gateway.scoring.beats import score_beat
from gateway.scoring.score import BeatScore, TimedScore
from gateway.scoring.window import leading, score_window

router = APIRouter(tags=["score"])

MOST_SAMPLES = 60_000
"""30 s at 2000 Hz."""
LEAD = r"^[A-Za-z0-9_+-]{1,16}$"

Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e6, le=1e6)]
EXAMPLE_BEAT: list[Any] = [round(float(np.exp(-((i - 50) ** 2) / 18)), 3) for i in range(140)]


class ScoreQuestion(BaseModel):
    """One beat, or a window of signal; not both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"beat": EXAMPLE_BEAT}]},
    )

    beat: Annotated[list[Number], Field(fail_fast=True, max_length=187)] | None = Field(
        None, description="140 samples (as ECG5000 has them) or 187 (MIT-BIH and PTB, 125 Hz)."
    )
    window: Annotated[list[Number], Field(fail_fast=True, max_length=MOST_SAMPLES)] | None = Field(
        None, description="3 to 30 s of one lead, mV."
    )
    fs: float | None = Field(
        None, strict=True, gt=0, le=1e6, allow_inf_nan=False,
        description="Rate of the window, Hz. A beat needs none.",
    )  # fmt: skip
    lead: str = Field("II", pattern=LEAD, description="Name of the window's lead.")
    model: str | None = Field(
        None, max_length=64, description="Name of the network to ask (see /v1/models)."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> ScoreQuestion:
        if (self.beat is None) == (self.window is None):
            raise ValueError("give either beat or window")
        if self.window is not None and self.fs is None:
            raise ValueError("window needs fs")
        return self


class WindowBeat(BaseModel):
    """A beat of the window."""

    time_s: float
    score: float | None
    label: str | None = Field(serialization_alias="class")
    confidence: float | None


class ScoreAnswer(BaseModel):
    """What the network says. For a window it is about its most unusual beat."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "autoencoder", "score": 0.31, "threshold": 0.5, "anomalous": False,
                    "class": "N", "confidence": 0.97, "probabilities": {"N": 0.97, "V": 0.03},
                    "reconstruction": [0.0, 0.01], "reconstruction_by": "autoencoder",
                    "time_s": None, "beats": [], "took_ms": 4.2,
                }
            ]
        }
    )  # fmt: skip

    model: str
    score: float | None = Field(description="How unusual; None if the network does not judge it.")
    threshold: float | None = Field(description="Score from which it is anomalous.")
    anomalous: bool | None
    label: str | None = Field(alias="class", description="AAMI class, or what the network knows.")
    confidence: float | None = Field(
        description="Probability of the class, calibrated on the collection that the network has "
        "learnt from; null where it tells none."
    )
    probabilities: dict[str, float]
    reconstruction: list[float] = Field(
        description="The beat as the network rebuilt it; of a window mV at 250 Hz, from 0.28 s "
        "before the R peak."
    )
    reconstruction_by: str = Field(description="The network that rebuilt it.")
    time_s: float | None = Field(None, description="Place of the beat in the window, s.")
    beats: list[WindowBeat] = Field([], description="All beats of the window.")
    took_ms: float


@router.post(
    "/score",
    response_model=ScoreAnswer,
    responses=errors.documented(400, 401, 403, 413, 422, 429, 503),
    dependencies=[Depends(needs("score"))],
)
async def score(question: ScoreQuestion, request: Request) -> Any:
    """Judge one beat, or the beats of some seconds of signal."""
    began = time.perf_counter()
    # One at a time, in a thread of its own: the networks' buffers are shared.
    answer = await state_of(request).scoring.run(_answer, question)
    return {**answer, "took_ms": round(1000 * (time.perf_counter() - began), 3)}


def _answer(question: ScoreQuestion) -> dict[str, Any]:
    if question.beat is not None:
        return _told(score_beat(np.array(question.beat, np.float64), question.model))
    window = np.array(question.window, np.float64)
    beats = score_window(window, question.fs or 0.0, question.lead)
    first = leading(beats)
    return {
        **_told(first.beat),
        "time_s": round(first.time_s, 4),
        "beats": [_row(one) for one in beats],
    }


def _told(one: BeatScore) -> dict[str, Any]:
    return {
        "model": one.model,
        "score": one.score,
        "threshold": one.threshold,
        "anomalous": one.anomalous,
        "class": one.label,
        "confidence": one.confidence,
        "probabilities": one.probabilities,
        "reconstruction": one.reconstruction,
        "reconstruction_by": one.rebuilt_by or one.model,
    }


def _row(one: TimedScore) -> dict[str, Any]:
    return {
        "time_s": round(one.time_s, 4),
        "score": one.beat.score,
        "label": one.beat.label,
        "confidence": one.beat.confidence,
    }
