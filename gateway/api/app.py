"""The application: routes, errors, doors, and what lives as long as the process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import redis
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

import ecg_monitor
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.ward.system.process_figures import report
from gateway.api import errors
from gateway.api.doors import Doors
from gateway.api.routes import (
    alarms,
    annotated,
    beds,
    devices,
    events,
    health,
    jobs,
    models,
    recordings,
    score,
    units,
)
from gateway.api.state import ApiState
from gateway.api.uploads import MULTIPART_BYTES

log = logging.getLogger("api")

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request that is no upload: 30 s at 2000 Hz as JSON."""
SWEEP_EVERY_S = 60.0
ROUTES = (beds, units, devices, alarms, models, score, recordings, annotated)
_BEARER = [Depends(HTTPBearer(scheme_name="bearer", auto_error=False))]
"""Tells OpenAPI how to come in; what lets in is `gateway.api.doors`."""
_ABOUT = """Beds, alarms and the past of a ward, scores of beats, analyses of uploads.
Research software, not a medical device. Send `Authorization: Bearer TOKEN`;
`ecg-monitor tokens add` makes tokens."""


def make_app(settings: Settings) -> FastAPI:
    """Return the application.

    Raises:
        ServiceError: the address of Redis is malformed.
        SettingsError: a setting is missing or wrong.
    """
    shared = ApiState(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.ensure_future(shared.scoring.start(_warm)),
            asyncio.ensure_future(report(shared.client, "api")),
            asyncio.ensure_future(_sweep(shared)),
        ]
        try:
            yield
        finally:
            await cancel_all(tasks)
            await shared.close()

    app = FastAPI(
        title="ECG Monitor",
        version=ecg_monitor.__version__,
        description=_ABOUT,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere; a hospital's network may have no elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.shared = shared
    errors.install(app)
    app.include_router(health.router)
    for module in ROUTES:
        app.include_router(
            module.router, prefix="/v1", max_body_size=LARGEST_BODY, dependencies=_BEARER
        )
    app.include_router(events.router, prefix="/v1")
    # More than the largest file: what is beside it in the request, too.
    limit = shared.intake.most_bytes + MULTIPART_BYTES
    app.include_router(jobs.router, prefix="/v1", max_body_size=limit, dependencies=_BEARER)
    app.add_middleware(Doors, shared=shared)
    return app


async def _sweep(shared: ApiState) -> None:
    """Remove jobs that are too old, until cancelled."""
    while True:
        try:
            for job in await asyncio.to_thread(shared.intake.folders.sweep):
                await asyncio.to_thread(shared.jobs.remove, job)
        except (OSError, redis.RedisError) as error:
            log.warning("old uploads are not removed: %s", error)
        await asyncio.sleep(SWEEP_EVERY_S)


def _warm() -> None:
    import numpy as np  # noqa: PLC0415

    from detector.analyzer.warm import warm  # noqa: PLC0415
    from gateway.scoring.beats import LENGTHS, score_beat  # noqa: PLC0415
    from gateway.scoring.window import warm_window  # noqa: PLC0415

    try:
        warm()
        warm_window()
        for samples in LENGTHS:
            score_beat(np.sin(np.arange(float(samples))))
    except Exception:
        log.exception("the engine cannot be made ready: nothing is scored")
        raise
