"""Alarm sound in a real Chromium: what is rendered, what is decided, what the page says."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.pages import until

pytestmark = pytest.mark.browser

RATE = 48_000
HIGH, MEDIUM = (0.075, 0.2), (0.125, 0.25)
X, Y = (0.05, 0.125), (0.125, 0.25)

RENDER = """async ([seconds, steps]) => {
  const { Player } = await import("/assets/sound/player.js");
  const context = new OfflineAudioContext(1, seconds * 48000, 48000);
  const player = new Player(context);
  for (const [at, name, ...values] of steps) {
    if (at === 0) player[name](...values);
    else context.suspend(at).then(() => { player[name](...values); context.resume(); });
  }
  const rendered = await context.startRendering();
  const samples = Int16Array.from(rendered.getChannelData(0), (value) => value * 32767);
  const bytes = new Uint8Array(samples.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}"""

Samples = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def page(browser: Any, ward: Any) -> Iterator[Any]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(ward.link)
    yield page
    context.close()


def render(page: Any, seconds: float, *steps: Any) -> Samples:
    text = page.evaluate(RENDER, [seconds, [list(step) for step in steps]])
    return np.frombuffer(base64.b64decode(text), np.int16).astype(float) / 32767


def envelope(samples: Samples) -> Samples:
    """Peak within 3 ms around each sample: longer than half a period of any pitch here."""
    width = RATE * 3 // 1000
    padded = np.pad(np.abs(samples), width // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width + 1)
    return np.asarray(windows[:: RATE // 1000].max(axis=1))  # one value per ms


def spans(values: Samples, level: float) -> list[tuple[float, float]]:
    """Begin and end of each stretch above ``level``, s."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], values > level, [0])).astype(int)))
    return [(a / 1000, b / 1000) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def pulses(samples: Samples) -> list[tuple[float, float]]:
    """Pulses as the standard measures them: from 90 % to 90 % of the amplitude."""
    found = envelope(samples)
    top = float(found.max())
    wide = spans(found, 0.1 * top)
    narrow = spans(found, 0.85 * top)  # the envelope of a few harmonics ripples
    return [
        (
            min(a for a, _ in narrow if begin <= a <= end),
            max(b for _, b in narrow if begin <= b <= end),
        )
        for begin, end in wide
    ]


def within(value: float, limits: tuple[float, float], slack: float = 0.008) -> bool:
    return limits[0] - slack <= value <= limits[1] + slack


@pytest.mark.parametrize(
    ("name", "count", "duration", "repeats"),
    [
        ("high", 10, HIGH, (2.5, 15.0)),
        ("medium", 3, MEDIUM, (2.5, 30.0)),
        ("low", 2, MEDIUM, (15.0, 60.0)),
        ("technical", 1, MEDIUM, (15.0, 60.0)),
        ("lost", 3, MEDIUM, (2.5, 30.0)),
    ],
)
def test_bursts_are_those_of_the_standard(
    page: Any, name: str, count: int, duration: tuple[float, float], repeats: tuple[float, float]
) -> None:
    period = page.evaluate(
        """async (name) => {
          const { PATTERNS, burstLength } = await import("/assets/sound/tones.js");
          return burstLength(PATTERNS[name]) + PATTERNS[name].pause;
        }""",
        name,
    )
    samples = render(page, 2 * period, (0, "play", name))
    found = pulses(samples)
    assert len(found) == 2 * count
    assert all(within(end - begin, duration) for begin, end in found)
    gaps = [after[0] - before[1] for before, after in pairwise(found)]
    assert within(gaps[count - 1], repeats)
    first = gaps[: count - 1]
    if name == "high":
        pulse = np.mean([end - begin for begin, end in found])
        x = first[0]
        assert within(x, X)
        for i in (1, 3, 5, 6, 8):
            assert first[i] == pytest.approx(x, abs=0.006)
        for i in (2, 7):
            assert first[i] == pytest.approx(2 * x + pulse, abs=0.015)
        assert within(first[4], (0.35, 1.30))
    else:
        assert all(within(gap, Y) for gap in first)
    values = envelope(samples)
    rises = [b - a for a, b in rise_times(values)]
    widths = [end - begin for begin, end in found]
    assert all(0.1 * w - 0.004 <= r <= 0.4 * w for r, w in zip(rises, widths, strict=True))
    spectrum_is_right(samples, found[0])


def rise_times(values: Samples) -> list[tuple[float, float]]:
    top = float(values.max())
    strong = spans(values, 0.85 * top)
    return [
        (begin, min(a for a, _ in strong if a >= begin)) for begin, _ in spans(values, 0.1 * top)
    ]


def spectrum_is_right(samples: Samples, pulse: tuple[float, float]) -> None:
    """Pulse frequency of 150 .. 1000 Hz; four components of 300 .. 4000 Hz within 15 dB of it."""
    piece = samples[int(pulse[0] * RATE) : int(pulse[1] * RATE)]
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 17))
    frequencies = np.fft.rfftfreq(1 << 17, 1 / RATE)
    loud = power > power.max() * 10 ** (-15 / 20)
    peaks = [
        float(frequencies[i])
        for i in range(1, len(power) - 1)
        if loud[i] and power[i - 1] < power[i] >= power[i + 1]
    ]
    assert 150 <= peaks[0] <= 1000
    assert len([one for one in peaks if 300 <= one <= 4000]) >= 4
    assert peaks[-1] <= 4000
    assert all(one / peaks[0] == pytest.approx(round(one / peaks[0]), abs=0.03) for one in peaks)


def test_medium_is_slower_than_high_and_loudness_is_even(page: Any) -> None:
    high, medium = (render(page, 4, (0, "play", name)) for name in ("high", "medium"))
    first = {}
    for name, samples in (("high", high), ("medium", medium)):
        a, b = pulses(samples)[:2]
        first[name] = b[0] - a[0]
        tops = [np.abs(samples[int(x * RATE) : int(y * RATE)]).max() for x, y in pulses(samples)]
        assert 20 * np.log10(max(tops) / min(tops)) < 10
    assert first["medium"] >= first["high"]  # t_d + y >= t_d + x


def test_dead_mans_switch_sounds_by_itself_and_is_put_off(page: Any) -> None:
    alone = pulses(render(page, 8, (0, "putOff")))
    assert len(alone) == 3
    assert alone[0][0] == pytest.approx(5.0, abs=0.06)
    put_off = pulses(render(page, 10, (0, "putOff"), (1, "putOff"), (3, "putOff")))
    assert len(put_off) == 3
    assert put_off[0][0] == pytest.approx(8.0, abs=0.06)
    muted = render(page, 8, (0, "putOff"), (0, "muteGuard", 100))
    assert np.abs(muted).max() == 0


def test_a_stronger_pattern_takes_over_at_once_and_volume_never_ends(page: Any) -> None:
    samples = render(page, 4, (0, "play", "medium"), (0.5, "play", "high"), (3.6, "play", None))
    after = samples[int(0.55 * RATE) : int(3.6 * RATE)]
    assert len(pulses(after)) >= 9
    assert np.abs(samples[int(3.7 * RATE) :]).max() == 0
    quiet = render(page, 1, (0, "setVolume", 0), (0, "play", "high"))
    loud = render(page, 1, (0, "setVolume", 1), (0, "play", "high"))
    assert np.abs(quiet).max() == pytest.approx(0.2 * np.abs(loud).max(), rel=0.01)


def test_decisions(page: Any) -> None:
    result = page.evaluate(
        """async () => {
          const { choose, isAlive, isNew, pausedUntil, sounding } =
            await import("/assets/stream/ward.js");
          const { judge } = await import("/assets/sound/lease.js");
          const alarm = (id, priority, audio = "On") => ({ id, priority, audio });
          const bed = (...alarms) => ({ alarms });
          const beds = [bed(alarm("a", "low"), alarm("b", "high", "Paused")),
            bed(alarm("c", "medium"), alarm("d", "high", "Off")), bed(alarm("e", "medium"))];
          const now = 1e6;
          return {
            loudest: sounding(beds), none: sounding([bed()]),
            technical: sounding([bed(alarm("t", "technical"))]).priority,
            choices: [["high", true], ["medium", true], [null, true], ["low", false], [null, false]]
              .map(([priority, lost]) => choose({ priority, lost, lossPaused: false })),
            silenced: [choose({ priority: "low", lost: true, lossPaused: true }),
              choose({ priority: "high", lost: true, lossPaused: true })],
            fresh: [isNew(["a"], ["a", "b"]), isNew(["a", "b"], ["b"])],
            alive: [{ redis: "ok", behind_s: 1 }, { redis: "stale", behind_s: 1 },
              { redis: "ok", behind_s: null }, { redis: "ok", behind_s: 60 }].map(isAlive),
            lease: [judge(null, "me", now), judge({ id: "me", until: now - 1 }, "me", now),
              judge({ id: "x", until: now + 1 }, "me", now),
              judge({ id: "x", until: now - 1 }, "me", now),
              judge({ id: "x", until: now + 1e9 }, "me", now), judge({ id: "x" }, "me", now)],
            paused: [pausedUntil([]), pausedUntil([{ pause: { until: 5 } }, { pause: null }]),
              pausedUntil([{ pause: { until: 5 } }, { pause: { until: 3 } }])],
          };
        }"""
    )
    assert result["loudest"] == {"priority": "medium", "ids": ["c", "e"]}
    assert result["none"] == {"priority": None, "ids": []}
    assert result["technical"] == "technical"
    assert result["choices"] == ["high", "lost", "lost", "low", None]
    assert result["silenced"] == [None, "high"]
    assert result["fresh"] == [True, False]
    assert result["alive"] == [True, False, False, False]
    assert result["lease"] == ["take", "keep", "leave", "take", "take", "take"]
    assert result["paused"] == [None, None, 3]


STATE = "window.ecgMonitorSound?.state"
PLAYING = "window.ecgMonitorSound?.player?.playing?.name"


def test_one_click_one_tab_and_on_every_page(browser: Any, ward: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    first = context.new_page()
    first.goto(ward.link)
    until(first, "document.querySelector('.banner')?.innerText.includes('Alarm sound is off')")
    first.click(".banner button")
    until(first, f"{STATE} === 'on'")
    until(first, f"{PLAYING} === 'high'")
    first.wait_for_selector(".banner", state="hidden")
    second = context.new_page()
    second.goto(f"{ward.url}/bed/bed-2")  # a bed without alarms
    until(second, f"{STATE} === 'elsewhere'")
    assert second.evaluate(PLAYING) is None
    first.close()
    second.mouse.click(5, 300)
    until(second, f"{STATE} === 'on'")
    until(second, f"{PLAYING} === 'high'")
    assert second.evaluate("[...window.ecgMonitor.beds.values()].map(b => b.info.device)") == [
        "bed-2"
    ]
    context.close()


def test_loss_of_the_hub_sounds_and_can_be_silenced(browser: Any, ward: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(ward.link)
    page.click(".banner button")
    until(page, f"{PLAYING} === 'high'")
    page.evaluate(
        """() => {
          const { hub } = window.ecgMonitor;
          hub.address = "ws://127.0.0.1:1/";  // nobody listens there
          hub.socket.close();
        }"""
    )
    page.wait_for_timeout(1000)
    assert not page.evaluate("window.ecgMonitorSound.player.lost")
    until(page, "document.querySelector('.banner')?.innerText.includes('interrupted')")
    until(page, "window.ecgMonitorSound.player.lost")
    assert page.evaluate(PLAYING) == "high"  # what was last known to sound goes on
    page.evaluate("window.ecgMonitorSound.ward.beds.clear()")
    page.evaluate("window.ecgMonitorSound.ward.former.clear()")
    until(page, f"{PLAYING} === undefined")
    gain = "window.ecgMonitorSound.player.guardOutput.gain.value"
    until(page, f"{gain} === 1")
    page.click("text=Silence for 2 min")
    until(page, f"{gain} === 0")
    context.close()
