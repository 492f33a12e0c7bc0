import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { choiceName, inOrder, limitText, limitWords, sectionName } =
  await import("../../../../dashboard/assets/patient/limitwords.js");

test("a limit has a name and a unit; one that has no words yet is spelled out", () => {
  assert.deepEqual(limitWords("rate", "high_bpm"),
    { name: "Tachycardia above", unit: "bpm", fine: false, choices: {} });
  assert.deepEqual(limitWords("rate", "made_up"), { name: "Made up", unit: "", fine: true });
  assert.deepEqual([sectionName("st"), sectionName("made_up")], ["ST segment", "Made up"]);
});

test("limits that have words come first, in their order", () => {
  assert.deepEqual(inOrder("rate", ["made_up", "high_bpm", "low_bpm"]),
    ["low_bpm", "high_bpm", "made_up"]);
  assert.deepEqual(inOrder("made_up", ["b", "a"]), ["b", "a"]);
});

test("a value has its unit, a word its name", () => {
  assert.deepEqual([limitText("rate", "high_bpm", 120), limitText("st", "st_mv", 0.25),
    limitText("made_up", "x", 3), limitText("pacing", "paced", "auto")],
  ["120 bpm", "0.25 mV", "3", choiceName("pacing", "paced", "auto")]);
});
