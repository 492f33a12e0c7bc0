import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { alarm } from "../alarms.js";

const { burdenOf, lasted, matches, overTime } = await import("../../../../dashboard/assets/list/burden.js");
const { filterOf } = await import("../../../../dashboard/assets/list/page.js");

/** @type {AlarmFilter} */
const ALL = { device: "", unit: "", kind: "", priority: "", open: false, words: "" };

/**
 * @param {Partial<ListedAlarm>} fields
 * @returns {ListedAlarm}
 */
function listed({ device = "bed-1", unit = "", ...fields }) {
  return { ...alarm(fields), device, unit };
}

test("an alarm is found by bed, kind, priority, state and words of any order and case", () => {
  const one = listed({ device: "bed-3", unit: "0000000a", kind: "k", priority: "low", presence: "Off", acked_by: "N. Nurse" });
  assert.ok(matches(one, ALL, "Long pause"));
  assert.ok(matches(one, { ...ALL, device: "bed-3", unit: "0000000a", kind: "k", priority: "low" }, "Long pause"));
  assert.ok(matches(one, { ...ALL, words: "nurse PAUSE" }, "Long pause"));
  for (const other of [{ device: "bed-30" }, { unit: "0000000b" }, { kind: "l" }, { priority: "high" }, { open: true }, { words: "pauses" }]) {
    assert.ok(!matches(one, { ...ALL, ...other }, "Long pause"), JSON.stringify(other));
  }
});

test("it has lasted until it ended, or until now, and never less than nothing", () => {
  assert.equal(lasted(listed({ onset_at: 100, raised_at: 104, cleared_at: 130 }), 500), 30);
  assert.equal(lasted(listed({ onset_at: null, raised_at: 104, cleared_at: null }), 500), 396);
  assert.equal(lasted(listed({ onset_at: 100, raised_at: 104, cleared_at: 99 }), 500), 0);
});

test("the burden counts each alarm, and time with two alarms once", () => {
  const alarms = [
    listed({ onset_at: 100, cleared_at: 130 }),
    listed({ onset_at: 120, cleared_at: 140, priority: "low" }),
    listed({ onset_at: 110, cleared_at: 115 }),
    listed({ onset_at: 150, cleared_at: null }),
    listed({ device: "bed-2", onset_at: 0, cleared_at: 60 }),
  ];
  const [first, second] = burdenOf(alarms, "device", 50, 160);
  assert.deepEqual(first, { name: "bed-1", count: 4, counts: { high: 3, medium: 0, low: 1, technical: 0 }, present_s: 50 });
  assert.deepEqual([second.name, second.count, second.present_s], ["bed-2", 1, 10], "from the beginning of the list on");
  assert.equal(burdenOf(alarms, "kind", 50, 160).length, 1);
  assert.deepEqual(burdenOf([], "kind", 50, 160), []);
});

test("over time each alarm is in one part; what began before, or has a later time, is in none", () => {
  const at = (/** @type {number} */ onset_at) => listed({ onset_at, priority: "medium" });
  const parts = overTime([at(-1), at(0), at(9.99), at(10), at(99), at(100), at(101)], 0, 100, 10);
  assert.deepEqual(parts.map((part) => part.medium), [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
});

test("an address says which alarms; what it says wrongly is left out", () => {
  assert.deepEqual(filterOf("?device=bed-3&priority=high&open=&hours=8"),
    { ...ALL, device: "bed-3", priority: "high", open: true, hours: 8 });
  assert.deepEqual(filterOf("?hours=5000"), { ...ALL, hours: 24 });
});
