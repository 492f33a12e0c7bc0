"""The twelve-lead page in a real browser: true millimetres, nothing cut, findings on top."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import numpy as np
import pytest
import redis

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import to_environ
from ecg_monitor.core.types import Packet
from tests.support.pages import flawless, until
from tests.support.sites import Site, process
from tests.support.twelve_leads import INDEPENDENT_AT, millivolts
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

FS = 250.0
PERIOD_S = 30
LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
MILLIMETRES = """() => {
  const sheet = document.querySelector(".sheet");
  const matrix = sheet.getScreenCTM();
  const mark = sheet.querySelector(".mark-1mv").getBBox();
  const whole = [...sheet.querySelectorAll(".line")].at(-1).getBBox();
  const { a: across, d: down } = matrix;
  return { across, down, mark: [mark.width, mark.height], seconds: whole.width };
}"""
CUT = """() => [...document.querySelectorAll(".sheet, .sheet :is(.line, .name), .label-row, .map")]
  .filter((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
  }).map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def resting(open_site: Callable[..., AbstractContextManager[Site]]) -> Iterator[Site]:
    """A site with an explainer and one bed, whose eight leads go on coming."""
    with ExitStack() as stack:
        site = stack.enter_context(open_site(partitions=1))
        store = stack.enter_context(redis.Redis.from_url(site.settings.redis_url))
        told = b'{"status": {"state": "online"}, "meta": {"label": "Bed 4"}}'
        store.hset(keys.devices(0), "bed-1", told)
        env = to_environ(site.settings)
        stack.enter_context(process("-m", "ecg_monitor.cli", "explain", env=env))
        wait_until(lambda: bool(store.exists(keys.EXPLAIN_ALIVE)), 120)
        stop = threading.Event()
        sender = threading.Thread(target=send, args=(store, stop))
        sender.start()
        stack.callback(sender.join)
        stack.callback(stop.set)
        yield site


def send(store: redis.Redis, stop: threading.Event) -> None:
    """Send a packet a second until told to stop, as if from half a minute ago on."""
    signal = np.rint(1000 * millivolts(PERIOD_S, FS, bpm=60)[list(INDEPENDENT_AT)])
    step, begin, i = round(FS), time.time() - PERIOD_S, 0
    while not stop.wait(max(0.0, begin + i + 1 - time.time())):
        at = i % PERIOD_S * step
        samples = signal[:, at : at + step].astype(np.int16)
        packet = Packet(
            "bed-1", "boot", i, i * step, 0.0, FS, LEADS, (1000.0,) * 8, (0.0,) * 8, samples
        )
        arrived = begin + i + 1
        fields = {"d": "bed-1", "t": f"{arrived:.3f}", "p": wire.encode_cbor(packet)}
        store.xadd(keys.wave(0), fields, id=f"{int(arrived * 1000)}-*")
        i += 1


def test_a_sheet_is_to_scale_and_whole_with_findings_on_top(browser: Any, resting: Site) -> None:
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(resting.link)
        page.goto(f"{resting.url}/twelve/bed-1")
        until(page, "document.querySelector('.sheet .line') !== null")
        page.get_by_role("heading", name="Twelve leads of Bed 4").wait_for()  # not: of bed-1
        page.locator("button", has_text="Freeze").click()
        until(page, "document.querySelectorAll('.label-row').length === 14")
        found = page.evaluate(MILLIMETRES)
        assert found["across"] == pytest.approx(found["down"], rel=1e-6)
        assert found["seconds"] == pytest.approx(250, abs=0.2)
        assert found["mark"] == pytest.approx([6, 10], abs=0.01), "0.2 s with its feet, 1 mV"
        assert page.evaluate(CUT) == []
        derived = "new Set([...document.querySelectorAll('.line[data-state=derived]')]"
        names = page.evaluate(f"[...{derived}.map((one) => one.dataset.lead))].sort()")
        assert names == ["III", "aVF", "aVL", "aVR"]
        decided = page.evaluate(
            "[...document.querySelectorAll('.label-row')].map((one) => 'decided' in one.dataset)"
        )
        assert decided == sorted(decided, reverse=True)
        page.set_viewport_size({"width": 3840, "height": 2160})
        until(page, f"document.querySelector('.sheet').getScreenCTM().a > {3 * found['across']}")
        assert page.evaluate(CUT) == []
