// The patterns, measured as IEC 60601-1-8 measures them (see sound/tones.js for its limits).

import assert from "node:assert/strict";
import { test } from "node:test";

import { PATTERNS, burst, burstLength } from "../../../../dashboard/assets/sound/tones.js";

const RATE = 48_000;
const SLACK_S = 0.008; // the envelope of a few harmonics ripples
const HIGH = { duration: [0.075, 0.2], spacing: [0.05, 0.125] };
const OTHER = { duration: [0.125, 0.25], spacing: [0.125, 0.25] };

/** @typedef {[begin: number, end: number]} Stretch in s */

/**
 * Peak within 1.5 ms around each ms: longer than half a period of any pitch here.
 * @param {Float32Array} samples
 */
function envelope(samples) {
  const reach = (RATE * 3) / 2000;
  return Array.from({ length: Math.floor((samples.length * 1000) / RATE) }, (_, ms) => {
    const place = (ms * RATE) / 1000;
    const around = samples.subarray(Math.max(0, place - reach), place + reach + 1);
    return around.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  });
}

/**
 * Begin and end of each stretch above `level`.
 * @param {number[]} values one per ms
 * @param {number} level
 */
function stretches(values, level) {
  /** @type {Stretch[]} */
  const found = [];
  let begin = -1;
  [...values, 0].forEach((value, ms) => {
    if (value > level && begin < 0) begin = ms;
    if (value <= level && begin >= 0) {
      found.push([begin / 1000, ms / 1000]);
      begin = -1;
    }
  });
  return found;
}

/**
 * Pulses as the standard measures them, from 90 % to 90 % of the amplitude, and their rise times.
 * @param {Float32Array} samples
 */
function measured(samples) {
  const values = envelope(samples);
  const top = Math.max(...values);
  const strong = stretches(values, 0.85 * top);
  return stretches(values, 0.1 * top).map(([from, to]) => {
    const inside = strong.filter(([begin]) => begin >= from && begin <= to);
    const [begin, end] = [inside[0][0], inside[inside.length - 1][1]];
    return { begin, end, width: end - begin, rise: begin - from };
  });
}

/**
 * Components within 15 dB of the strongest one, Hz (Goertzel's filter at each whole Hz).
 * @param {Float32Array} piece
 * @param {number} rate
 */
function components(piece, rate) {
  const windowed = piece.map((value, i) => (
    value * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (piece.length - 1)))));
  const power = Array.from({ length: 4500 }, (_, hz) => {
    const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
    let [last, before] = [0, 0];
    for (const value of windowed) [last, before] = [value + turn * last - before, last];
    return last * last + before * before - turn * last * before;
  });
  const least = Math.max(...power) * 10 ** (-15 / 10);
  return power.flatMap((one, hz) => (
    one > least && power[hz - 1] < one && one >= power[hz + 1] ? [hz] : []));
}

/**
 * @param {number} value
 * @param {number[]} limits
 */
function within(value, [low, high], slack = SLACK_S) {
  assert.ok(value >= low - slack && value <= high + slack, `${value} is not in ${low} .. ${high}`);
}

/** @type {[name: PatternName, count: number, limits: typeof HIGH, pause: number[]][]} */
const STANDARD = [
  ["high", 10, HIGH, [2.5, 15]], ["medium", 3, OTHER, [2.5, 30]], ["low", 2, OTHER, [15, 60]],
  ["technical", 1, OTHER, [15, 60]], ["lost", 3, OTHER, [2.5, 30]],
];

for (const [name, count, { duration, spacing }, pause] of STANDARD) {
  test(`bursts of ${name} are those of the standard`, () => {
    const pattern = PATTERNS[name];
    const once = burst(pattern, RATE, true);
    const samples = new Float32Array(2 * once.length);
    samples.set(once);
    samples.set(once, once.length);
    const found = measured(samples);
    assert.equal(found.length, 2 * count);
    for (const { width, rise } of found) {
      within(width, duration);
      within(rise, [0.1 * width, 0.4 * width], 0.004);
    }
    const gaps = found.slice(1).map(({ begin }, i) => begin - found[i].end);
    within(gaps[count - 1], pause);
    const first = gaps.slice(0, count - 1);
    if (name === "high") {
      const [x] = first;
      within(x, spacing);
      for (const i of [1, 3, 5, 6, 8]) within(first[i], [x, x], 0.006);
      for (const i of [2, 7]) within(first[i], [2 * x + found[0].width, 2 * x + found[0].width], 0.015);
      within(first[4], [0.35, 1.3]);
    } else {
      for (const gap of first) within(gap, spacing);
    }
    assert.ok(Math.abs(once.length / RATE - burstLength(pattern) - pattern.pause) < 1e-3);
  });

  test(`${name} has a pitch and harmonics that the standard wants`, () => {
    const [{ begin, end }] = measured(burst(PATTERNS[name], RATE));
    const rate = RATE / 4; // quick, and twice what is looked for
    const samples = burst(PATTERNS[name], rate);
    const peaks = components(samples.subarray(begin * rate, end * rate), rate);
    within(peaks[0], [150, 1000]);
    assert.ok(peaks.filter((hz) => hz >= 300 && hz <= 4000).length >= 4, `${peaks}`);
    assert.ok(peaks[peaks.length - 1] <= 4000, `${peaks}`);
    for (const hz of peaks) within(hz / peaks[0], [Math.round(hz / peaks[0]), Math.round(hz / peaks[0])], 0.03);
  });
}

test("medium is slower than high, and loudness is even", () => {
  const onsets = (/** @type {PatternName} */ name) => {
    const samples = burst(PATTERNS[name], RATE);
    const found = measured(samples);
    const tops = found.map(({ begin, end }) => (
      samples.subarray(begin * RATE, end * RATE).reduce((most, one) => Math.max(most, Math.abs(one)), 0)));
    assert.ok(20 * Math.log10(Math.max(...tops) / Math.min(...tops)) < 10);
    return found[1].begin - found[0].begin;
  };
  assert.ok(onsets("medium") >= onsets("high")); // t_d + y >= t_d + x
});
