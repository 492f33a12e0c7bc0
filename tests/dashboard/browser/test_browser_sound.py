"""Alarm sound in a real Chromium: when it is rendered, and what the page says."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.dashboard.browser.conftest import CHROMIUM, FLAGS
from tests.support.pages import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

RATE = 48_000

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


def test_sound_that_stops_is_told_let_go_and_started_again(browser: Any, ward: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(ward.link)
    page.click(".banner button")
    until(page, f"{STATE} === 'on'")
    # The audio service has stopped: the context runs, says the browser, and its clock stands.
    page.evaluate(
        """() => {
          const { player } = window.ecgMonitorSound;
          window.former = player;
          window.told = new Set();
          setInterval(() => {
            const { state, lease } = window.ecgMonitorSound;
            const said = document.querySelector(".banner").innerText;
            window.told.add(`${state} ${lease.held} ${said}`);
          }, 20);
          const still = player.context.currentTime;
          Object.defineProperty(player.context, "currentTime", { get: () => still });
        }"""
    )
    another = f"{STATE} === 'on' && window.ecgMonitorSound.player !== window.former"
    until(page, another)
    until(page, f"{PLAYING} === 'high'")
    told = page.evaluate("[...window.told]")
    assert any(one.startswith("dead false") and "cannot be heard" in one for one in told), told
    page.evaluate("window.former = window.ecgMonitorSound.player")
    page.evaluate("window.former.context.close()")
    until(page, another)
    page.evaluate("window.ecgMonitorSound.player.context.suspend()")
    until(page, f"{another} && window.ecgMonitorSound.player.context.state === 'running'")
    context.close()


def test_a_computer_without_sound_output_says_so(browser: Any, ward: Any) -> None:
    mute = [flag for flag in FLAGS if "fake-device" not in flag]
    bare = browser.browser_type.launch(executable_path=CHROMIUM, args=mute)
    page = bare.new_page()
    page.goto(ward.link)
    page.click(".banner button")
    until(page, "document.querySelector('.banner')?.innerText.includes('no sound output')")
    assert page.inner_text("button.sound") == "No sound"
    bare.close()


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
