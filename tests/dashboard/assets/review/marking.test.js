import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { actText, beatAt, beatText, commands, neighbour, timeOf } = await import("../../../../dashboard/assets/review/marking.js");

/**
 * @param {number} at
 * @param {Partial<RecordedBeat>} more
 * @returns {RecordedBeat}
 */
function beat(at, more = {}) {
  return { n: 0, at, label: "N", symbol: "N", original: "N", by: "", disputed: false, ...more };
}

const STRIP = { start: 1000, beats: [beat(1001), beat(1001.15, { symbol: "" }), beat(1003)] };

test("a place of the drawing is a time", () => {
  assert.equal(timeOf(STRIP, 125), 1005);
});

test("a click means the nearest beat, those that were deleted as well", () => {
  assert.equal(beatAt(STRIP, 1001.06), STRIP.beats[0]);
  assert.equal(beatAt(STRIP, 1001.1), STRIP.beats[1]);
  assert.equal(beatAt(STRIP, 1002), null);
});

test("brackets go from beat to beat", () => {
  assert.equal(neighbour(STRIP, 1001, 1), STRIP.beats[1]);
  assert.equal(neighbour(STRIP, 1003, -1), STRIP.beats[1]);
  assert.equal(neighbour(STRIP, 1003, 1), null);
});

test("a beat says what was made of it, by whom, and whether reviewers differ", () => {
  assert.equal(beatText(beat(0)), "Beat N");
  assert.match(beatText(beat(0, { symbol: "V", by: "A", disputed: true })), /^Beat V · was N, by .*A.* · reviewers differ/);
  assert.match(beatText(beat(0, { symbol: "V", original: "", by: "A" })), /inserted by/);
  assert.match(beatText(beat(0, { by: "A" })), /confirmed by/);
  assert.match(beatText(beat(0, { symbol: "", by: "A" })), /^Deleted beat · was N/);
});

test("every act has words", () => {
  const act = { id: 1, start: 0, end: 1, by: "A", at: 0, value: "V", text: "", before: "N", target: 7, count: 1, holds: true };
  /** @type {[ReviewAct["what"], Partial<ReviewAct>, RegExp][]} */
  const told = [
    ["label", {}, /called a beat V that was N/], ["label", { count: 12, before: "N 12" }, /called 12 beats V \(N 12\)/],
    ["delete", {}, /deleted a beat N/], ["insert", {}, /inserted a beat V/],
    ["verdict", { value: "false", text: "noise" }, /called an alarm false: .*noise/],
    ["rhythm", { value: "(AFIB" }, /Atrial fibrillation/], ["note", { text: "<b>" }, /noted: .*<b>/],
    ["undo", {}, /undid act 7/], ["redo", {}, /did act 7 again/],
  ];
  for (const [what, more, words] of told) assert.match(actText({ ...act, what, ...more }), words);
});

test("the commands name the interval in UTC", () => {
  assert.equal(commands("bed-1", 1_790_000_000, 1_790_000_010.5).split("\n")[0],
    "ecg-monitor export bed:bed-1 --start 2026-09-21T14:13:20.000+00:00 --end 2026-09-21T14:13:30.500+00:00 --output bed-1.hea");
});
