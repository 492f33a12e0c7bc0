"""``GET /v1/models``: the networks that score, and what each takes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from gateway.api import errors
from gateway.api.caller import needs
from gateway.scoring.catalogue import offers

router = APIRouter(tags=["score"])


_MODEL: dict[str, Any] = {
    "name": "autoencoder", "title": "Autoencoder that runs live", "takes": "beat",
    "samples": [140, 187], "fs": None, "labels": [],
    "default_for": [140, 187],
}  # fmt: skip


class Model(BaseModel):
    """A network."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MODEL]})

    name: str
    title: str
    takes: str = Field(description="`beat` or `window`.")
    samples: list[int] = Field(description="Lengths of a beat that it takes.")
    fs: float | None = Field(description="Rate of such a beat, Hz; none: any.")
    labels: list[str]
    default_for: list[int] = Field(description="Lengths for which it answers unless one is named.")


class Models(BaseModel):
    """The networks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"models": [_MODEL]}]})

    models: list[Model]


@router.get(
    "/models",
    response_model=Models,
    responses=errors.documented(401, 403, 429),
    dependencies=[Depends(needs("score"))],
)
async def models() -> Any:
    """List the networks."""
    return {"models": offers()}
