import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { scaleText, scaleWords } = await import("../../../../dashboard/assets/trace/scaletext.js");

test("the gain that is told is the one that is drawn, and every one where traces differ", () => {
  assert.equal(scaleWords([25, 25], [10, 10]), "25 mm/s · 10 mm/mV");
  assert.equal(scaleWords([12.5], [5, 2.5]), "12.5 mm/s · 2.5, 5 mm/mV");
  assert.equal(scaleWords([25, 12.5, 25], [10, 5, 10]), "12.5, 25 mm/s · 5, 10 mm/mV");
});

test("a page without traces tells none", () => {
  const place = (/** @type {string[]} */ ...gains) => /** @type {any} */ (
    { querySelectorAll: () => gains.map((mmPerMv) => ({ dataset: { mmPerMv, mmPerS: "25" } })) });
  assert.equal(scaleText(place()), "");
  assert.equal(scaleText(place("5")), "25 mm/s · 5 mm/mV");
});
