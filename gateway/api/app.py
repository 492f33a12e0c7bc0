"""The application: routes, errors, doors, and what lives as long as the process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI

import ecg_monitor
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.ward.system.process_figures import report
from gateway.api import errors
from gateway.api.doors import Doors
from gateway.api.routes import alarms, beds, events, health, models, score
from gateway.api.state import ApiState

log = logging.getLogger("api")

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request that is no upload: 30 s at 2000 Hz as JSON."""
ROUTES = (beds, alarms, events, models, score)
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
        app.include_router(module.router, prefix="/v1", max_body_size=LARGEST_BODY)
    app.add_middleware(Doors, shared=shared)
    return app


def _warm() -> None:
    import numpy as np  # noqa: PLC0415

    from detector.analyzer.warm import warm  # noqa: PLC0415
    from gateway.scoring.beats import score_beat  # noqa: PLC0415
    from gateway.scoring.window import warm_window  # noqa: PLC0415

    try:
        warm()
        warm_window()
        score_beat(np.sin(np.arange(140.0)))
    except Exception:
        log.exception("the engine cannot be made ready: nothing is scored")
        raise
