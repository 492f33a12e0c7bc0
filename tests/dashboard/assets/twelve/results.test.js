import assert from "node:assert/strict";
import { test } from "node:test";

const { foremost, poor, ranked, stBars, weights } = await import("../../../../dashboard/assets/twelve/results.js");

/**
 * @param {string} label
 * @param {number} probability
 * @param {boolean} decided
 * @returns {LabelResult}
 */
function result(label, probability, decided) {
  return { label, probability, decided, threshold: 0.5, low: 0, high: 1, leads: [], parts: [],
    test: { auc: 0.9, f1: 0.5, positives: 1, windows: 2 } };
}

test("what was decided for stands on top, however likely the rest", () => {
  const order = ranked([result("MI", 0.4, false), result("IAVB", 0.15, true), result("AF", 0.8, true), result("NORM", 0.6, false)]);
  assert.deepEqual(order.map(({ label }) => label), ["AF", "IAVB", "NORM", "MI"]);
});

test("a finding is shown before what is normal", () => {
  assert.equal(foremost([result("NORM", 0.9, true), result("AF", 0.4, true), result("MI", 0.45, false)]), "AF");
  assert.equal(foremost([result("NORM", 0.9, true), result("MI", 0.4, false)]), "NORM");
  assert.equal(foremost([result("NORM", 0.2, false), result("MI", 0.3, false)]), "MI");
});

test("ST stands in the order of Cabrera, aVR turned round, held against the limits of each lead", () => {
  /** @type {Findings["st_limits_mv"]} */
  const limits = Object.fromEntries(["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V4", "V5", "V6"]
    .map((lead) => [lead, [-0.05, 0.1, 0.1]]));
  limits.V2 = limits.V3 = [-0.05, 0.15, 0.25];
  const bars = stBars({ st_mv: { I: 0.02, aVR: -0.12, V2: 0.14, V3: 0.15, V4: 0.1, III: -0.05 }, st_limits_mv: limits });
  assert.deepEqual(bars.map(({ name }) => name),
    ["aVL", "I", "−aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6"]);
  assert.deepEqual(bars.filter(({ beyond }) => beyond).map(({ name }) => name), ["−aVR", "III", "V3", "V4"]);
  assert.deepEqual(bars.map(({ level }) => level).slice(0, 4), [null, 0.02, 0.12, null]);
});

test("weights are relative to the largest, but trifles stay faint", () => {
  assert.deepEqual(weights([1, -2, 0]), [0.5, -1, 0]);
  assert.deepEqual(weights([0.05, -0.05]), [0.1, -0.1]);
});

test("a label at which the network is hardly better than chance is told", () => {
  assert.deepEqual([0.63, 0.9].map((auc) => poor({ auc, f1: null, positives: 1, windows: 2 })), [true, false]);
});
