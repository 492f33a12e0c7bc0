import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DelayHistogram, binned, percentile,
} from "../../../../dashboard/assets/stream/histogram.js";

/** @param {number[]} delays ms */
function of(...delays) {
  const histogram = new DelayHistogram();
  for (const delay of delays) histogram.add(delay, 0);
  return histogram;
}

test("percentiles are upper edges of bins of 2 ms", () => {
  const histogram = of(1, 3, 5, 7);
  assert.deepEqual([0.25, 0.5, 1].map((share) => histogram.percentile(share)), [2, 4, 8]);
  assert.equal(of().percentile(0.5), null);
  assert.equal(of(1e9, -5).percentile(0.5), 2);
  assert.equal(percentile([of(1), of(9, 9)], 0.5), 10);
});

test("what is older than a minute is forgotten", () => {
  const histogram = of(100);
  histogram.add(10, 30_001);
  assert.equal(histogram.percentile(1), 102);
  histogram.add(10, 60_002);
  assert.equal(histogram.percentile(1), 12);
  histogram.clear();
  assert.equal(histogram.percentile(1), null);
});

test("the same delays in coarser bins, the last one open", () => {
  assert.deepEqual(binned([of(50, 99), of(150, 1900)], [0.1, 0.2]), [[0.1, 0.2], [2, 1, 1]]);
});
