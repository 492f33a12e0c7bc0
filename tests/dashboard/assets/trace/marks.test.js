import assert from "node:assert/strict";
import { test } from "node:test";

import {
  drawMark, markReach, ribbonSpan, ribbonStrength,
} from "../../../../dashboard/assets/trace/marks.js";

test("a beat's share of the ribbon is half its interval each way, at most a second", () => {
  assert.deepEqual(ribbonSpan({ n: 100, rr: 0.8, anomaly: 0.7 }, 250), { from: 0, to: 200 });
  assert.deepEqual(ribbonSpan({ n: 100, rr: 9, anomaly: 0.7 }, 250), { from: -150, to: 350 });
  assert.equal(ribbonSpan({ n: 100, rr: 0.8, anomaly: null }, 250), null);
  assert.equal(ribbonSpan({ n: 100, rr: null, anomaly: 0.7 }, 250), null);
});

test("a score shows the stronger the higher, and its threshold shows", () => {
  const strengths = [0, 0.49, 0.5, 0.8, 1].map(ribbonStrength);
  assert.deepEqual(strengths, strengths.toSorted((a, b) => a - b));
  assert.ok(strengths[2] - strengths[1] > 0.3);
  assert.ok(strengths.every((one) => one >= 0 && one <= 1));
});

test("a tick is narrow; other marks have room for their letter", () => {
  assert.deepEqual(markReach("N"), [1, 1]);
  const [left, right] = markReach("V");
  assert.ok(left > 1 && right > left);
});

test("a beat that is not decided is drawn as no class is, and its mark can be wiped away", () => {
  /** @type {Record<string, [number, number, number, number][]>} */
  const drawn = {};
  for (const label of /** @type {(BeatLabel | null)[]} */ ([null, "N"])) {
    /** @type {[number, number, number, number][]} */
    const boxes = [];
    const context = /** @type {any} */ ({
      fillRect: (/** @type {[number, number, number, number]} */ ...box) => boxes.push(box),
      fillText: () => assert.fail(),
    });
    drawMark(context, 100, label, /** @type {any} */ ({ N: "grey" }), 1, 100);
    drawn[String(label)] = boxes;
  }
  assert.equal(drawn.N.length, 1);
  assert.equal(drawn.null.length, 3, "three dots");
  const [left, right] = markReach(null);
  for (const [x, , width] of drawn.null) assert.ok(x >= 100 - left && x + width <= 100 + right);
});
