import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} };
const { anchor, points } = await import("../../../../dashboard/assets/review/compare.js");
const { dayOf, ofRate } = await import("../../../../dashboard/assets/review/day.js");

const BEAT = { n: 0, label: /** @type {const} */ ("N"), original: "N", by: "", disputed: false };

test("a strip is aligned on the beat that is chosen, or on the one nearest its middle", () => {
  const strip = { start: 100, beats: [
    { ...BEAT, at: 101, symbol: "N" }, { ...BEAT, at: 104.6, symbol: "V" }, { ...BEAT, at: 105, symbol: "" },
  ] };
  assert.equal(anchor(strip), 104.6);
  assert.equal(anchor(strip, 101), 101);
  assert.equal(anchor(strip, 300), 104.6);
  assert.equal(anchor({ start: 100, beats: [] }), 105);
});

test("samples about the R peak are laid at one scale, holes stay holes", () => {
  const lead = { name: "II", gain: 200, baseline: 0, segments: [{ n: 0, adc: [0, 200] }, { n: 9, adc: [400] }] };
  const strip = { boot: "", fs: 1, start: 100, from_n: 0, to_n: 10, leads: [lead], gaps: [], beats: [], drawn: [], notes: [] };
  const found = points(/** @type {RecordedStrip} */ (strip), lead, 101, 50);
  assert.deepEqual(found, [[25, 50], [50, 40], null, null]);
});

test("a day begins at midnight of who looks", () => {
  const from = new Date(dayOf(1_790_000_000) * 1000);
  assert.deepEqual([from.getHours(), from.getMinutes(), from.getSeconds()], [0, 0, 0]);
  assert.ok(1_790_000_000 - from.getTime() / 1000 < 90_000);
});

test("rates lie within the row, whatever they are", () => {
  assert.deepEqual([ofRate(0), ofRate(30), ofRate(200), ofRate(999)], [1, 1, 0, 0]);
});
