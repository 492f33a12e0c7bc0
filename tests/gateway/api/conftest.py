"""The application in this process over a real, empty Redis; tokens as the command makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.tokens import SCOPES, Tokens
from gateway.api.app import make_app
from tests.support.waiting import until

Grant = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_url, state=str(tmp_path), api_upload_mb=1)


@pytest.fixture
async def app(redis_client: Store, settings: Settings) -> AsyncIterator[Any]:
    """The application, which is ready to score."""
    made: Any = make_app(settings)
    async with made.router.lifespan_context(made):
        await until(lambda: made.state.shared.scoring.is_ready)
        yield made


@pytest.fixture
async def api(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@pytest.fixture
def grant(redis_client: Store) -> Grant:
    """Return a function that makes a token; it returns the headers to send."""
    made = 0

    async def make(*scopes: str, role: str = "clinician", **rest: Any) -> dict[str, str]:
        nonlocal made
        made += 1
        secret, _ = await Tokens(redis_client, "A. Admin").add(
            f"token-{made}", user="A. Nurse", role=role, scopes=scopes or SCOPES, **rest
        )
        return {"Authorization": f"Bearer {secret}"}

    return make
