// Which shift an address asks for.

import assert from "node:assert/strict";
import { test } from "node:test";

import "../page.js";

const { askedOf, fieldTime, reportAddress, searchOf, timeOfField } = await import(
  "../../../../dashboard/assets/shift/asked.js");

const USUAL = { unit: "", hours: 12, from: null, to: null };

test("an address that says nothing, or nonsense, asks for the last twelve hours", () => {
  for (const search of ["", "?hours=7", "?hours=x", "?from=&to=", "?from=x"]) {
    assert.deepEqual(askedOf(search), USUAL, search);
  }
  assert.equal(searchOf(USUAL), "");
});

test("what is asked for stands in the address, and comes back from it", () => {
  for (const asked of [
    { ...USUAL, unit: "0000000a", hours: 8 }, { unit: "-", hours: null, from: 1000, to: 2000 },
    { unit: "", hours: null, from: null, to: 2000 },
  ]) assert.deepEqual(askedOf(searchOf(asked)), asked);
});

test("the last hours are those of the dashboard's clock, not of this computer's", () => {
  assert.equal(reportAddress({ ...USUAL, hours: 8 }), "/shift/report?hours=8");
  assert.equal(reportAddress({ unit: "-", hours: null, from: 5, to: 9 }), "/shift/report?unit=-&from=5&to=9");
});

test("the times of a form are those of the clock on the wall", () => {
  const at = 1_790_000_040;
  assert.equal(timeOfField(fieldTime(at)), at);
  assert.equal(timeOfField(""), null);
});
