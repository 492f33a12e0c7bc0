"""What scripts draw on a canvas: marks of beats, pacemaker pulses."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time


def test_classes_differ_in_shape(page: Any) -> None:
    shapes = page.evaluate(
        """async () => {
          const { drawMark } = await import("/assets/trace/marks.js");
          const black = Object.fromEntries([..."NSVFQ"].map((label) => [label, "#000"]));
          return [..."NSVFQ"].map((label) => {
            const context = new OffscreenCanvas(20, 15).getContext("2d");
            drawMark(context, 10, label, black, 1, 20);  // too slow a sweep for letters
            const { data } = context.getImageData(0, 0, 20, 15);
            return [...data].filter((_, i) => i % 4 === 3).map((alpha) => +(alpha > 127)).join("");
          });
        }"""
    )
    assert len(shapes) == 5
    for i, one in enumerate(shapes):
        for other in shapes[:i]:
            differing = sum(a != b for a, b in zip(one, other, strict=True))
            assert differing >= 10


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


LETTERS = """async () => {
  const { keepLegible, svg } = await import("/assets/charts/svg.js");
  const place = document.createElement("div");
  document.querySelector("#view").append(place);
  const drawing = svg("svg", { viewBox: "0 0 250 40" });
  drawing.style.cssText = "display: block; width: 100%";
  place.append(drawing);
  keepLegible(drawing, 250, { px: 11, least: 3.4, most: 5.4 });
  const found = [];
  for (const width of [1250, 625, 250]) {
    place.style.width = `${width}px`;
    await new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)));
    });
    found.push(parseFloat(drawing.style.getPropertyValue("--letters")));
  }
  return found;
}"""
"""Size of the letters of a drawing 250 mm wide, in mm, in places that are narrower and narrower."""


def test_letters_of_a_drawing_stay_legible_in_a_narrow_place(page: Any) -> None:
    """Of 3.4 mm on paper; 11 px where that is less, as far as there is room above the leads."""
    assert page.evaluate(LETTERS) == pytest.approx([3.4, 4.4, 5.4])
