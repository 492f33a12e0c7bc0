import assert from "node:assert/strict";
import { test } from "node:test";

import { SampleRing } from "../../../../dashboard/assets/stream/ring.js";
import { Fit } from "../../../../dashboard/assets/trace/fit.js";

const FS = 250;

/** A bed with one lead on a trace of 20 mm, whose heart beats once a second. */
function bed() {
  const ring = new SampleRing(FS, 100);
  const rings = new Map([[0, ring]]);
  const fit = new Fit();
  fit.give(0, 20);
  let now = 0;
  return {
    fit,
    rings,
    /**
     * @param {number} seconds
     * @param {number} millivolt
     * @param {boolean} beating
     */
    beats(seconds, millivolt, beating = true) {
      for (let i = 0; i < seconds; i++, now++) {
        const samples = new Int16Array(FS);
        samples[100] = 1000 * millivolt;
        ring.write(now * FS, samples, 1000, 0, false);
        fit.update(rings, now, beating);
      }
      return fit.factor;
    },
  };
}

test("the gain is the greatest that fits, each lead with room to spare", () => {
  for (const [millivolt, factor] of [[0.3, 4], [0.7, 2], [1, 1], [1.9, 1], [3, 0.5], [7, 0.25]]) {
    assert.equal(bed().beats(30, millivolt), factor, `${millivolt} mV`);
  }
});

test("a trace that no longer fits becomes smaller at once, and larger after a minute that fits", () => {
  const one = bed();
  assert.equal(one.beats(20, 1), 1);
  assert.equal(one.beats(1, 3), 0.5);
  assert.equal(one.beats(50, 1), 0.5);
  assert.equal(one.beats(15, 1), 1);
});

test("a heart that stands still is not drawn larger", () => {
  const one = bed();
  assert.equal(one.beats(20, 1), 1);
  assert.equal(one.beats(100, 0.02, false), 1);
});

test("an artefact does not make a trace small, another lead and another height do", () => {
  const one = bed();
  one.beats(20, 1);
  assert.equal(one.beats(1, 9), 1);
  const ring = new SampleRing(FS, 100);
  ring.write(0, Int16Array.from({ length: 10 * FS }, (_, n) => (n % FS === 100 ? 4000 : 0)), 1000, 0, false);
  one.rings.set(1, ring);
  one.fit.give(1, 20);
  assert.equal(one.beats(1, 1), 0.25);
  one.fit.forget(1);
  assert.equal(one.beats(1, 1), 1);
  one.fit.give(0, 10);
  assert.equal(one.beats(1, 1), 0.5);
});
