import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { choicesOf, restOf, searchFor, unitOf } = await import("../../../../dashboard/assets/units/selection.js");
const { restText } = await import("../../../../dashboard/assets/units/choice.js");
const { Hub } = await import("../../../../dashboard/assets/stream/hub.js");

const ICU = "0000000a";
const WARD = "0000000b";

/**
 * @param {string} device
 * @param {string} unit
 * @param {Partial<Alarm>[]} alarms
 * @returns {WardBed}
 */
function bed(device, unit, alarms = []) {
  return { device, label: device, unit, alarms: alarms.map(alarm), pause: null };
}

test("the unit is in the address; what can be no unit is one that is not there", () => {
  for (const [search, unit] of [
    ["", null], ["?unit=", null], ["?leads=2", null], [`?unit=${ICU}&leads=2`, ICU], ["?unit=-", "-"],
    ["?unit=ICU", "00000000"], ["?unit=<script>", "00000000"], [`?unit=${ICU}0`, "00000000"],
    ["?unit=0000000A", "00000000"],
  ]) assert.equal(unitOf(/** @type {string} */ (search)), unit, String(search));
});

test("another unit leaves the rest of the address alone", () => {
  assert.equal(searchFor(`?unit=${ICU}&leads=2`, WARD), `?leads=2&unit=${WARD}`);
  assert.equal(searchFor(`?unit=${ICU}&leads=2`, null), "?leads=2");
  assert.equal(searchFor(`?unit=${ICU}`, null), "");
});

test("units are offered with the number of their beds, and beds of none if there are some", () => {
  const units = [{ id: ICU, name: "ICU" }, { id: WARD, name: "Ward" }];
  const beds = [bed("a", ICU), bed("b", ICU), bed("c", "")];
  assert.deepEqual(choicesOf(units, beds).map(({ id, count }) => [id, count]), [[ICU, 2], [WARD, 0], ["-", 1]]);
  assert.deepEqual(choicesOf(units, beds.slice(0, 2)).map(({ id }) => id), [ICU, WARD]);
  assert.deepEqual(choicesOf([], beds), []); // as before there were units
});

test("what is not on this screen is counted, with its alarms and how urgent they look", () => {
  const beds = [
    bed("a", ICU, [{ priority: "high" }]),
    bed("b", WARD, [{ priority: "low" }, { priority: "medium" }]),
    bed("c", WARD, [{ priority: "high", presence: "Ack" }]),
    bed("d", "", [{ priority: "technical" }]),
  ];
  const rest = restOf(beds, ({ unit }) => unit === ICU);
  assert.equal(rest.count, 3);
  assert.deepEqual(rest.alarming.map(({ device }) => device), ["b", "d"]);
  assert.equal(rest.look, "medium");
  assert.deepEqual(restOf(beds, () => true), { count: 0, alarming: [], look: null });
  assert.equal(restText(3, 2), "3 beds not on this screen, 2 with alarms");
  assert.equal(restText(1, 0), "1 bed not on this screen");
});

test("a page shows the beds that it asks for", () => {
  const shows = (/** @type {Partial<Subscription>} */ subscription, /** @type {string} */ unit) => (
    Hub.prototype.shows.call({ subscription: { beds: "all", ...subscription } }, { device: "a", unit }));
  assert.deepEqual([ICU, WARD, ""].map((unit) => shows({}, unit)), [true, true, true]);
  assert.deepEqual([ICU, WARD, ""].map((unit) => shows({ unit: ICU }, unit)), [true, false, false]);
  assert.deepEqual([ICU, WARD, ""].map((unit) => shows({ unit: "-" }, unit)), [false, false, true]);
  assert.equal(shows({ beds: ["b"] }, ICU), false);
});
