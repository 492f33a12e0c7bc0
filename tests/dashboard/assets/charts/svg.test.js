import assert from "node:assert/strict";
import { test } from "node:test";

import { band, path, paths, ticks, within } from "../../../../dashboard/assets/charts/svg.js";

test("a path is broken where a point is missing", () => {
  assert.equal(path([[0, 1], [2, 3.456], null, [4, 5]]), "M0.00 1.00L2.00 3.46M4.00 5.00");
  assert.equal(path([]), "");
});

test("a line in pieces has every stretch of it, and no other", () => {
  const points = Array.from({ length: 1001 }, (_, i) => (i % 333 === 0 ? null : /** @type {[number, number]} */ ([i, i % 7])));
  /** @param {string} d */
  const stretches = (d) => d.split("M").filter(Boolean).flatMap((run) => {
    const places = run.split("L");
    return places.slice(1).map((place, i) => `${places[i]}>${place}`);
  });
  const pieces = paths(points);
  assert.ok(pieces.length > 3);
  const drawn = pieces.flatMap(stretches);
  assert.deepEqual(new Set(drawn), new Set(stretches(path(points))));
  assert.ok(drawn.length > new Set(drawn).size, "neighbours share a stretch");
  assert.deepEqual(paths([]), []);
});

test("a band goes along its upper line and back along its lower one", () => {
  assert.equal(band([[0, 2], [1, 2]], [[0, 1], [1, 1]]),
    "M0.00 2.00L1.00 2.00L1.00 1.00L0.00 1.00Z");
});

test("ticks are round, within the range, and not too many", () => {
  assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticks(3, 17, 8), [4, 6, 8, 10, 12, 14, 16]);
  for (const [low, high] of [[-0.31, 1.27], [400, 1350], [0, 0.004]]) {
    const found = ticks(low, high, 8);
    assert.ok(found.length >= 2 && found.length <= 9, `${found}`);
    assert.ok(found[0] >= low - 1e-9 && found[found.length - 1] <= high * (1 + 1e-9));
  }
});

test("the last time of an axis is whole, and the others stand at their marks", () => {
  assert.equal(within(300, "12:34:00", 700), 300);
  assert.equal(within(690, "12:34:00", 700), 670);
});
