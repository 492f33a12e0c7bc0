import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const {
  bedsByUrgency, byUrgency, lookOf, otherAlarms, presenceOf, rateLook, withheldBy,
} = await import("../../../../dashboard/assets/base/urgency.js");

/**
 * @param {Alarm[]} alarms
 * @returns {string[]}
 */
function ids(...alarms) {
  return alarms.sort(byUrgency).map(({ id }) => id);
}

/** @type {Partial<Alarm>} */
const OVER = { presence: "Latch", present: false };
/** @type {Partial<Alarm>} */
const NO_DATA = { kind: "no_data", priority: "technical" };

test("what nobody has acknowledged leads, then priority, then what is present, then the newest", () => {
  assert.deepEqual(ids(
    alarm({ id: "acked", presence: "Ack", priority: "high" }),
    alarm({ id: "latched", ...OVER, priority: "medium", raised_at: 9 }),
    alarm({ id: "old", priority: "medium", raised_at: 1 }),
    alarm({ id: "new", priority: "medium", raised_at: 2 }),
    alarm({ id: "low", priority: "low", raised_at: 8 }),
    alarm({ id: "high", priority: "high", raised_at: 0 }),
  ), ["high", "new", "old", "latched", "low", "acked"]);
});

test("among alarms of one priority the graver kind leads, however new the others are", () => {
  assert.deepEqual(ids(
    alarm({ id: "brady", kind: "extreme_bradycardia", raised_at: 9 }),
    alarm({ id: "vt", kind: "vt", raised_at: 8 }),
    alarm({ id: "sustained", kind: "vt_sustained", raised_at: 7 }),
    alarm({ id: "vf", kind: "vf", raised_at: 6 }),
    alarm({ id: "asystole", kind: "asystole", raised_at: 5 }),
    alarm({ id: "unheard of", kind: "made_up", raised_at: 99 }),
  ), ["asystole", "vf", "sustained", "vt", "brady", "unheard of"]);
});

test("after an arrest fibrillation that is over leads the extreme rate, but no arrest that goes on", () => {
  const over = alarm({ id: "vf", kind: "vf", ...OVER });
  assert.deepEqual(ids(alarm({ id: "brady", kind: "extreme_bradycardia", raised_at: 9 }), over), ["vf", "brady"]);
  assert.deepEqual(ids(over, alarm({ id: "vt", kind: "vt" })), ["vt", "vf"]);
  assert.deepEqual(ids(alarm({ id: "asystole", kind: "asystole", ...OVER }), alarm({ id: "vf", kind: "vf" })),
    ["vf", "asystole"]);
});

test("a bed calls while an alarm as urgent as the first is present and nobody has acknowledged it", () => {
  const over = alarm({ kind: "vf", ...OVER });
  assert.equal(presenceOf([]), null);
  assert.equal(presenceOf([over]), "Latch");
  assert.equal(presenceOf([over, alarm({ kind: "extreme_bradycardia" })]), "On");
  assert.equal(presenceOf([over, alarm({ kind: "couplet", priority: "low" })]), "Latch");
  assert.equal(presenceOf([alarm({ presence: "Ack" })]), "Ack");
});

test("a heart that nobody watches looks more urgent than a low alarm, and stands before it", () => {
  for (const kind of ["leadoff", "no_data", "noise", "amplitude"]) {
    assert.equal(lookOf({ kind, lead: null, priority: "technical" }), "unwatched");
  }
  assert.equal(lookOf({ kind: "amplitude", lead: "V1", priority: "technical" }), "technical");
  assert.equal(lookOf({ kind: "leads_disagree", lead: null, priority: "technical" }), "technical");
  assert.equal(lookOf({ kind: "vf", lead: null, priority: "high" }), "high");
  assert.deepEqual(ids(alarm({ id: "low", kind: "multiform_pvc", priority: "low" }), alarm({ id: "none", ...NO_DATA }),
    alarm({ id: "medium", kind: "pause", priority: "medium" })), ["medium", "none", "low"]);
});

test("alarms beside the one that is shown are counted, with the look of the worst of them", () => {
  assert.deepEqual(otherAlarms([alarm({})]), { text: "", look: null });
  assert.deepEqual(otherAlarms([alarm({}), alarm({ priority: "low" }), alarm({ priority: "medium" })]),
    { text: "+2", look: "medium" });
  assert.deepEqual(otherAlarms([alarm({}), alarm({ priority: "low" }), alarm(NO_DATA)]),
    { text: "+2", look: "unwatched" });
});

test("numbers mean nothing in an arrest, without a signal and in noise; else they do", () => {
  for (const kind of ["vf", "asystole", "leadoff", "noise", "no_data"]) {
    assert.equal(withheldBy([alarm({ kind })]), true, kind);
    assert.equal(withheldBy([alarm({ kind, present: false, presence: "Latch" })]), false, kind);
  }
  assert.equal(withheldBy([alarm({ kind: "vt" }), alarm({ kind: "af" })]), false);
  assert.equal(withheldBy([alarm({ kind: "amplitude", lead: "V1" })]), false, "other leads are good");
});

test("a heart rate is judged by its own limits, as it is read", () => {
  /** @type {[number, number]} */
  const limits = [50, 120];
  assert.deepEqual([49.4, 49.5, 50, 120.4, 120.6].map((rate) => rateLook(rate, limits, [])),
    ["medium", null, null, null, "medium"]);
  assert.equal(rateLook(4, limits, [alarm({ kind: "extreme_bradycardia" })]), "high");
  assert.equal(rateLook(4, limits, [alarm({ kind: "extreme_bradycardia", present: false })]), "medium");
  assert.equal(rateLook(80, limits, [alarm({ kind: "vt" })]), null, "another alarm is not of this number");
  assert.deepEqual([rateLook(4, [null, 120], []), rateLook(null, limits, []), rateLook(4, undefined)],
    [null, null, null]);
});

test("beds go by their most urgent alarm, whatever order they are in", () => {
  const bed = (/** @type {string} */ device, /** @type {Alarm[]} */ ...alarms) => (
    { device, label: device, alarms, pause: null });
  const order = bedsByUrgency([bed("quiet"), bed("acked", alarm({ kind: "vf", presence: "Ack" })),
    bed("low", alarm({ kind: "couplet", priority: "low" })), bed("vt", alarm({ kind: "vt", raised_at: 9 })),
    bed("vf", alarm({ kind: "couplet", priority: "low" }), alarm({ kind: "vf" }))]);
  assert.deepEqual(order.map(({ device }) => device), ["vf", "vt", "low"]);
});
