"""The browser's pure modules, run in a real Chromium: placing samples, pacing them."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_ring_places_by_index(page: Any) -> None:
    values = page.evaluate(
        """async () => {
          const { SampleRing } = await import("/assets/stream/ring.js");
          const ring = new SampleRing(10, 2);
          const write = (n0, ...x) => ring.write(n0, Int16Array.from(x), 2, 100, false);
          const fresh = [write(0, 102, 104), write(4, 106, 108), write(4, 0, 0),
                         write(2, 110), write(-30, 1)];
          const all = Array.from({ length: 8 }, (_, n) => ring.at(n));
          write(30, 120);                       // everything before falls out
          ring.write(31, Int16Array.from([1]), 2, 100, true);  // lead off
          return [fresh, all.map(String), [5, 11, 12, 30, 31].map((n) => String(ring.at(n)))];
        }"""
    )
    assert values[0] == [True, True, False, True, False]
    assert values[1] == ["1", "2", "5", "NaN", "3", "4", "NaN", "NaN"]
    assert values[2] == ["NaN", "NaN", "NaN", "10", "NaN"]


def test_numbers_of_a_signal_that_is_gone_are_not_shown_as_if_it_were_there(page: Any) -> None:
    found = page.evaluate(
        """async () => {
          const { Bed } = await import("/assets/stream/bed.js");
          const bed = new Bed({ tag: 1, fs: 250, leads: ["II", "V1"], status: "online" });
          bed.frameAt = 100;
          bed.setMeasurement({ tag: 1, n: 2500, st: { II: 0.1, V1: -0.2 } });
          const told = (q) => {
            bed.setVitals({ tag: 1, n: 2750, hr: q === "good" ? 70 : null, q, pvc: 3 }, 100);
            return [bed.pvcsPerMinute(101), bed.stLevel(0, 101), bed.stLevel(1, 101)];
          };
          const shown = ["good", "leadoff", "flat"].map(told);
          bed.leadOff.set(0, true);
          return [...shown, told("good")];
        }"""
    )
    assert found == [[3, 0.1, -0.2], [None, None, None], [None, None, None], [3, None, -0.2]]


PLAYOUT = """async ([pace, jitter, offset]) => {
  const { Playout } = await import("/assets/stream/playout.js");
  const playout = new Playout(360);
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const packets = [];
  for (let k = 1; k <= 400; k++) {
    const at = offset + k * 0.25 / pace;
    packets.push({ n1: k * 90, at: at + random() * jitter });
  }
  const steps = [], delays = [];
  let starved = 0, frames = 0, newest = 0, last = null;
  for (let t = offset; t < packets.at(-1).at; t += 1 / 60) {
    while (packets.length && packets[0].at <= t) {
      const { n1, at } = packets.shift();
      playout.note(n1, 90, at, at);
      newest = n1;
    }
    const head = playout.advance(t);
    if (head === null || t < offset + 20 / pace) continue;
    frames++;
    if (head > newest) starved++;
    if (last !== null) steps.push(head - last);
    last = head;
    delays.push(t - offset - head / 360 / pace);
  }
  steps.sort((a, b) => a - b);
  delays.sort((a, b) => a - b);
  return { pace: playout.pace, least: steps[0], most: steps.at(-1), starved: starved / frames,
           p99: delays[Math.floor(delays.length * 0.99)] };
}"""


@pytest.mark.parametrize("jitter", [0.0, 0.02, 0.1])
def test_playout_is_even_and_quick(page: Any, jitter: float) -> None:
    result = page.evaluate(PLAYOUT, [1, jitter, 5000.0])
    assert result["pace"] == 1
    assert 6 * 0.969 <= result["least"] <= result["most"] <= 6 * 1.031  # 360 Hz at 60 frames/s
    assert result["starved"] < 0.02
    assert result["p99"] <= 0.25 + jitter + 0.01


@pytest.mark.parametrize("pace", [0.5, 4, 10])
def test_playout_follows_a_replay(page: Any, pace: float) -> None:
    result = page.evaluate(PLAYOUT, [pace, 0.005, 77.0])
    assert result["pace"] == pytest.approx(pace, rel=0.03)
    assert result["starved"] < 0.05


def test_tiles_fill_the_screen(page: Any) -> None:
    shapes = page.evaluate(
        """async () => {
          const { arrange } = await import("/assets/wall/wall.js");
          return [1, 2, 8, 16, 32, 64].map((n) => [n, arrange(n, 1908, 1010)]);
        }"""
    )
    for count, shape in shapes:
        assert shape["columns"] * shape["rows"] >= count
        assert 1010 / shape["rows"] >= 70
    assert [(s["columns"], s["rows"]) for n, s in shapes if n in (8, 16)] == [(2, 4), (4, 4)]


def test_settings_of_a_screen(page: Any) -> None:
    result = page.evaluate(
        """async () => {
          const { GAINS, settingsFrom, step } = await import("/assets/base/display.js");
          const from = (kept, query) => settingsFrom(kept, new URLSearchParams(query));
          return [from(null, ""), from({ speed: 50, gain: 3, grid: "yes" }, ""),
            from({ speed: 50, leads: 1 }, "speed=12.5&leads=2&grid=1&gain=)"),
            [step(GAINS, 1, 1), step(GAINS, 4, 1), step(GAINS, 0.25, -1)]];
        }"""
    )
    usual = {"speed": 25, "gain": 1, "leads": 1, "grid": False, "shortcuts": True}
    assert result[0] == usual
    assert result[1] == {**usual, "speed": 50}
    assert result[2] == {**usual, "speed": 12.5, "leads": 2, "grid": True}
    assert result[3] == [2, 4, 0.25]


def test_classes_differ_in_shape_and_scores_in_strength(page: Any) -> None:
    result = page.evaluate(
        """async () => {
          const { drawMark, ribbonSpan, ribbonStrength } = await import("/assets/trace/marks.js");
          const { rhythmOf } = await import("/assets/stream/rhythms.js");
          const black = Object.fromEntries([..."NSVFQ"].map((label) => [label, "#000"]));
          const shapes = [..."NSVFQ"].map((label) => {
            const context = new OffscreenCanvas(20, 15).getContext("2d");
            drawMark(context, 10, label, black, 1, 20);  // too slow a sweep for letters
            const { data } = context.getImageData(0, 0, 20, 15);
            return [...data].filter((_, i) => i % 4 === 3).map((alpha) => +(alpha > 127)).join("");
          });
          return { shapes, spans: [ribbonSpan({ n: 100, rr: 0.8, anomaly: 0.7 }, 250),
              ribbonSpan({ n: 100, rr: 9, anomaly: 0.7 }, 250),
              ribbonSpan({ n: 100, rr: 0.8, anomaly: null }, 250)],
            strengths: [0, 0.49, 0.5, 0.8, 1].map(ribbonStrength),
            rhythms: [rhythmOf([{ kind: "leadoff" }]),
              rhythmOf([{ kind: "bigeminy" }, { kind: "af" }, { kind: "leadoff" }])] };
        }"""
    )
    shapes = result["shapes"]
    for i, one in enumerate(shapes):
        for other in shapes[:i]:
            differing = sum(a != b for a, b in zip(one, other, strict=True))
            assert differing >= 10
    assert result["spans"] == [{"from": 0, "to": 200}, {"from": -150, "to": 350}, None]
    assert result["strengths"] == sorted(result["strengths"])
    assert result["strengths"][2] - result["strengths"][1] > 0.3  # the threshold shows
    assert result["rhythms"] == [None, "af"]


def test_beds_outlive_connections_that_end_at_once(page: Any) -> None:
    result = page.evaluate(
        """async () => {
          const { Station } = await import("/assets/stream/station.js");
          const { Ward } = await import("/assets/stream/ward.js");
          const hub = Object.assign(new EventTarget(), { shows: () => true, now: () => null });
          const emit = (type, detail) => hub.dispatchEvent(new CustomEvent(type, { detail }));
          const station = new Station(hub);
          const ward = new Ward(hub);
          const told = { bed: 0, device: "a", label: "A", boot: "x", tag: 1, fs: 250,
            leads: ["II"] };
          emit("open");
          emit("bed", told);
          emit("alarms", { bed: 0, alarms: [{ id: "1" }], pause: null });
          const first = station.beds.get(0);
          emit("open");  // and it is gone again before it has told of any bed
          emit("open");
          const between = ward.all().map((bed) => bed.alarms.length);
          emit("bed", { ...told, bed: 5 });
          return [station.beds.get(5) === first, station.beds.size, between,
            ward.all().map((bed) => bed.alarms.length)];
        }"""
    )
    assert result == [True, 1, [1], [1]]
