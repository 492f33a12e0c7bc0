// Figures of a shift in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import "../page.js";

const { pvcText } = await import("../../../../dashboard/assets/shift/figures.js");

/**
 * @param {number | null} rate
 * @param {number} good seconds
 * @returns {any}
 */
function heart(rate, good) {
  return { pvc_per_hour: rate, quality: { good, poor: 60, leadoff: 900, flat: 0 }, beats: { V: 5 } };
}

test("less than an hour of signal is not told as a rate", () => {
  const plain = (/** @type {string} */ text) => text.replace(/[\u2066-\u2069\u00a0\u202f]/g, (one) => (one < "\u2000" ? " " : ""));
  assert.equal(pvcText(heart(null, 0)), "–");
  assert.equal(plain(pvcText(heart(25.0, 660))), "5 in 12 min");
  assert.equal(pvcText(heart(4.9, 3600)), "4.9");
});
