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

test("the last hours are counted from now and go on", () => {
  const query = new URLSearchParams(reportAddress({ ...USUAL, hours: 8 }, 100_000).split("?")[1]);
  assert.equal(Number(query.get("from")), 100_000 - 8 * 3600);
  assert.equal(query.get("to"), null);
});

test("the times of a form are those of the clock on the wall", () => {
  const at = 1_790_000_040;
  assert.equal(timeOfField(fieldTime(at)), at);
  assert.equal(timeOfField(""), null);
});
