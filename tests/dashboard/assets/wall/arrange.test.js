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
  assert.deepEqual([stacked(399, 140), stacked(400, 140), stacked(399, 139)], [true, false, false]);
});
