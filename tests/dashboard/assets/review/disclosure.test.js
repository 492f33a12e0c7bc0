import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { classes, gravest, medians } = await import("../../../../dashboard/assets/review/disclosure.js");

/** @type {RecordedHour} */
const HOUR = {
  from: 7200, leads: ["II"], lead: "II", columns: 60, offset: 30, corrected: 0, notes: [],
  low: [0, 0, null, 1, 2], high: [1, 1, null, 1, 4], beats: [[7231.6, "V"], [7000, "S"]],
};

const ALARM = { id: "", said: [] };

test("a beat colours the columns about it", () => {
  assert.deepEqual(classes(HOUR), [undefined, "V", undefined, undefined, undefined]);
});

test("the gravest alarm of each second counts", () => {
  assert.deepEqual(gravest([
    { ...ALARM, kind: "a", priority: "low", at: 7190, until: 7300 },
    { ...ALARM, kind: "b", priority: "high", at: 7250, until: 7260 },
    { ...ALARM, kind: "c", priority: "technical", at: 10_790, until: null },
  ], 7200), [
    { priority: "low", since: 7200, until: 7250 },
    { priority: "high", since: 7250, until: 7260 },
    { priority: "low", since: 7260, until: 7300 },
    { priority: "technical", since: 10_790, until: 10_800 },
  ]);
});

test("a minute is drawn about its median, what is missing aside", () => {
  assert.deepEqual(medians(HOUR), [1]);
  assert.deepEqual(medians({ ...HOUR, offset: 120 }).length, 3);
});
