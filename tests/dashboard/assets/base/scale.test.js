import "../page.js";

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

const { change } = await import("../../../../dashboard/assets/base/display.js");
const { CSS_PX_PER_MM, calibrate, calibrated, mmPerMv, mmPerS, scale } =
  await import("../../../../dashboard/assets/base/scale.js");

afterEach(() => {
  calibrate(null);
  change({ gain: 1 });
});

test("a screen that nobody has measured is as CSS assumes", () => {
  assert.equal(calibrated(), false);
  assert.equal(scale(), CSS_PX_PER_MM);
});

test("what was measured is kept for the screen, unless it cannot be", () => {
  calibrate(5);
  assert.deepEqual([calibrated(), scale()], [true, 5]);
  calibrate(0.1);
  assert.deepEqual([calibrated(), scale()], [false, CSS_PX_PER_MM]);
});

test("the gain is what fits, or what was chosen", () => {
  change({ fit: true });
  assert.deepEqual([mmPerMv(0.5), mmPerMv(2)], [5, 20]);
  change({ fit: false, gain: 4 });
  assert.deepEqual([mmPerMv(0.5), mmPerMv(2)], [40, 40]);
});

test("a narrow trace sweeps slower, so that six seconds are on it", () => {
  const width = (/** @type {number} */ seconds) => seconds * 25 * CSS_PX_PER_MM + 1;
  assert.deepEqual([10, 6, 5.9, 3, 2.9, 2.3, 0.1].map((seconds) => mmPerS(width(seconds))),
    [25, 25, 12.5, 12.5, 10, 6.25, 6.25]);
});
