import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { countedAs, nextBed } = await import("../../../../dashboard/assets/header/summary.js");

/**
 * @param {string} device
 * @param {Alarm[]} alarms
 * @returns {WardBed}
 */
function bed(device, ...alarms) {
  return { device, label: device, alarms, pause: null };
}

const STANDBY = { by: "a", at: 1, until: 2, reason: "imaging", phase: "Away" };

test("a bed is counted once for each of its alarms, and for its standby", () => {
  const alarms = [alarm({}), alarm({ presence: "Ack" }), alarm({ presence: "Off" }),
    alarm({ presence: "Latch", priority: "low" })];
  assert.deepEqual(countedAs({ alarms }), ["high", "acknowledged", "low"]);
  assert.deepEqual(countedAs({ alarms: [], standby: STANDBY }), ["standby"]);
});

test("the next bed is the one after the present one, in the order of names, and round", () => {
  const beds = [bed("bed-10", alarm({})), bed("bed-2", alarm({})), bed("bed-3"),
    bed("bed-4", alarm({ priority: "low" }))];
  const next = (/** @type {string | undefined} */ current) => nextBed(beds, "high", current)?.device;
  assert.deepEqual([next(undefined), next("bed-2"), next("bed-3"), next("bed-10")],
    ["bed-2", "bed-10", "bed-10", "bed-2"]);
  assert.equal(nextBed(beds, "medium", undefined), null);
  assert.equal(nextBed(beds, "low", "bed-4")?.device, "bed-4");
});
