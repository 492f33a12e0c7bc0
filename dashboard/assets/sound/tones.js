// What alarms sound like: bursts of pulses after IEC 60601-1-8:2006+A1:2012+A2:2020, 6.3.3.1,
// tables 3 (burst) and 4 (pulse). Pure: times in s, samples of -1 to 1.
//
//                      high           medium         low
//   pulses per burst   10             3              1 or 2
//   pulse t_d          75-200 ms      125-250 ms     125-250 ms
//   spacing            x 50-125 ms    y 125-250 ms   y 125-250 ms
//   pause between      2.5-15 s       2.5-30 s       over 15 s, or no repeat
//
// High: gaps x, x, 2x + t_d, x, then 0.35-1.30 s, then the same five pulses again. All: pulse
// frequency 150-1000 Hz, at least four components within 300-4000 Hz and within 15 dB of the pulse
// frequency; rise time 10-40 % of t_d; the fall is over before the next rise; t_d + y of medium is
// not below t_d + x of high. t_d is measured at 90 % of the amplitude, the rise from 10 to 90 %.
//
// The more urgent the higher: pitch raises perceived urgency (Edworthy, Loxley & Dennis 1991,
// Human Factors 33:205-231). We leave the melodies of the standard's annex F: they were found
// hard to learn and amendment 2 gives them up.

const HARMONICS = [1, 0.7, 0.5, 0.4, 0.3]; // the weakest is 10.5 dB below the first
const RISE_SHARE = 0.2; // of t_d
const PEAK = 0.9;

const HIGH = { pulse: 0.15, spacing: 0.1 };
const MEDIUM = { pulse: 0.2, spacing: 0.2 };
const FIVE = [HIGH.spacing, HIGH.spacing, 2 * HIGH.spacing + HIGH.pulse, HIGH.spacing];

/**
 * By pattern: t_d, gaps between pulses, pitches (one, or one per pulse), pause between bursts.
 * @type {Record<PatternName, Pattern>}
 */
export const PATTERNS = {
  high: { pulse: HIGH.pulse, gaps: [...FIVE, 0.5, ...FIVE], pitches: [784], pause: 4 },
  medium: { pulse: MEDIUM.pulse, gaps: [MEDIUM.spacing, MEDIUM.spacing], pitches: [523.25], pause: 8 },
  low: { pulse: MEDIUM.pulse, gaps: [MEDIUM.spacing], pitches: [392], pause: 20 },
  technical: { pulse: MEDIUM.pulse, gaps: [], pitches: [329.63], pause: 30 },
  // Nobody watches: of medium priority, and told from all others by its falling pitch.
  lost: { pulse: MEDIUM.pulse, gaps: [MEDIUM.spacing, MEDIUM.spacing],
    pitches: [659.26, 493.88, 349.23], pause: 5 },
};

/**
 * When the pulses of a burst are at 90 %: `[{ at, pitch }]`, s from the start of the samples.
 * @param {Pattern} pattern
 * @returns {{at: number, pitch: number}[]}
 */
export function pulses({ pulse, gaps, pitches }) {
  const found = [];
  let at = rampOf(pulse);
  for (let i = 0; i <= gaps.length; i++) {
    found.push({ at, pitch: pitches[i % pitches.length] });
    at += pulse + (gaps[i] ?? 0);
  }
  return found;
}

/**
 * A ramp is linear: its 10 to 90 % are the rise time, its last tenth belongs to the pulse.
 * @param {number} pulse
 * @returns {number}
 */
function rampOf(pulse) {
  return (RISE_SHARE * pulse) / 0.8;
}

/**
 * Length of one burst, from the first rise to the end of the last fall, s.
 * @param {Pattern} pattern
 * @returns {number}
 */
export function burstLength(pattern) {
  const ramp = rampOf(pattern.pulse);
  return (pulses(pattern).at(-1)?.at ?? 0) + pattern.pulse + ramp;
}

/**
 * Samples of one burst; with `repeating`, followed by its pause, to be played in a loop.
 * @param {Pattern} pattern
 * @param {number} rate samples per s
 * @param {boolean} repeating
 * @returns {Float32Array<ArrayBuffer>}
 */
export function burst(pattern, rate, repeating = false) {
  const seconds = burstLength(pattern) + (repeating ? pattern.pause : 0);
  const samples = new Float32Array(Math.ceil(seconds * rate));
  const ramp = rampOf(pattern.pulse);
  for (const { at, pitch } of pulses(pattern)) {
    const begin = at - 0.9 * ramp;
    const length = pattern.pulse + 1.8 * ramp;
    const wave = period(pitch);
    const first = Math.max(0, Math.ceil(begin * rate));
    for (let i = first; i < (begin + length) * rate && i < samples.length; i++) {
      const t = i / rate - begin;
      const envelope = Math.min(1, t / ramp, (length - t) / ramp);
      samples[i] = envelope * wave(t);
    }
  }
  return samples;
}

/**
 * The sound of one pitch at full amplitude: its harmonics together peak at PEAK.
 * @param {number} pitch
 * @returns {(t: number) => number} value at a time in s
 */
function period(pitch) {
  /** @param {number} phase */
  const value = (phase) => HARMONICS.reduce(
    (sum, amplitude, k) => sum + amplitude * Math.sin(2 * Math.PI * (k + 1) * phase), 0);
  let peak = 0;
  for (let i = 0; i < 1000; i++) peak = Math.max(peak, Math.abs(value(i / 1000)));
  return (t) => (PEAK / peak) * value(pitch * t);
}
