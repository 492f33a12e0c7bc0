import assert from "node:assert/strict";
import { test } from "node:test";

import { Playout } from "../../../../dashboard/assets/stream/playout.js";

const FS = 360;
const PACKET = 90; // samples
const FRAMES_PER_S = 60;

/**
 * Play a stream whose packets come `jitter` s late at most.
 * @param {number} pace
 * @param {number} jitter
 * @param {number} offset s
 */
function play(pace, jitter, offset) {
  const playout = new Playout(FS);
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const packets = Array.from({ length: 400 }, (_, i) => ({
    n1: (i + 1) * PACKET, at: offset + ((i + 1) * PACKET) / FS / pace + random() * jitter }));
  const end = packets[packets.length - 1].at;
  /** @type {number[]} */
  const steps = [];
  /** @type {number[]} */
  const delays = [];
  let starved = 0;
  let newest = 0;
  let last = NaN;
  for (let t = offset; t < end; t += 1 / FRAMES_PER_S) {
    while (packets.length > 0 && packets[0].at <= t) {
      const { n1, at } = /** @type {{n1: number, at: number}} */ (packets.shift());
      playout.note(n1, PACKET, at, at);
      newest = n1;
    }
    const head = playout.advance(t);
    if (head === null || t < offset + 20 / pace) continue;
    if (head > newest) starved += 1;
    if (!Number.isNaN(last)) steps.push(head - last);
    last = head;
    delays.push(t - offset - head / FS / pace);
  }
  delays.sort((a, b) => a - b);
  return { pace: playout.pace, least: Math.min(...steps), most: Math.max(...steps),
    starved: starved / delays.length, p99: delays[Math.floor(delays.length * 0.99)] };
}

for (const jitter of [0, 0.02, 0.1]) {
  test(`playout is even and quick with ${jitter} s of jitter`, () => {
    const { pace, least, most, starved, p99 } = play(1, jitter, 5000);
    const even = FS / FRAMES_PER_S;
    assert.equal(pace, 1);
    assert.ok(least >= even * 0.969 && most <= even * 1.031, `steps of ${least} to ${most}`);
    assert.ok(starved < 0.02, `starved in ${starved}`);
    assert.ok(p99 <= 0.25 + jitter + 0.01, `p99 of ${p99} s`);
  });
}

for (const pace of [0.5, 4, 10]) {
  test(`playout follows a replay at ${pace} times the pace`, () => {
    const found = play(pace, 0.005, 77);
    assert.ok(Math.abs(found.pace / pace - 1) <= 0.03, `pace of ${found.pace}`);
    assert.ok(found.starved < 0.05, `starved in ${found.starved}`);
  });
}

test("a stream that paused goes on from where it was", () => {
  const playout = new Playout(FS);
  let n1 = 0;
  const send = (/** @type {number} */ from, /** @type {number} */ packets) => {
    for (let i = 1; i <= packets; i++) {
      n1 += PACKET;
      const at = from + (i * PACKET) / FS;
      playout.note(n1, PACKET, at, at);
    }
  };
  send(0, 40);
  send(30, 40); // 20 s later
  const head = playout.advance(40) ?? NaN;
  assert.ok(n1 - head < FS, `the playhead is ${n1 - head} samples behind`);
});

test("what came late while the page was being built is soon forgotten", () => {
  const playout = new Playout(FS);
  for (let i = 1; i <= 80; i++) {
    const due = (i * PACKET) / FS;
    const at = due < 2 ? Math.max(due, 1.2) : due; // nothing is taken for 1.2 s
    playout.note(i * PACKET, PACKET, due, at);
    const behind = at - (playout.advance(at) ?? NaN) / FS;
    if (due < 2) assert.ok(behind > 0.9, `${behind} s behind at ${at} s`);
    if (due > 6.5) assert.ok(behind < 0.3, `${behind} s behind at ${at} s`);
  }
});

test("there is no playhead before anything has come, and none from the hub's memory alone", () => {
  const playout = new Playout(FS);
  assert.equal(playout.advance(1), null);
  playout.note(PACKET, PACKET, 0.25, null);
  assert.equal(playout.advance(1), null);
});
