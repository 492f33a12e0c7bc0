import "../page.js";
import { alarm, bedInfo } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { Station } = await import("../../../../dashboard/assets/stream/station.js");
const { Ward } = await import("../../../../dashboard/assets/stream/ward.js");

/** A hub whose messages the test sends. */
function hub() {
  const target = /** @type {any} */ (
    Object.assign(new EventTarget(), { shows: () => true, now: () => null }));
  const emit = (/** @type {string} */ type, /** @type {object} */ detail = {}) => (
    target.dispatchEvent(new CustomEvent(type, { detail })));
  return { target, emit };
}

test("beds outlive connections that end at once", () => {
  const { target, emit } = hub();
  const station = new Station(target);
  const ward = new Ward(target);
  const alarms = () => ward.all().map((bed) => bed.alarms.length);
  emit("open");
  emit("bed", bedInfo({}));
  emit("alarms", { bed: 0, alarms: [alarm({})], pause: null });
  const first = station.beds.get(0);
  emit("open"); // and it is gone again before it has told of any bed
  emit("open");
  assert.deepEqual(alarms(), [1]);
  emit("bed", bedInfo({ bed: 5 }));
  assert.equal(station.beds.get(5), first);
  assert.equal(station.beds.size, 1);
  assert.deepEqual(alarms(), [1]);
});

test("a bed that is given to another unit leaves a page of its former one, and is heard on", () => {
  const { target, emit } = hub();
  target.shows = (/** @type {{unit?: string}} */ { unit }) => unit === "0000000a";
  const station = new Station(target);
  const ward = new Ward(target);
  emit("open");
  emit("bed", bedInfo({ unit: "0000000a" }));
  assert.equal(station.beds.size, 1);
  /** @type {string[]} */
  const gone = [];
  station.addEventListener("gone", ({ detail }) => gone.push(detail.info.device));
  emit("bed", bedInfo({ unit: "0000000b" }));
  assert.equal(station.beds.size, 0);
  assert.deepEqual(gone, ["a"]);
  emit("alarms", { bed: 0, alarms: [alarm({})], pause: null });
  assert.deepEqual(ward.all().map(({ unit, alarms }) => [unit, alarms.length]), [["0000000b", 1]]);
});

test("a bed that the page does not show is known for its alarms alone", () => {
  const { target, emit } = hub();
  target.shows = () => false;
  const station = new Station(target);
  const ward = new Ward(target);
  emit("open");
  emit("bed", bedInfo({}));
  assert.deepEqual([station.beds.size, ward.all().length], [0, 1]);
});
