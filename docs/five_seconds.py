"""Take the picture of docs/DASHBOARD.md, five seconds at a wall: sixteen beds, three of them alarm.

    python -m docs.five_seconds

Hub, dashboard and delivery run for it; the signal is fed as the tests of pages feed it, and the
three alarms are written as a detector writes them, so that the picture has just these.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

import orjson
import redis
from PIL import Image
from playwright.sync_api import sync_playwright

from docs.screenshots import CHROMIUM, FLAGS, IMAGES
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.types import alert_id
from ecg_monitor.launch.services.start import start_mqtt
from tests.support.sites import Site, feeding, process, running

DATA = Path(__file__).parents[2] / "shared" / "data" / "mitdb"
WIDTH, HEIGHT = 1920, 1080
BEDS = 16
ALARMS = (
    ("bed-11", "asystole", "high", 5.0),
    ("bed-6", "ventricular_run", "medium", 12.0),
    ("bed-14", "leadoff", "technical", 20.0),
)
"""Bed, kind, priority, and since how many seconds."""
QUALITY = 80
SEEN_S = 8.0
"""Rates are known and traces have gone round."""


def raise_alarms(site: Site) -> None:
    """Let the beds have their alarms."""
    with redis.Redis.from_url(site.settings.redis_url) as store:
        for bed, kind, priority, age_s in ALARMS:
            at = time() - age_s
            one: dict[str, Any] = {
                **{"id": alert_id(bed, "boot1", kind, 1), "device": bed, "boot": "boot1"},
                **{"kind": kind, "priority": priority, "n": 1, "value": 4.0, "limit": 4.0},
                **{"present": True, "onset_at": at, "raised_at": at, "cleared_at": None},
            }
            partition = keys.partition_of(bed, site.settings.partitions)
            store.hset(keys.alerts(partition), one["id"], orjson.dumps(one))
            store.xadd(keys.alertlog(partition), {"j": orjson.dumps(one)})


@contextmanager
def broker(folder: str) -> Iterator[str]:
    """Run a broker for the delivery; yield its address."""
    service = start_mqtt(Settings(state=folder))
    try:
        yield service.url
    finally:
        service.stop()


def main() -> None:
    """Take it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        broker(folder) as address,
        running(Path(folder), mqtt_url=address) as site,
        process("-m", "ecg_monitor.cli", "deliver", env=to_environ(site.settings)),
        feeding(site, DATA, BEDS),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
        page.set_default_timeout(120_000)
        page.goto(site.link)
        page.locator(".tile .rate[data-known]").nth(BEDS - 1).wait_for()
        page.wait_for_timeout(1000 * SEEN_S)
        hear = page.locator(".banner button")
        if hear.is_visible():
            hear.click()
        raise_alarms(site)
        page.locator(".tile[data-alarm]").nth(len(ALARMS) - 1).wait_for()
        page.wait_for_timeout(1000 * SEEN_S)
        with Image.open(BytesIO(page.screenshot())) as picture:
            picture.save(IMAGES / "five-seconds.webp", quality=QUALITY, method=6)
        browser.close()


if __name__ == "__main__":
    main()
