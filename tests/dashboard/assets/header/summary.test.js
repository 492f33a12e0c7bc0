import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { countedAs, nextBed, nextUrgent } = await import("../../../../dashboard/assets/header/summary.js");

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

test("a heart that nobody watches is counted as such", () => {
  assert.deepEqual(countedAs({ alarms: [alarm({ kind: "leadoff", priority: "technical" }),
    alarm({ kind: "leads_disagree", priority: "technical" })] }), ["unwatched", "technical"]);
});

test("step by step from the most urgent bed to the less urgent ones, back at once for a new worst", () => {
  const beds = [bed("a", alarm({ kind: "couplet", priority: "low" })), bed("b", alarm({ kind: "vt" })),
    bed("c", alarm({ kind: "extreme_bradycardia", raised_at: 9 })), bed("quiet")];
  /** @type {string | undefined} */
  let first;
  /** @type {string | undefined} */
  let at;
  const step = () => {
    const next = nextUrgent(beds, first, at);
    first = next?.first;
    at = next?.bed.device;
    return at;
  };
  assert.deepEqual([step(), step(), step(), step(), step()], ["b", "c", "a", "b", "c"]);
  beds[3].alarms = [alarm({ kind: "vf" })];
  assert.deepEqual([step(), step()], ["quiet", "b"]);
  assert.equal(nextUrgent([bed("quiet")], undefined, undefined), null);
});
