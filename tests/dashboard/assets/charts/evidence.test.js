// The numbers that decided an alarm.

import assert from "node:assert/strict";
import { test } from "node:test";

import "../page.js";

const { amount } = await import("../../../../dashboard/assets/charts/evidence.js");

test("numbers of a rule have its unit, and no digits that nobody measured", () => {
  assert.equal(amount(170.0837, "faster than the limit, bpm"), "170.1 bpm");
  assert.equal(amount(100, "faster than the limit, bpm"), "100 bpm");
  assert.equal(amount(412.6, "QTc longer than the limit, ms"), "413 ms");
  assert.equal(amount(4.237, "no beat for longer than the limit, s"), "4.24 s");
  assert.equal(amount(12.346, "ectopic beats, number/min"), "12.35");
});
