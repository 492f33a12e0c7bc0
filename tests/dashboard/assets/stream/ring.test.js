import assert from "node:assert/strict";
import { test } from "node:test";

import { SampleRing } from "../../../../dashboard/assets/stream/ring.js";

/**
 * @param {SampleRing} ring
 * @param {number} n0
 * @param {number[]} adc
 */
function write(ring, n0, ...adc) {
  return ring.write(n0, Int16Array.from(adc), 2, 100, false);
}

test("samples have their places by index, and gaps stay open", () => {
  const ring = new SampleRing(10, 2);
  const fresh = [write(ring, 0, 102, 104), write(ring, 4, 106, 108), write(ring, 4, 0, 0),
    write(ring, 2, 110), write(ring, -30, 1)];
  assert.deepEqual(fresh, [true, true, false, true, false]);
  assert.deepEqual(Array.from({ length: 8 }, (_, n) => ring.at(n)), [1, 2, 5, NaN, 3, 4, NaN, NaN]);
});

test("before the first sample there is none, not even one without a value to draw a line to", () => {
  const ring = new SampleRing(10, 2);
  write(ring, 0, 102, 104);
  assert.deepEqual([-30, -5, -1].map((n) => ring.at(n)), [NaN, NaN, NaN]);
});

test("what is older than the ring is long falls out, and a lead that is off has no value", () => {
  const ring = new SampleRing(10, 2);
  write(ring, 0, 102, 104, 106, 108, 110, 112);
  write(ring, 30, 120);
  ring.write(31, Int16Array.from([1]), 2, 100, true);
  assert.deepEqual([5, 11, 12, 30, 31].map((n) => ring.at(n)), [NaN, NaN, NaN, 10, NaN]);
});

test("an empty ring has no value", () => {
  assert.equal(new SampleRing(10, 2).at(0), NaN);
});

test("the range of a stretch passes over gaps", () => {
  const ring = new SampleRing(10, 2);
  write(ring, 0, 102, 106);
  write(ring, 4, 110);
  assert.deepEqual(ring.range(0, 5), { low: 1, high: 5, mean: 3 });
  assert.equal(ring.range(2, 4), null);
});

test("pulses are kept once, the newest of them", () => {
  const ring = new SampleRing(10, 2);
  ring.addPulses([1, 2]);
  ring.addPulses([2, 3]);
  assert.deepEqual(ring.pulses, [1, 2, 3]);
  ring.addPulses(Array.from({ length: 600 }, (_, i) => 10 + i));
  assert.equal(ring.pulses.at(-1), 609);
  assert.ok(ring.pulses.length <= 512);
});
