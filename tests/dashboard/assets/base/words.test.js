import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const {
  alarmName, alarmText, alarmTitle, connectionName, countdown, duration,
  limitsText, numberOr, qualityName, rate, rateText, replayText, signalText, unacknowledged,
} = await import("../../../../dashboard/assets/base/words.js");

test("limits beside a heart rate leave the place of one that is off open", () => {
  assert.deepEqual([limitsText([50, 120]), limitsText([null, 120]), limitsText([50, null]),
    limitsText([null, null]), limitsText()], ["50\u2013120", "\u2013120", "50\u2013", "", ""]);
});

test("an alarm is named, with the leads that it is about", () => {
  assert.equal(alarmName("vf"), "Ventricular fibrillation");
  assert.equal(alarmName("made_up"), "Made up");
  assert.equal(alarmTitle({ kind: "electrode_off", lead: "V1" }), "V1 off");
  assert.equal(alarmTitle({ kind: "electrode_off", lead: null }), "Electrode off");
  assert.equal(alarmTitle({ kind: "vf", lead: "V1" }), "Ventricular fibrillation");
});

test("an alarm bears the mark of its priority or of its acknowledgement, and how often it came", () => {
  assert.equal(alarmText(alarm({ kind: "vf" })), "!!! Ventricular fibrillation");
  assert.equal(alarmText(alarm({ kind: "vf", presence: "Ack" })), "\u2713 Ventricular fibrillation");
  assert.equal(alarmText(alarm({ kind: "pause", priority: "medium", times: 3 })), "!! Pause \u00d73");
  assert.equal(alarmText(alarm({ kind: "no_data", priority: "technical" }), "N"), "N");
});

test("who acknowledged an alarm that nobody did", () => {
  const of = (/** @type {boolean} */ joined, /** @type {boolean} */ left) => (
    unacknowledged({ joined, left }));
  assert.deepEqual([of(false, false), of(true, false), of(true, true)],
    ["\u2013", "goes on in the next", "ended with the stay"]);
});

test("times that are left and times that have passed", () => {
  assert.deepEqual([119.2, 60, 5, -3].map(countdown), ["2:00", "1:00", "0:05", "0:00"]);
  assert.deepEqual([0, 59.6, 3599, 3660, 7322].map(duration),
    ["0 s", "1 min", "59 min", "1 h 1 min", "2 h 2 min"]);
});

test("what is not known is a dash", () => {
  assert.deepEqual([rate(null), rate(71.6), qualityName(null), qualityName("leadoff")],
    ["--", "72", "\u2013", "lead off"]);
  assert.deepEqual([connectionName("no-data"), connectionName(undefined)], ["no data", "unknown"]);
});

test("a replay at another pace is named as that", () => {
  const bed = (/** @type {number | null} */ pace) => /** @type {any} */ (
    { playout: pace === null ? null : { pace } });
  assert.deepEqual([replayText(bed(null)), replayText(bed(1)), replayText(bed(2.5))],
    [null, null, "replay \u00d72.5"]);
});

test("a number that means nothing is withheld, one that is not known yet is a dash", () => {
  const bed = (/** @type {object} */ fields) => /** @type {any} */ (
    { alarms: [], heartRate: () => null, quality: () => "good", withheld: () => false, ...fields });
  const withheld = bed({ withheld: () => true });
  assert.deepEqual([rateText(bed({}), 0), rateText(withheld, 0), rateText(bed({ heartRate: () => 71.6 }), 0)],
    ["--", "-?-", "72"]);
  assert.deepEqual([numberOr(bed({}), 0, null), numberOr(withheld, 0, null), numberOr(bed({}), 0, "3")],
    ["\u2013", "-?-", "3"]);
  assert.deepEqual([signalText(bed({}), 0), signalText(withheld, 0),
    signalText(bed({ withheld: () => true, quality: () => "leadoff" }), 0)], ["good", "-?-", "lead off"]);
  const noisy = [alarm({ kind: "noise", priority: "technical" })];
  assert.equal(signalText(bed({ withheld: () => true, alarms: noisy }), 0), "Noise");
});
