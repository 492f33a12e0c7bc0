import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Ward, choose, isAlive, isNew, pausedUntil, sounding,
} from "../../../../dashboard/assets/stream/ward.js";
import { alarm } from "../alarms.js";

/**
 * @param {string | null} redis
 * @param {number | null} behind
 * @returns {any}
 */
function status(redis, behind) {
  return { redis, behind_s: behind };
}

test("a start is told apart from a loss", () => {
  const hub = /** @type {any} */ (new EventTarget());
  const ward = new Ward(hub);
  hub.dispatchEvent(new Event("open"));
  /** @param {object} detail */
  const told = (detail) => {
    hub.dispatchEvent(new CustomEvent("hub", { detail: { redis: "ok", ...detail } }));
    return [ward.alive, ward.starting, ward.watched];
  };
  assert.deepEqual(told({ behind_s: 0, starting: null, packets: 0 }), [true, null, false]);
  assert.deepEqual(told({ behind_s: null, starting: 0.4, packets: 5 }), [false, 0.4, false]);
  // Nobody says any longer that it begins.
  assert.deepEqual(told({ behind_s: null, starting: null, packets: 9 }), [false, null, false]);
  assert.deepEqual(told({ behind_s: 0.1, starting: null, packets: 20 }), [true, null, true]);
  // From here on it is a loss, whatever starts again.
  assert.deepEqual(told({ behind_s: 40, starting: 0.9, packets: 30 }), [false, 0.9, true]);
});

test("what sounds is the most urgent that nobody has acknowledged, paused or outranked", () => {
  const low = alarm({ id: "a", priority: "low" });
  const beds = [
    { alarms: [low, alarm({ id: "b", priority: "high", audio: "Paused" })] },
    { alarms: [alarm({ id: "c", priority: "medium" }), alarm({ id: "d", audio: "Off" })] },
    { alarms: [alarm({ id: "e", priority: "medium" })] },
  ];
  assert.deepEqual(sounding(beds), { priority: "medium", ids: ["c", "e"] });
  assert.deepEqual(sounding([{ alarms: [] }]), { priority: null, ids: [] });
  assert.equal(sounding([{ alarms: [alarm({ priority: "technical" })] }]).priority, "technical");
});

test("a high alarm goes before the loss of monitoring, which goes before all others", () => {
  const lossPaused = false;
  assert.equal(choose({ priority: "high", lost: true, lossPaused }), "high");
  assert.equal(choose({ priority: "medium", lost: true, lossPaused }), "lost");
  assert.equal(choose({ priority: null, lost: true, lossPaused }), "lost");
  assert.equal(choose({ priority: "low", lost: false, lossPaused }), "low");
  assert.equal(choose({ priority: null, lost: false, lossPaused }), null);
  assert.equal(choose({ priority: "low", lost: true, lossPaused: true }), null);
  assert.equal(choose({ priority: "high", lost: true, lossPaused: true }), "high");
});

test("a pattern begins anew when an alarm has come that is not in it", () => {
  assert.deepEqual([isNew(["a"], ["a", "b"]), isNew(["a", "b"], ["b"])], [true, false]);
});

test("somebody watches while data flow and are analysed", () => {
  assert.deepEqual([status("ok", 1), status("stale", 1), status("ok", null), status("ok", 60)]
    .map(isAlive), [true, false, false, false]);
});

test("a pause covers all beds until the first of them ends", () => {
  const until = (/** @type {number} */ at) => ({ pause: { until: at, by: "" } });
  assert.equal(pausedUntil([]), null);
  assert.equal(pausedUntil([until(5), { pause: null }]), null);
  assert.equal(pausedUntil([until(5), until(3)]), 3);
});

test("a bed that the hub knows no more counts for nothing", () => {
  const hub = /** @type {any} */ (new EventTarget());
  const ward = new Ward(hub);
  for (const [bed, device] of [[0, "bed-1"], [1, "bed-2"]]) {
    hub.dispatchEvent(new CustomEvent("bed", { detail: { bed, device, label: device } }));
  }
  let changes = 0;
  ward.addEventListener("change", () => { changes += 1; });
  hub.dispatchEvent(new CustomEvent("gone", { detail: { bed: 0 } }));
  hub.dispatchEvent(new CustomEvent("gone", { detail: { bed: 7 } }));
  assert.deepEqual(ward.all().map(({ device }) => device), ["bed-2"]);
  assert.equal(changes, 1);
});
