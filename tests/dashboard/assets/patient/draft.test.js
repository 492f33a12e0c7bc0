import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Draft } from "../../../../dashboard/assets/patient/draft.js";

const RULES = {
  defaults: {
    adult: { rate: { low_bpm: 50, high_bpm: 120, asystole_s: 4 }, pacing: { paced: "auto", silence_rr: 1.75 } },
    neonatal: { rate: { low_bpm: 90, high_bpm: 180, asystole_s: 3 }, pacing: { paced: "auto", silence_rr: 1.75 } },
  },
  /** @type {LimitRules["ranges"]} */
  ranges: {
    rate: { low_bpm: [20, 200, true], high_bpm: [40, 300, true], asystole_s: [2, 10, false] },
    pacing: { silence_rr: [1.3, 3, false] },
  },
  choices: { pacing: { paced: ["auto", "yes", "no"] } },
  rising: { rate: [["low_bpm", "high_bpm"]] },
  alarms: { vt: "high", af: "medium" },
  fixed: ["vt"],
  levels: ["high", "medium", "low", "off"],
};

/** @type {Draft} */
let draft;

beforeEach(() => {
  draft = new Draft({ ...RULES,
    admission: { name: "A.", category: "adult", limits: {}, alarms: {} },
    own: { name: "", category: "adult", limits: {}, alarms: {} } });
});

test("where nobody is admitted it is about the limits of the bed", () => {
  const own = new Draft({ ...RULES, admission: null,
    own: { name: "", category: "neonatal", limits: { rate: { high_bpm: 170 } }, alarms: {} } });
  assert.deepEqual([own.value("rate", "high_bpm"), own.changes()], [170, 0]);
  own.reset("rate", "high_bpm");
  assert.deepEqual([own.fields().limits, own.changes()], [{}, 1]);
});

test("a limit that is a word is chosen and taken back", () => {
  draft.choose("pacing", "paced", "yes");
  assert.deepEqual(draft.fields().limits, { pacing: { paced: "yes" } });
  assert.deepEqual([draft.changes(), draft.problems().size], [1, 0]);
  draft.choose("pacing", "paced", "auto");
  assert.deepEqual([draft.fields().limits, draft.changes()], [{}, 0]);
});

test("a number is the patient's own unless it is the default", () => {
  draft.set("rate", "high_bpm", "130");
  assert.deepEqual([draft.value("rate", "high_bpm"), draft.isOwn("rate", "high_bpm")], [130, true]);
  assert.equal(draft.changes(), 1);
  draft.set("rate", "high_bpm", "120");
  assert.deepEqual([draft.isOwn("rate", "high_bpm"), draft.fields().limits], [false, {}]);
});

test("what is no number is a mistake and counts as a change", () => {
  for (const text of ["", "?", "1x"]) {
    draft.set("rate", "high_bpm", text);
    assert.deepEqual(draft.problems().get("rate.high_bpm"), { number: true });
    assert.equal(draft.changes(), 1);
  }
  draft.reset("rate", "high_bpm");
  assert.deepEqual([draft.problems().size, draft.changes()], [0, 0]);
});

test("a limit keeps within its range, and whole where it must be", () => {
  draft.set("rate", "high_bpm", "301");
  draft.set("rate", "asystole_s", "4.5");
  draft.set("rate", "low_bpm", "50.5");
  assert.deepEqual([...draft.problems()], [
    ["rate.low_bpm", { whole: true }], ["rate.high_bpm", { low: 40, high: 300 }]]);
});

test("of two limits in the wrong order the one that was changed is at fault", () => {
  draft.set("rate", "low_bpm", "150");
  assert.deepEqual([...draft.problems()], [["rate.low_bpm", { most: 120, other: "high_bpm" }]]);
  draft.reset("rate", "low_bpm");
  draft.set("rate", "high_bpm", "45");
  assert.deepEqual([...draft.problems()], [["rate.high_bpm", { least: 50, other: "low_bpm" }]]);
});

test("the category decides what the defaults are", () => {
  draft.category = "neonatal";
  assert.deepEqual([draft.value("rate", "high_bpm"), draft.changes()], [180, 1]);
});

test("a priority of the default is no own one; names are trimmed", () => {
  draft.setLevel("af", "low");
  draft.name = " B. ";
  assert.deepEqual(draft.fields(), { name: "B.", category: "adult", limits: {}, alarms: { af: "low" } });
  assert.deepEqual([draft.level("af"), draft.level("vt"), draft.changes()], ["low", "high", 2]);
  draft.setLevel("af", "medium");
  assert.deepEqual([draft.fields().alarms, draft.changes()], [{}, 1]);
});

test("what is saved is not changed by editing", () => {
  const limits = { rate: { high_bpm: 130 } };
  const own = new Draft({ ...RULES,
    admission: { name: "A.", category: "adult", limits, alarms: {} },
    own: { name: "", category: "adult", limits: {}, alarms: {} } });
  own.set("rate", "high_bpm", "140");
  own.reset("rate", "high_bpm");
  assert.deepEqual([limits, own.changes()], [{ rate: { high_bpm: 130 } }, 1]);
});
