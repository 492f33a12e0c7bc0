"""``GET /health``: whether the API answers, and Redis with it. It needs no token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

import ecg_monitor
from ecg_monitor.core import store
from gateway.api.state import state_of

router = APIRouter(tags=["health"])

WITHIN_S = 2.0


class Health(BaseModel):
    """How the API is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ok", "redis": True, "version": "1.0.0"}]}
    )

    status: str
    redis: bool
    version: str


@router.get("/health", response_model=Health, responses={503: {"model": Health}})
async def health(request: Request) -> Any:
    """Say ``ok``, ``starting`` (nothing is scored yet) or ``degraded`` (Redis is away, 503)."""
    state = state_of(request)
    try:
        await store.check_answers(state.client, WITHIN_S)
        redis = True
    except store.StoreError:
        redis = False
    status = "ok" if state.scoring.is_ready else "starting"
    body = {
        "status": status if redis else "degraded",
        "redis": redis,
        "version": ecg_monitor.__version__,
    }
    return body if redis else JSONResponse(body, 503)
