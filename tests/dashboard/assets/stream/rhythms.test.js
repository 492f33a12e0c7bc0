import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { isShown, rhythmName, rhythmOf, rhythmTitle, shortName, sinus } =
  await import("../../../../dashboard/assets/stream/rhythms.js");

/** @param {string[]} kinds */
function short(...kinds) {
  return kinds.map((kind) => shortName({ kind, lead: null }));
}

test("every alarm has a name for little room", () => {
  assert.deepEqual(
    short("asystole", "vf", "vt", "vt_sustained", "extreme_bradycardia", "ventricular_run", "af",
      "noise", "made_up"),
    ["Asystole", "VF", "VT", "VT", "xBrady", "V run", "AF", "Noise", "Made up"]);
});

test("the gravest rhythm that is present is shown", () => {
  const of = (/** @type {string[]} */ ...kinds) => rhythmOf(kinds.map((kind) => ({ kind })))?.kind ?? null;
  assert.equal(of("leadoff"), null);
  assert.equal(of("bigeminy", "af", "leadoff"), "af");
  assert.deepEqual([rhythmName("af"), rhythmName(null), rhythmName("made_up")],
    ["AF", "\u2013", "\u2013"]);
});

test("a rhythm that is no alarm has a name, in short and in full", () => {
  assert.deepEqual(["paced", "sinus", "sinus_tachycardia", "sinus_bradycardia", "unknown"].map(rhythmName),
    ["Paced", "Sinus", "Sinus tachy", "Sinus brady", "Unknown"]);
  assert.deepEqual([rhythmTitle("sinus_bradycardia"), rhythmTitle("af"), rhythmTitle(null)],
    ["Sinus bradycardia", "Atrial fibrillation", ""]);
});

test("sinus rhythm of adults is judged by 60 and 100, of children by the limits of their bed", () => {
  const of = (/** @type {number | null} */ rate, category = "") => (
    sinus(rate, { category, rate_limits: [90, 170] }));
  assert.deepEqual([59, 60, 100, 101].map((rate) => of(rate)),
    ["sinus_bradycardia", "sinus", "sinus", "sinus_tachycardia"]);
  assert.deepEqual([89, 130, 171].map((rate) => of(rate, "neonatal")),
    ["sinus_bradycardia", "sinus", "sinus_tachycardia"]);
  assert.equal(of(null), "unknown");
  assert.equal(sinus(30, { category: "neonatal", rate_limits: [null, null] }), "sinus");
});

test("a rhythm of ventricular beats is shown while one of the last beats is ventricular", () => {
  const beats = (/** @type {string} */ labels) => [...labels].map((label) => (
    { label: label === "." ? null : /** @type {BeatLabel} */ (label) }));
  assert.deepEqual(["NVNVN", "VNN", "VNNN"].map((labels) => isShown({ kind: "bigeminy" }, beats(labels))),
    [true, true, false]);
  assert.deepEqual(["VNNN", "VNNNN", "VNNN..."].map((labels) => isShown({ kind: "trigeminy" }, beats(labels))),
    [true, false, true], "what is not decided says nothing");
  assert.equal(isShown({ kind: "af" }, beats("NNNN")), true);
});
