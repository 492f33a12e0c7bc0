import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { changeText, entryDetails, entryText, patientText } =
  await import("../../../../dashboard/assets/patient/words.js");

const RULES = {
  defaults: { adult: { rate: { high_bpm: 120 } } }, ranges: {}, choices: {}, rising: {},
  alarms: { af: "medium" }, fixed: [], levels: [],
};

test("a bed names its patient, with a category that is not the usual one", () => {
  const of = (/** @type {string} */ category, discharged = false) => (
    patientText({ patient: "A.", category, discharged }));
  assert.deepEqual([of(""), of("adult"), of("neonatal"), of("adult", true)],
    ["A.", "A.", "A. \u00b7 Neonatal", "No patient"]);
});

test("a change tells what was and what is, defaults by their values", () => {
  assert.deepEqual(changeText({ field: "limits.rate.high_bpm", old: null, new: 130 }, RULES, "adult"),
    { name: "Heart rate and pauses: Tachycardia above", old: "default (120 bpm)", new: "130 bpm" });
  assert.deepEqual(changeText({ field: "alarms.af", old: "low", new: null }, RULES, "adult"),
    { name: "Atrial fibrillation", old: "low", new: "default (medium)" });
  assert.deepEqual(changeText({ field: "category", old: null, new: "adult" }, RULES, "adult"),
    { name: "Category", old: "\u2013", new: "Adult" });
  assert.equal(changeText({ field: "stay", old: null, new: "x" }, RULES, "adult"), null);
});

test("entries of the trail are told in words", () => {
  const entry = (/** @type {string} */ what, more = {}) => entryText({ at: 1, who: "a", what, ...more });
  assert.deepEqual([entry("admitted", { patient: "P7" }), entry("left", { other: "bed-2" }),
    entry("noted", { text: "x" }), entry("made_up")],
  ["Admitted P7", "Transferred to bed-2", "Note: x", "made_up"]);
});

test("only an entry of changes has details, and those that people care about", () => {
  const changes = [{ field: "stay", old: null, new: "x" }, { field: "name", old: "A.", new: "B." }];
  const of = (/** @type {string} */ what) => entryDetails({ at: 1, who: "a", what, changes }, RULES, "adult");
  assert.deepEqual([of("changed"), of("admitted")], [["Name: A. \u2192 B."], []]);
});
