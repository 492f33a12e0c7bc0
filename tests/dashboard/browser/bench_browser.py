"""Measures the wall in a real Chromium: `make bench-browser`, or one of them by `-k`.

Not part of the tests: it takes a quarter of an hour, and its limits hold on a machine that does
nothing else. The load of the machine is printed beside each figure. With the environment variable
FIGURES naming a file, what is printed is written there as well, as documents quote it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from time import monotonic
from typing import Any

import psutil
import pytest

from tests.support.measured import Measured

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(1200)]

SETTLE_S = 10.0
MEASURE_S = 30.0
HOURS = 8
SPEED = 60
CHECKS = 8
MAX_GROWTH = 0.10
MAX_SHIFT = 0.01


def chromium() -> list[psutil.Process]:
    """All processes of the browser that this process has started."""
    return [one for one in psutil.Process().children(recursive=True) if "chrom" in one.name()]


def kind(process: psutil.Process) -> str:
    for argument in process.cmdline():
        if argument.startswith("--type="):
            return argument.removeprefix("--type=")
    return "browser"


def cpu_seconds() -> dict[str, float]:
    """CPU time that each kind of process of the browser has used so far, s."""
    found: dict[str, float] = defaultdict(float)
    for process in chromium():
        times = process.cpu_times()
        found[kind(process)] += times.user + times.system
    return found


measured_here = Measured()
say = measured_here.say


@pytest.fixture(scope="module", autouse=True)
def _figures_are_kept() -> Iterator[None]:
    yield
    measured_here.write()


# From the moment a packet was accepted to the frame that paints the first of its samples: the
# hub, the network, the page and the playout buffer. And how old a sample is when it is painted,
# which has the packet's own length in it.
WATCH = """() => {
  const watched = window.watched = { waits: [] };
  const { hub, beds } = window.ecgMonitor;
  const waiting = [];
  for (const bed of beds.values()) {
    const accept = bed.accept.bind(bed);
    bed.accept = (frame, at) => {
      if (!frame.history && frame.lead === bed.rings.keys().next().value) {
        waiting.push({ bed, n: frame.n0, at: frame.arrival });
      }
      accept(frame, at);
    };
  }
  const look = () => {
    requestAnimationFrame(look);
    for (let i = waiting.length - 1; i >= 0; i--) {
      const { bed, n, at } = waiting[i];
      if (bed.paintedTo < n) continue;
      watched.waits.push((hub.now() - at) * 1000);
      waiting.splice(i, 1);
    }
  };
  requestAnimationFrame(look);
}"""


SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const seen = new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
  });
  seen.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 500);
})"""
"""How far what was drawn has moved since the page was opened: the sum of all layout shifts."""


ALL_BEDS = "(traces) => document.querySelectorAll('canvas').length >= traces"


@pytest.fixture
def page(browser: Any, site: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(site.link)
    yield page
    context.close()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@pytest.mark.parametrize(
    ("beds", "leads", "fps", "cores"), [(16, 2, 59.0, 0.40), (64, 1, 50.0, None)]
)
def test_frames_cpu_and_delay(
    page: Any, feed: Any, site: Any, beds: int, leads: int, fps: float, cores: float | None
) -> None:
    feed(beds)
    page.goto(f"{site.url}/?leads={leads}")
    page.wait_for_function(ALL_BEDS, arg=beds * leads)
    page.reload()  # a wall whose devices all come for the first time is laid anew for each
    page.wait_for_function(ALL_BEDS, arg=beds * leads)
    page.wait_for_timeout(SETTLE_S * 1000)
    page.evaluate(WATCH)
    before, at = cpu_seconds(), monotonic()
    page.wait_for_timeout(MEASURE_S * 1000)
    elapsed = monotonic() - at
    used = {name: (value - before[name]) / elapsed for name, value in cpu_seconds().items()}
    shown = page.evaluate("window.ecgMonitor.figures()")
    waits = page.evaluate("window.watched.waits")
    shift = page.evaluate(SHIFTS)
    total = sum(used.values())
    say(
        f"{beds} beds x {leads} leads",
        fps=round(shown["fps"], 1),
        hub_to_frame_p50_ms=round(percentile(waits, 0.5)),
        hub_to_frame_p99_ms=round(percentile(waits, 0.99)),
        age_of_sample_p99_ms=shown["p99"],
        layout_shift=round(shift, 4),
        browser_cpu=round(total, 3),
        **{name: round(share, 3) for name, share in sorted(used.items()) if share >= 0.005},
    )
    assert shown["fps"] >= fps
    assert shift < MAX_SHIFT
    assert percentile(waits, 0.99) < 250
    assert cores is None or total < cores


SIGNAL = """Math.max(0, ...[...(window.ecgMonitor?.beds.values() ?? [])].map(
  (bed) => bed.paintedTo / bed.info.fs))"""


def test_eight_hours_do_not_grow_the_memory(page: Any, feed: Any) -> None:
    """Eight hours of signal of 16 beds at 60 times real time: page and hub stay as they are."""
    feed(16, "--speed", str(SPEED), "--packet", "1", "--alarms")
    (hub,) = [
        one
        for one in psutil.Process().children(recursive=True)
        if one.cmdline()[-1:] == ["hub"] and "python" in one.name()
    ]
    session = page.context.new_cdp_session(page)
    heaps, resident, dom_nodes = [], [], []
    for check in range(CHECKS + 1):
        # The first part fills what is bounded: rings, histories, histograms.
        while (signal := page.evaluate(SIGNAL)) < HOURS * 3600 * (check + 1) / (CHECKS + 1):
            page.wait_for_timeout(1000)
        session.send("HeapProfiler.collectGarbage")
        heaps.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
        resident.append(hub.memory_info().rss / 1e6)
        nodes = session.send("Memory.getDOMCounters")
        say(
            f"{signal / 3600:.1f} h of signal",
            page_heap_mb=round(heaps[-1], 1),
            dom_nodes=nodes["nodes"],
            listeners=nodes["jsEventListeners"],
            hub_resident_mb=round(resident[-1]),
        )
        dom_nodes.append(nodes["nodes"])
    say(
        f"{HOURS} h of signal, from least to most",
        page_heap_mb=[round(edge(heaps), 1) for edge in (min, max)],
        hub_resident_mb=[round(edge(resident)) for edge in (min, max)],
        dom_nodes=[min(dom_nodes), max(dom_nodes)],
    )
    # What waits while the machine is busy comes and goes: growth is what never goes.
    for values in (heaps, resident):
        assert min(values[-3:]) < max(values[:3]) * (1 + MAX_GROWTH)
