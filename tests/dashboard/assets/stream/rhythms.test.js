import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { rhythmName, rhythmOf, shortName } =
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
  const of = (/** @type {string[]} */ ...kinds) => rhythmOf(kinds.map((kind) => ({ kind })));
  assert.equal(of("leadoff"), null);
  assert.equal(of("bigeminy", "af", "leadoff"), "af");
  assert.deepEqual([rhythmName("af"), rhythmName(null), rhythmName("made_up")],
    ["AF", "\u2013", "\u2013"]);
});
