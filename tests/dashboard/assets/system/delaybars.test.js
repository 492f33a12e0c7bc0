import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { RecentCounts, quantile } = await import("../../../../dashboard/assets/system/delaybars.js");

test("counts of the last minute come from counts since the beginning", () => {
  const recent = new RecentCounts();
  assert.deepEqual(recent.take([5, 1], 0), [5, 1]);
  assert.deepEqual(recent.take([7, 1], 30_000), [2, 0]);
  assert.deepEqual(recent.take([9, 2], 61_000), [4, 1]);
  assert.deepEqual(recent.take([9, 4], 95_000), [2, 3]);
});

test("who counts less than before was started anew", () => {
  const recent = new RecentCounts();
  recent.take([50, 10], 0);
  assert.deepEqual(recent.take([2, 1], 1000), [2, 1]);
});

test("a quantile is the upper bound of its bin", () => {
  assert.equal(quantile([0.1, 0.2], [1, 1, 0], 0.5), 0.1);
  assert.equal(quantile([0.1, 0.2], [1, 1, 2], 0.99), Infinity);
  assert.equal(quantile([0.1, 0.2], [0, 0, 0], 0.5), null);
});
