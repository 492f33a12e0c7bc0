import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { classes, medians } = await import("../../../../dashboard/assets/review/disclosure.js");

/** @type {RecordedHour} */
const HOUR = {
  from: 7200, leads: ["II"], lead: "II", columns: 60, offset: 30, notes: [],
  low: [0, 0, null, 1, 2], high: [1, 1, null, 1, 4], beats: [[7231.6, "V"], [7000, "S"]],
};

test("a beat colours the columns about it", () => {
  assert.deepEqual(classes(HOUR), [undefined, "V", undefined, undefined, undefined]);
});

test("a minute is drawn about its median, what is missing aside", () => {
  assert.deepEqual(medians(HOUR), [1]);
  assert.deepEqual(medians({ ...HOUR, offset: 120 }).length, 3);
});
