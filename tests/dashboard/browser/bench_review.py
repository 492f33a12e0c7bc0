"""Measures the pages of the past over a day of two leads: `make bench-review`.

Not part of the tests: its limits hold on a machine that does nothing else. The load of the machine
is printed beside each figure, and so is what the processors did, which hangs less on the load. With
the environment variable FIGURES naming a file, what is printed is written there as well.
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
import statistics
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from ecg_monitor.archive.reading import recordings
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import connect
from ecg_monitor.jobs.queue import JobQueue
from ecg_monitor.launch.services.start import start_redis
from tests.support.archive import FS, arrive, packets, recording, signal
from tests.support.measured import Measured
from tests.support.pages import until
from tests.support.sites import Site, process, running
from tests.support.waiting import wait_until
from workbench.bench.day import archive_day

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(1800)]

DEVICE = "bed-01"
RUNS = 9
SCROLL_S = 4.0
UPLOADS = 2
WARDS = (16, 64)
"""Beds whose recording is measured, on as many partitions as an installation has."""
measured_here = Measured()
say = measured_here.say


@pytest.fixture(scope="module", autouse=True)
def _figures_are_kept() -> Iterator[None]:
    yield
    measured_here.write()


def spread(values: list[float], digits: int = 0) -> dict[str, float]:
    return {"median": round(statistics.median(values), digits), "worst": round(max(values), digits)}


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, mitdb: Path) -> Iterator[tuple[Site, float]]:
    """A site over a day of two leads, with a worker; and when the day begins, Unix s."""
    folder = tmp_path_factory.mktemp("day")
    start = time.time() - 86_400 - 1800
    began = time.process_time()
    archive_day(folder / "archive", mitdb, DEVICE, start)
    (kept,) = recordings(folder / "archive")
    say("day", import_cpu_s=round(time.process_time() - began), megabytes=round(kept.bytes / 1e6))
    with (
        running(folder) as site,
        process("-m", "ecg_monitor.cli", "work", env=to_environ(site.settings)),
    ):
        queue = JobQueue(site.settings)
        wait_until(lambda: queue.workers() > 0)  # it loads the engine before it takes jobs
        queue.close()
        yield site, start


@pytest.fixture(scope="module")
def page(browser: Any, past: tuple[Site, float]) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(past[0].link)
    page.wait_for_selector(".view-wall", state="attached")
    yield page
    context.close()


ANSWERED = """async (address) => {
  const at = performance.now();
  const answer = await fetch(address);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return [performance.now() - at, text.length];
}"""
DRAWN = "document.querySelector('.disclosure canvas')?.dataset.from > 0"
# When the hour was there, ms after the page was asked for.
WATCH = f"""const look = (now) => {{
  if ({DRAWN}) window.disclosedAt = now;
  else requestAnimationFrame(look);
}};
requestAnimationFrame(look);"""
# From a key to the frame that paints the strip that it leads to.
KEY = """(key) => new Promise((done) => {
  const place = document.querySelector('.strip-place');
  const at = performance.now();
  new MutationObserver((_, watching) => {
    watching.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - at)));
  }).observe(place, { childList: true });
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
})"""
SCROLL = """(seconds) => new Promise((done) => {
  const place = document.querySelector('.strip-place');
  let drawn = 0;
  const watching = new MutationObserver(() => { drawn++; });
  watching.observe(place, { childList: true });
  const begin = performance.now();
  let before = begin, frames = 0, longest = 0;
  const look = (now) => {
    frames++;
    longest = Math.max(longest, now - before);
    before = now;
    const gone = performance.now() - begin;
    if (gone > seconds * 1000) {
      watching.disconnect();
      done({ fps: frames / gone * 1000, drawn: drawn / gone * 1000, longest });
      return;
    }
    const notch = { deltaY: -100, cancelable: true };
    if (frames % 6 === 0) place.dispatchEvent(new WheelEvent('wheel', notch));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def started(command: str) -> psutil.Process:
    """Return the process of ours that runs a command; others may end while one looks."""
    for one in psutil.Process().children(recursive=True):
        try:
            if one.cmdline()[-1:] == [command] and "python" in one.name():
                return one
        except psutil.NoSuchProcess:  # a zombie likewise
            continue
    raise LookupError(f"nothing runs {command}")


def server_s() -> float:
    """Processor time that the dashboard has used so far, s."""
    times = started("dashboard").cpu_times()
    return float(times.user + times.system)


def worker_s() -> float:
    """Processor time of the jobs that the worker has done so far, s.

    A job has its outcome before its process has ended, and only then is its time counted.
    """
    worker = started("work")
    wait_until(lambda: not worker.children())
    times = worker.cpu_times()
    return float(times.children_user + times.children_system)


def test_answers(page: Any, past: tuple[Site, float]) -> None:
    """How long the server takes for each of what the page asks, over the loopback."""
    _, start = past
    first = np.ceil(start / 3600) * 3600
    for what, most_ms in (
        ("overview", 300),
        ("strip", 150),
        ("hour", 600),
        ("forms", 900),
        ("said", 150),
        ("day", 1000),
    ):
        times, sizes = [], []
        before = server_s()
        for i in range(RUNS):
            at = first + 3600 * (2 * i + 1) + (0 if what != "strip" else 123.4 * i)
            took, size = page.evaluate(ANSWERED, f"/recorded/{DEVICE}/{what}?from={at:.1f}")
            times.append(took)
            sizes.append(size)
        cpu_ms = (server_s() - before) / RUNS * 1000
        size = round(max(sizes) / 1000)
        say(f"answer {what}, ms", server_cpu=round(cpu_ms), **spread(times), kilobytes=size)
        assert cpu_ms < most_ms


def test_full_disclosure_events_and_scroll(page: Any, past: tuple[Site, float]) -> None:
    site, start = past
    times = []
    for i in range(RUNS):
        page.goto(f"{site.url}/review/{DEVICE}?at={start + 3600 * (2 * i + 1):.1f}")
        until(page, "window.disclosedAt > 0")
        times.append(page.evaluate("window.disclosedAt"))
    say("page to full disclosure, ms", **spread(times))
    page.wait_for_load_state("networkidle")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    for key, name in (("n", "event"), ("ArrowRight", "five seconds"), ("PageUp", "hour")):
        waits, busy = [], []
        served = server_s()
        for _ in range(RUNS):
            before = task_s(session)
            waits.append(page.evaluate(KEY, key))
            busy.append((task_s(session) - before) * 1000)
            page.wait_for_timeout(700)
        cpu_ms = round((server_s() - served) / RUNS * 1000)
        main = spread(busy)
        say(f"{name}, key to frame, ms", **spread(waits), main_thread=main, server_cpu=cpu_ms)
    before = task_s(session)
    shown = page.evaluate(SCROLL, SCROLL_S)
    say(
        "wheel, ten notches a second",
        fps=round(shown["fps"], 1),
        strips_per_s=round(shown["drawn"], 1),
        longest_frame_ms=round(shown["longest"]),
        main_thread_share=round((task_s(session) - before) / SCROLL_S, 2),
    )


def task_s(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def test_report_of_an_hour(page: Any, past: tuple[Site, float]) -> None:
    """From the order to the file, through queue and worker."""
    _, start = past
    for seconds in (600, 1800):
        before = worker_s()
        took = page.evaluate(
            """async ([device, from, to]) => {
              const { send } = await import('/assets/session/posting.js');
              const at = performance.now();
              const answer = await send('/recorded/export',
                { device, from, to, format: 'report', language: 'en' });
              const { job } = await answer.json();
              for (;;) {
                const { exports } = await (await fetch(`/recorded/${device}/exports`)).json();
                const own = exports.find(({ id }) => id === job);
                if (own.state === 'finished') return performance.now() - at;
                if (own.state === 'failed') throw new Error(JSON.stringify(own));
                await new Promise((go) => setTimeout(go, 50));
              }
            }""",
            [DEVICE, start + 7200, start + 7200 + seconds],
        )
        cpu = round(worker_s() - before, 1)
        say(f"report of {seconds // 60} min, s", worker_cpu=cpu, took=round(took / 1000, 1))


def test_an_upload_of_half_an_hour(page: Any, past: tuple[Site, float], mitdb: Path) -> None:
    """From the choice of a file to the report on the page."""
    site, _ = past
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for ending in ("hea", "dat", "atr"):
            file.write(mitdb / f"208.{ending}", f"208.{ending}")
    page.goto(f"{site.url}/analyze")
    files = page.get_by_label("Files to analyze")
    times, cpu = [], []
    for i in range(UPLOADS):
        before = worker_s()
        began = time.monotonic()
        files.set_input_files(
            {"name": f"208-{i}.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
        )
        page.locator(".jobs li", has_text=f"208-{i}").wait_for()
        until(
            page,
            f"""document.querySelector('.report h2')?.textContent.includes('208-{i}')
            && document.querySelectorAll('.strips .strip .line').length > 0""",
        )
        times.append(time.monotonic() - began)
        cpu.append(worker_s() - before)
    worker_cpu = round(statistics.median(cpu), 1)
    say("upload of 30 min to its report, s", worker_cpu=worker_cpu, **spread(times, 1))


@pytest.mark.parametrize("beds", WARDS)
def test_what_a_recorded_bed_costs(tmp_path: Path, beds: int) -> None:
    """Processor time of the recorder a bed and second: reading and journal, and sealing."""
    with ThreadPoolExecutor(1) as beside:  # the browser has an event loop in this thread
        reading, sealing = beside.submit(asyncio.run, recorded(tmp_path, beds)).result()
    seconds = 600 * beds
    say(
        f"recorder of {beds} beds, µs of a processor a bed and second",
        reading=round(reading / seconds * 1e6),
        sealing=round(sealing / seconds * 1e6),
    )


async def recorded(tmp_path: Path, beds: int) -> tuple[float, float]:
    """Record ten minutes of beds; return what reading and sealing took of a processor, s."""
    settings = Settings(state=str(tmp_path / "redis"))
    partitions = settings.partitions
    service = start_redis(settings)
    client = connect(service.url)
    try:
        (tmp_path / "archive").mkdir()
        made = signal(round(600 * FS))
        pieces = packets(made, length=62)
        with recording(client, tmp_path / "archive", partitions=partitions) as recorder:
            reading = 0.0
            for step in range(0, len(pieces), 8):
                for bed in range(beds):
                    some = [
                        dataclasses.replace(one, device=f"bed-{bed:02}")
                        for one in pieces[step : step + 8]
                    ]
                    await arrive(client, some, partition=bed % partitions)
                began = time.process_time()
                await recorder.turn()
                reading += time.process_time() - began
            began = time.process_time()
            await recorder.seal()
            sealing = time.process_time() - began
    finally:
        await client.aclose()
        service.stop()
    return reading, sealing
