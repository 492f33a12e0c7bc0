import "../page.js";

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

const { change } = await import("../../../../dashboard/assets/base/display.js");
const { CSS_PX_PER_MM, calibrate, calibrated, mmPerMv, scale } =
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

test("a low trace has half the height per millivolt; the gain multiplies", () => {
  assert.deepEqual([mmPerMv(31 * CSS_PX_PER_MM), mmPerMv(29 * CSS_PX_PER_MM)], [10, 5]);
  change({ gain: 2 });
  assert.equal(mmPerMv(31 * CSS_PX_PER_MM), 20);
});
