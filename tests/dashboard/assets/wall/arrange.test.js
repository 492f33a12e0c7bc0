import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, stacked } from "../../../../dashboard/assets/wall/arrange.js";

test("tiles fill the screen", () => {
  for (const count of [1, 2, 8, 16, 32, 64]) {
    const { columns, rows } = arrange(count, 1908, 1010);
    assert.ok(columns * rows >= count);
    assert.ok(1010 / rows >= 70);
  }
  const shape = (/** @type {number} */ count) => {
    const { columns, rows } = arrange(count, 1908, 1010);
    return [columns, rows];
  };
  assert.deepEqual([shape(8), shape(16)], [[2, 4], [4, 4]]);
});

test("a screen that is too narrow for two tiles has one column", () => {
  const { columns, rows } = arrange(5, 390, 800);
  assert.deepEqual([columns, rows], [1, 5]);
});

test("the numbers stand below the trace where a tile is narrow and high enough", () => {
  assert.deepEqual([stacked(439, 140), stacked(440, 140), stacked(439, 139)], ["low", null, null]);
  assert.deepEqual([stacked(400, 170), stacked(399, 170), stacked(559, 225), stacked(560, 225)], [null, "middle", "tall", null]);
});

test("up to sixteen beds stand in four rows on a wide screen, whose numbers are read from afar", () => {
  for (let count = 1; count <= 16; count++) {
    for (const [width, height] of [[1908, 972], [1428, 792], [1268, 612], [3828, 2003]]) {
      const { columns, rows } = arrange(count, width, height);
      assert.ok(columns * rows >= count && rows <= 4, `${count} beds on ${width}: ${columns} x ${rows}`);
    }
  }
});
