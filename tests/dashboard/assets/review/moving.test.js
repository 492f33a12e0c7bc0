import assert from "node:assert/strict";
import { test } from "node:test";

const { hourOf, measured, moved, nearest, nextEvent, remembering, rowsOf, stepOf, timeAt, longestAlarm } = await import(
  "../../../../dashboard/assets/review/moving.js");

/** @type {[number, number][]} */
const SPANS = [[1000, 1100], [5000, 9000]];

test("a strip begins where something is recorded", () => {
  assert.equal(nearest(SPANS, 1050), 1050);
  assert.equal(nearest(SPANS, 1099), 1090);
  assert.equal(nearest(SPANS, 0), 1000);
  assert.equal(nearest(SPANS, 2000), 1090);
  assert.equal(nearest(SPANS, 1e6), 8990);
});

test("a step goes over what is not recorded, and never back", () => {
  assert.equal(moved(SPANS, 1080, 5), 1085);
  assert.equal(moved(SPANS, 1090, 5), 5000);
  assert.equal(moved(SPANS, 8990, 5), 8990);
  assert.equal(moved(SPANS, 1090, 60), 5000);
  assert.equal(moved(SPANS, 5000, -5), 1090);
  assert.equal(moved(SPANS, 5000, -3600), 1090);
  assert.equal(moved(SPANS, 1000, -60), 1000);
  assert.equal(moved(SPANS, 6000, 3600), 8990);
  assert.equal(stepOf("PageUp"), -3600);
  assert.equal(stepOf("a"), null);
});

test("events are gone to in either direction", () => {
  const events = [{ kind: "vt", at: 1 }, { kind: "af", at: 2 }, { kind: "vt", at: 3 }];
  assert.equal(nextEvent(events, 1, "vt", 1)?.at, 3);
  assert.equal(nextEvent(events, 1, "", 1)?.at, 2);
  assert.equal(nextEvent(events, 3, "vt", -1)?.at, 1);
  assert.equal(nextEvent(events, 3, "vt", 1), null);
});

test("a place in the drawing is a time", () => {
  assert.equal(hourOf(7300), 7200);
  assert.equal(timeAt(7200, 0.5, 0), 7230);
  assert.equal(timeAt(7200, 0, 0.999), 7200 + 59 * 60);
  assert.equal(timeAt(7200, 2, 1), 7200 + 3600);
});

test("calipers read time, voltage and rate", () => {
  const scale = { mmPerS: 25, mmPerMv: 10 };
  assert.deepEqual(measured(-20, 12, scale), { ms: 800, mv: 1.2, bpm: 75 });
  assert.equal(measured(1, 0, scale).bpm, null);
});

test("the longest alarm of a kind, one that goes on until now", () => {
  const alarm = { priority: /** @type {Priority} */ ("high"), id: "", said: [] };
  const alarms = [
    { ...alarm, kind: "afib", at: 0, until: 50 }, { ...alarm, kind: "vt", at: 0, until: 90 },
    { ...alarm, kind: "afib", at: 100, until: null },
  ];
  assert.equal(longestAlarm(alarms, "", 120), alarms[1]);
  assert.equal(longestAlarm(alarms, "afib", 120), alarms[0]);
  assert.equal(longestAlarm(alarms, "afib", 200), alarms[2]);
  assert.equal(longestAlarm(alarms, "asystole", 200), null);
});

test("a strip at the end of a row goes over into the next, and none beyond the hour", () => {
  assert.deepEqual(rowsOf(30, 45), [{ row: 0, left: 0.5, right: 0.75 }]);
  assert.deepEqual(rowsOf(45, 75), [{ row: 0, left: 0.75, right: 1 }, { row: 1, left: 0, right: 0.25 }]);
  assert.deepEqual(rowsOf(-6, 3), [{ row: 0, left: 0, right: 0.05 }]);
  assert.deepEqual(rowsOf(3600, 3610), []);
});

test("what is asked again is not computed again", () => {
  let computed = 0;
  const sum = remembering((/** @type {number} */ a, /** @type {number} */ b) => { computed++; return a + b; });
  assert.deepEqual([sum(1, 2), sum(1, 2), sum(1, 3), computed], [3, 3, 4, 2]);
});
