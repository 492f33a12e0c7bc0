import assert from "node:assert/strict";
import { test } from "node:test";

import { HubClock } from "../../../../dashboard/assets/stream/clock.js";

const AHEAD = 1000; // of the hub's clock, s

/**
 * A question every second for a while, with a way there and a way back of so many seconds.
 * @param {HubClock} clock
 * @param {{from: number, seconds: number, up: number, down: number, ahead?: number}} way
 */
function talk(clock, { from, seconds, up, down, ahead = AHEAD }) {
  for (let asked = from; asked < from + seconds; asked++) {
    const date = asked + up + ahead;
    clock.heard(date, asked + up + down);
    clock.answered(asked, date, asked + up + down);
  }
}

test("half of a delay of one direction does not go into the clock", () => {
  for (const down of [0.01, 10, 25]) {
    const clock = new HubClock();
    talk(clock, { from: 0, seconds: 20, up: 0.01, down });
    assert.ok(Math.abs((clock.now(50) ?? 0) - 50 - AHEAD) < 0.11, `${down} s: ${clock.now(50)}`);
  }
});

test("a socket that falls behind is told by the date of what it brings", () => {
  const clock = new HubClock();
  assert.equal(clock.lateness(1), null);
  talk(clock, { from: 0, seconds: 5, up: 0.01, down: 0.01 });
  assert.ok((clock.lateness(4.02) ?? 9) < 0.05);
  // Each message comes a bit later than the one before.
  for (let i = 1; i <= 10; i++) clock.heard(AHEAD + 5 + i, 5 + 2 * i);
  for (const at of [25, 30]) {
    assert.ok(Math.abs((clock.lateness(at) ?? 0) - (at - 15)) < 0.1, `${clock.lateness(at)}`);
  }
});

test("bounds of long ago are loosened, but not by much", () => {
  const clock = new HubClock();
  talk(clock, { from: 0, seconds: 5, up: 0.01, down: 0.01 });
  talk(clock, { from: 5, seconds: 600, up: 0.01, down: 8 });
  assert.ok(Math.abs((clock.now(700) ?? 0) - 700 - AHEAD) < 0.15);
});

test("bounds that contradict each other by the grain of a timer leave a clock", () => {
  const clock = new HubClock();
  clock.answered(1, AHEAD + 1, 1);
  clock.heard(AHEAD + 2.0001, 2);
  assert.ok(Math.abs((clock.now(2) ?? 0) - AHEAD - 2) < 0.01);
  clock.answered(3, AHEAD + 2.999, 3);
  assert.ok(Math.abs((clock.now(3) ?? 0) - AHEAD - 3) < 0.01);
});

test("a clock that is set is followed at once", () => {
  for (const ahead of [AHEAD + 3600, AHEAD - 3600]) {
    const clock = new HubClock();
    talk(clock, { from: 0, seconds: 5, up: 0.01, down: 0.01 });
    talk(clock, { from: 5, seconds: 2, up: 0.01, down: 0.01, ahead });
    assert.ok(Math.abs((clock.now(10) ?? 0) - 10 - ahead) < 0.05);
  }
});
