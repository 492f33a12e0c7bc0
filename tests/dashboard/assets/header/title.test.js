import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { titled } = await import("../../../../dashboard/assets/header/title.js");

/** @returns {WardBed} */
function bed(/** @type {string} */ label, /** @type {Alarm[]} */ ...alarms) {
  return { device: label, label, alarms, pause: null };
}

test("the title shows the most urgent alarm that nobody has acknowledged", () => {
  const beds = [bed("Bed 1", alarm({ priority: "low", kind: "af" })),
    bed("Bed 2", alarm({ priority: "high", kind: "asystole" }), alarm({ priority: "low", kind: "af" }))];
  assert.match(titled(beds, "Beds"), /^!!! .+, Bed 2 – Beds$/);
  beds[1].alarms[0].presence = "Ack";
  assert.match(titled(beds, "Beds"), /^! .+, Bed [12] – Beds$/);
  assert.equal(titled([bed("Bed 1", alarm({ presence: "Off" }))], "Beds"), "Beds");
});
