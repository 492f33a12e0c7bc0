// What beds are called.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bedName } from "../../../../dashboard/assets/stream/bednames.js";
import { Ward } from "../../../../dashboard/assets/stream/ward.js";

test("a bed is called as the hub told last, also after it is gone, and else as its device", () => {
  const hub = /** @type {any} */ (new EventTarget());
  const ward = new Ward(hub);
  /** @param {string} label */
  const told = (label) => hub.dispatchEvent(new CustomEvent("bed",
    { detail: { bed: 0, device: "m-17", label, unit: "" } }));
  assert.equal(bedName("m-17"), "m-17");
  told("Bed 4");
  assert.equal(bedName("m-17"), "Bed 4");
  told("Bed 5");
  hub.dispatchEvent(new CustomEvent("gone", { detail: { bed: 0 } }));
  assert.deepEqual([ward.all().length, bedName("m-17"), bedName("")], [0, "Bed 5", ""]);
});
