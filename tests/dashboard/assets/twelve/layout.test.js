import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { FOOT_MM, MARGIN_MM, layOut, middleOf } = await import("../../../../dashboard/assets/twelve/layout.js");
const { pointsOf } = await import("../../../../dashboard/assets/charts/paper.js");

const STANDARD = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
const FS = 500;

/**
 * Ten seconds in which each lead has one beat of a size in the middle of each second, in steps of 1 µV.
 * @param {(name: string, i: number) => number} size mV
 * @returns {TwelveWindow}
 */
function window(size) {
  const from = 70 * FS;
  const leads = STANDARD.map((name, i) => ({
    name, state: /** @type {LeadState} */ ("given"), gain: 1000, baseline: 0,
    segments: [{ n: from, adc: Array.from({ length: 10 * FS },
      (_, k) => (k % FS === FS / 2 ? Math.round(1000 * size(name, i)) : 0)) }],
  }));
  return { boot: "b", fs: FS, from_n: from, to_n: from + 10 * FS, leads, gaps: [], beats: [],
    start: 0, oldest: 0, next_s: 1, off: [], others: [] };
}

/** @type {SheetWish} */
const WISH = { layout: "3x4", gain: 10, rhythm: "II", chosen: STANDARD };

test("ten seconds are 250 mm, a column of four is a quarter of them", () => {
  const { rows, width } = layOut(window(() => 1), WISH);
  assert.equal(width, MARGIN_MM + 250 + 2);
  assert.deepEqual(rows.map(({ cells }) => cells.map(({ lead }) => lead.name)), [
    ["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"], ["II"]]);
  for (const row of rows.slice(0, 3)) {
    assert.deepEqual(row.cells.map((cell) => [cell.x - MARGIN_MM, cell.width]),
      [[0, 62.5], [62.5, 62.5], [125, 62.5], [187.5, 62.5]]);
    assert.deepEqual(row.cells.map((cell) => (cell.to - cell.from) / FS), [2.5, 2.5, 2.5, 2.5]);
  }
  assert.deepEqual([rows[3].cells[0].width, rows[3].cells[0].to - rows[3].cells[0].from], [250, 5000]);
});

test("1 mV is as many millimetres as the gain says, and no trace leaves its row", () => {
  for (const gain of [5, 10, 20]) {
    const made = window((_, i) => (i % 2 ? -1 : 1));
    const sheet = layOut(made, { ...WISH, gain });
    for (const row of sheet.rows) {
      assert.equal(row.cut, false);
      for (const { lead, from, to } of row.cells) {
        const zero = sheet.middle.get(lead.name) ?? NaN;
        const points = pointsOf(lead, (n) => n, (mv) => row.zero - (mv - zero) * gain, [from, to]);
        const heights = points.flatMap((one) => (one === null ? [] : [one[1]]));
        assert.equal(heights.length, to - from);
        const reach = Math.max(...heights.map((y) => Math.abs(y - row.zero)));
        assert.ok(Math.abs(reach - gain) < 1e-9, `${lead.name} ${reach}`);
        assert.ok(Math.min(...heights) >= row.top && Math.max(...heights) <= row.top + row.height);
      }
    }
    assert.equal(sheet.height, sheet.rows.reduce((sum, row) => sum + row.height, FOOT_MM));
    assert.ok(sheet.rows.at(-1)?.marked);
  }
});

test("the automatic gain is 10 mm/mV, less for large waves and more for small ones", () => {
  const gainOf = (/** @type {number} */ size) => layOut(window(() => size), { ...WISH, gain: null }).gain;
  assert.deepEqual([0.2, 1, 2, 5].map(gainOf), [20, 10, 10, 5]);
  assert.equal(layOut(window(() => 1), { ...WISH, gain: null }).automatic, true);
  assert.equal(layOut(window(() => 1), WISH).automatic, false);
});

test("a trace larger than a row can be is told", () => {
  assert.equal(layOut(window(() => 9), WISH).rows[0].cut, true);
});

test("other layouts: two columns of five seconds, one below the other, on top of one another", () => {
  const two = layOut(window(() => 1), { ...WISH, layout: "6x2" });
  assert.deepEqual(two.rows.map(({ cells }) => cells.map(({ lead }) => lead.name).join()),
    ["I,V1", "II,V2", "III,V3", "aVR,V4", "aVL,V5", "aVF,V6"]);
  assert.ok(two.rows.every(({ cells }) => cells.every((cell) => cell.width === 125)));
  const chosen = ["II", "V1"];
  const one = layOut(window(() => 1), { ...WISH, layout: "12x1", chosen });
  assert.deepEqual(one.rows.map(({ cells }) => cells.map(({ lead }) => lead.name).join()), chosen);
  const over = layOut(window(() => 1), { ...WISH, layout: "overlay", chosen });
  assert.deepEqual(over.rows.map(({ cells }) => cells.map(({ x, width }) => [x, width])),
    [[[MARGIN_MM, 250], [MARGIN_MM, 250]]]);
});

test("a lead stands on the voltage that it has most of the time; one without signal on nought", () => {
  const made = window(() => 1);
  made.leads[0].segments[0].adc = made.leads[0].segments[0].adc.map((one) => one + 1500);
  assert.equal(middleOf(made.leads[0]), 1.5);
  made.leads[1].segments = [];
  assert.equal(middleOf(made.leads[1]), 0);
  assert.equal(layOut(made, WISH).rows[0].cut, false);
});
