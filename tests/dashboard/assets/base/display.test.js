import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { GAINS, change, display, kept, onDisplay, settingsFrom, step } =
  await import("../../../../dashboard/assets/base/display.js");

const USUAL = { speed: 25, gain: 1, fit: true, leads: 1, grid: false, shortcuts: true, urgent: false };

/**
 * @param {Record<string, unknown> | null} remembered
 * @param {string} query
 */
function settings(remembered, query) {
  return settingsFrom(remembered, new URLSearchParams(query));
}

test("settings are what was remembered, then what the address says, if they are choices", () => {
  assert.deepEqual(settings(null, ""), USUAL);
  assert.deepEqual(settings({ speed: 50, gain: 3, grid: "yes" }, ""), { ...USUAL, speed: 50 });
  assert.deepEqual(settings({ speed: 50, leads: 1 }, "speed=12.5&leads=2&grid=1&gain=)"),
    { ...USUAL, speed: 12.5, leads: 2, grid: true });
});

test("a switch of the address is 0 or 1", () => {
  assert.equal(settings({ grid: true }, "grid=0").grid, false);
  assert.equal(settings(null, "shortcuts=0").shortcuts, false);
  assert.equal(settings(null, "shortcuts=true").shortcuts, true);
});

test("who asks for a gain in the address gets it, and else what fits", () => {
  assert.deepEqual(settings(null, "gain=2"), { ...USUAL, gain: 2, fit: false });
  assert.equal(settings({ fit: false, gain: 4 }, "").fit, false);
  assert.equal(settings({ gain: 4 }, "").fit, true); // chosen before there was a choice
});

test("a step ends at the ends", () => {
  assert.deepEqual([step(GAINS, 1, 1), step(GAINS, 4, 1), step(GAINS, 0.25, -1)], [2, 4, 0.25]);
});

test("rubbish in the browser's storage is no map", () => {
  for (const text of ["{", "3", '"text"', "null"]) {
    localStorage.setItem("rubbish", text);
    assert.equal(kept("rubbish"), null);
  }
  localStorage.setItem("rubbish", '{"a": 1}');
  assert.deepEqual(kept("rubbish"), { a: 1 });
  assert.equal(kept("nothing"), null);
});

test("a change is remembered and told until nobody listens", () => {
  let told = 0;
  const stop = onDisplay(() => { told += 1; });
  change({ gain: 2 });
  assert.equal(display().gain, 2);
  assert.equal(kept("ecg-monitor.display")?.gain, 2);
  stop();
  change({ gain: 1 });
  assert.equal(told, 1);
});
