import assert from "node:assert/strict";
import { test } from "node:test";

import { Wheel } from "../../../../dashboard/assets/charts/wheel.js";

/**
 * @param {number} deltaY
 * @param {object} more
 */
const notch = (deltaY, more = {}) => /** @type {WheelEvent} */ (/** @type {unknown} */ (
  { deltaX: 0, deltaY, ctrlKey: false, preventDefault() {}, ...more }));

test("notches add up while a strip is on its way", async () => {
  /** @type {number[]} */
  const gone = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  const wheel = new Wheel((seconds) => {
    gone.push(seconds);
    return new Promise((done) => waiting.push(done));
  });
  for (const deltaY of [120, 120, 53, -120]) wheel.turn(notch(deltaY));
  assert.deepEqual(gone, [1]);
  waiting.shift()?.();
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(gone, [1, 1], "two on, one back");
  waiting.shift()?.();
  await new Promise((done) => setImmediate(done));
  wheel.turn(notch(0, { deltaX: -30 }));
  assert.deepEqual(gone, [1, 1, -1]);
});

test("the browser's own zoom is left to it", () => {
  const wheel = new Wheel(() => assert.fail("nothing moves"));
  wheel.turn(notch(120, { ctrlKey: true }));
});
