"""Pacemakers in the browser: pulses read from frames and drawn, words chosen in the limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.hub import frames

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("count", [87, 88, 90])
def test_frames_are_read_with_their_pulses(page: Any, count: int) -> None:
    scale = {"fs": 360.0, "gain": 200.0, "baseline": 0.0, "start": 0.0, "arrival": 0.0}
    samples = np.arange(count, dtype=np.int16)
    sent = [
        frames.Frame(bed=1, tag=2, lead=lead, n0=900, samples=samples, pulses=pulses, **scale)
        for lead, pulses in enumerate([(3, 61), (), (5,)])
    ]
    read = page.evaluate(
        """async (bytes) => {
          const { parseFrames } = await import("/assets/stream/frames.js");
          return parseFrames(Uint8Array.from(bytes).buffer).map(
            (frame) => [frame.lead, frame.samples.length, frame.samples.at(-1), [...frame.pulses]]);
        }""",
        list(b"".join(map(frames.pack, sent))),
    )
    last = count - 1
    assert read == [[0, count, last, [3, 61]], [1, count, last, []], [2, count, last, [5]]]


def test_a_pulse_is_drawn_where_it_was(page: Any) -> None:
    marked = page.evaluate(
        """async () => {
          const { SampleRing } = await import("/assets/stream/ring.js");
          const { Sweep } = await import("/assets/trace/sweep.js");
          const canvas = document.createElement("canvas");
          canvas.style.cssText = "width: 600px; height: 200px; position: fixed";
          document.body.append(canvas);
          const ring = new SampleRing(250, 10);
          ring.write(0, new Int16Array(1000).fill(2000), 200, 0, false);  // far off the middle
          ring.addPulses([200]);
          ring.addPulses([200]);
          const sweep = new Sweep(canvas, { trace: "#00ff00", Q: "#ffffff" });
          sweep.attach(ring);
          sweep.draw(400);
          const at = Math.round(sweep.x(200));
          const lit = (x) => {
            const column = sweep.context.getImageData(x, 0, 1, sweep.height).data;
            let n = 0;
            for (let y = 0; y < sweep.height; y++) n += column[4 * y] > 0;  // red: not the trace
            return n;
          };
          return [ring.pulses.length, lit(at - 1) + lit(at), lit(at - 20), lit(at + 20)];
        }"""
    )
    assert marked[0] == 1
    assert marked[1] > 20
    assert marked[2:] == [0, 0]


def test_a_limit_that_is_a_word_is_chosen_and_taken_back(page: Any) -> None:
    found = page.evaluate(
        """async () => {
          const { Draft } = await import("/assets/patient/draft.js");
          const pacing = { paced: "auto", silence_rr: 1.75 };
          const draft = new Draft({
            admission: { name: "A.", category: "adult", limits: {}, alarms: {} },
            defaults: { adult: { pacing } }, ranges: { pacing: { silence_rr: [1.3, 3, false] } },
            choices: { pacing: { paced: ["auto", "yes", "no"] } }, rising: {}, alarms: {},
          });
          draft.choose("pacing", "paced", "yes");
          const limits = structuredClone(draft.fields().limits);
          const chosen = [limits, draft.changes(), draft.problems().size];
          draft.choose("pacing", "paced", "auto");
          return [chosen, draft.fields().limits, draft.changes()];
        }"""
    )
    assert found == [[{"pacing": {"paced": "yes"}}, 1, 0], {}, 0]
