import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { clock, eventsOf, percent, sizeText, stateText } = await import("../../../../dashboard/assets/analyze/words.js");
const { marks, rangeOf, stretches } = await import("../../../../dashboard/assets/analyze/figures.js");
const { answered } = await import("../../../../dashboard/assets/analyze/choosing.js");

/** @type {StudyJob} */
const job = { id: "1", name: "a.edf", size: 1, example: null, created_at: 0, state: "queued", progress: 0, ahead: 0, error: null };

test("a job says how it is; one that nobody takes says so", () => {
  assert.equal(stateText(job, 1), "waits: next");
  assert.equal(stateText({ ...job, ahead: 3 }, 1), "waits: 3 before it");
  assert.equal(stateText(job, 0), "waits: no worker is running");
  assert.equal(stateText({ ...job, state: "running", progress: 0.42 }, 1), "being analysed: 42 %");
  assert.equal(stateText({ ...job, state: "failed", error: "too long" }, 0), "failed: too long");
});

test("times, shares and sizes", () => {
  assert.deepEqual([0, 59.9, 61, 3661].map(clock), ["0:00", "0:59", "1:01", "1:01:01"]);
  assert.deepEqual([percent(null), percent(0.995, 1), percent(1, 0)], ["–", "99.5 %", "100 %"]);
  assert.deepEqual([12, 2e6].map(sizeText), ["1 kB", "2 MB"]);
});

test("kinds of events of which there is none are left out", () => {
  /** @type {any} */
  const study = {
    alarms: [{ kind: "vt", onset_s: 3, cleared_s: null }], alarm_count: 1,
    figures: { ventricular: [{ at_s: 3, end_s: 5, beats: 6, bpm: 164.4 }], ventricular_count: 1, couplet_count: 0,
      couplets: [], supraventricular: [], supraventricular_count: 0, pauses: [{ value: 2.4, at_s: 9 }], pause_count: 1 },
  };
  const found = eventsOf(study, (kind) => kind.toUpperCase());
  assert.deepEqual(found.map(({ title }) => title), ["Alarms", "Ventricular runs", "Pauses of 2 s and more"]);
  assert.deepEqual(found[0].events, [{ at_s: 3, cells: ["VT", "to the end"] }]);
  assert.deepEqual(found[1].events[0].cells, ["6 beats", "164 bpm"]);
  assert.deepEqual(found[2].events[0].cells, ["2.40 s", ""]);
});

test("axes have round times, and steps without a rate break the line", () => {
  assert.deepEqual(marks(30), [0, 5, 10, 15, 20, 25, 30]);
  assert.equal(marks(86_400).length, 9);
  assert.deepEqual(stretches([[0, 1, 1], [1, 1, 1], [4, 1, 1]]).map(({ length }) => length), [2, 1]);
});

test("averages of all classes share a scale", () => {
  /** @type {any} */
  const some = [{ leads: [{ name: "II", low: [-1], high: [2] }] }, { leads: [{ name: "II", low: [0], high: [3] }, { name: "I", low: [-9], high: [9] }] }];
  assert.deepEqual(rangeOf(some, "II"), [-1, 3]);
});

test("what a table does not say has to be answered", () => {
  /** @type {any} */
  const question = { has_time: false };
  assert.equal(answered(question, [], "mV", "250"), "Choose at least one column.");
  assert.match(String(answered(question, ["a"], "mV", "")), /50 to 2000 Hz/);
  assert.deepEqual(answered(question, ["a"], "uV", "250"), { leads: ["a"], unit: "uV", fs: 250 });
  assert.deepEqual(answered({ ...question, has_time: true }, ["a"], "V", ""), { leads: ["a"], unit: "V", fs: null });
});
