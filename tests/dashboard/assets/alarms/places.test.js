import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { arrangeAlarms, hasMoved, isWithin, pinnedCount } = await import(
  "../../../../dashboard/assets/alarms/places.js");
const { byUrgency } = await import("../../../../dashboard/assets/base/urgency.js");

const low = (/** @type {string} */ id) => alarm({ id, kind: "couplet", priority: "low" });
const high = (/** @type {string} */ id, kind = "vt") => alarm({ id, kind });
const none = /** @type {(string | null)[]} */ ([]);

/**
 * @param {(string | null)[]} former
 * @param {Alarm[]} active
 * @returns {(string | null)[]}
 */
function arranged(former, ...active) {
  return arrangeAlarms(former, active.sort(byUrgency), 4).map((one) => one?.id ?? null);
}

test("every alarm of high priority stands above all others, the gravest first", () => {
  assert.deepEqual(arranged(["a", "b", "c", "d"], low("a"), low("b"), low("c"), low("d"), high("vt"),
    high("vf", "vf")), ["vf", "vt", "c", "d", "a", "b"]);
  const many = ["1", "2", "3", "4", "5", "6"].map((id) => high(id));
  assert.deepEqual(new Set(arranged(none, ...many, low("a")).slice(0, 6)), new Set(["1", "2", "3", "4", "5", "6"]));
  assert.equal(pinnedCount([...many, low("a")]), 6);
});

test("of any order of arrival the high ones come first, and none is lost", () => {
  const kinds = [high("h1"), high("h2", "vf"), low("l1"), low("l2"), low("l3"), low("l4"), low("l5")];
  for (let i = 0; i < kinds.length; i++) {
    const turned = [...kinds.slice(i), ...kinds.slice(0, i)];
    /** @type {(string | null)[]} */
    let places = [];
    /** @type {Alarm[]} */
    const active = [];
    for (const one of turned) {
      active.push(one);
      places = arranged(places, ...active);
      const lasting = places.filter((id) => id !== null);
      const highs = active.filter(({ priority }) => priority === "high").length;
      assert.equal(lasting.length, active.length);
      assert.ok(places.slice(0, highs).every((id) => id?.startsWith("h")), places.join());
    }
  }
});

test("the others keep their place while it is there; what stood below the fold moves up", () => {
  assert.deepEqual(arranged(["a", "b", null, null], low("b")), [null, "b", null, null]);
  assert.deepEqual(arranged(["a", "b", null, null], low("b"), low("c")), ["c", "b", null, null]);
  assert.deepEqual(arranged([null, null, null, null, "e"], low("e")), ["e", null, null, null]);
  assert.deepEqual(arranged(none), [null, null, null, null]);
});

test("a press is held back after an alarm that is shown has moved, not after one has come or gone", () => {
  const moved = (/** @type {(string | null)[]} */ former, /** @type {Alarm[]} */ ...active) => hasMoved(
    former, arrangeAlarms(former, active.sort(byUrgency), 4));
  assert.equal(moved(["a", null, null, null], low("a"), high("h")), true);
  assert.equal(moved(["a", null, null, null], low("a"), low("b")), false);
  assert.equal(moved(["a", "b", null, null], low("b")), false);
  assert.equal(moved([null, null, null, null], high("h")), false);
  assert.equal(moved(["h", null, null, null], high("k", "vf")), true, "another one stands there now");
});

test("what has to be scrolled to is not in view", () => {
  const frame = { top: 100, bottom: 300 };
  assert.equal(isWithin({ top: 100, bottom: 154 }, [frame]), true);
  assert.equal(isWithin({ top: 260, bottom: 314 }, [frame]), false);
  assert.equal(isWithin({ top: 120, bottom: 170 }, [frame, { top: 0, bottom: 160 }]), false);
});
