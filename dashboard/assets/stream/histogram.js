// Delays of the last half minute to minute, in bins of 2 ms.

const BIN_MS = 2;
const BINS = 1000;
const TURN_MS = 30000;

export class DelayHistogram {
  constructor() {
    this.current = new Uint32Array(BINS);
    this.former = new Uint32Array(BINS);
    /** @type {number | null} */
    this.turnedAt = null;
  }

  /**
   * @param {number} ms
   * @param {number} now ms
   */
  add(ms, now) {
    if (this.turnedAt === null) this.turnedAt = now;
    if (now - this.turnedAt > TURN_MS) {
      [this.current, this.former] = [this.former.fill(0), this.current];
      this.turnedAt = now;
    }
    this.current[Math.min(BINS - 1, Math.max(0, Math.floor(ms / BIN_MS)))]++;
  }

  clear() {
    this.current.fill(0);
    this.former.fill(0);
  }

  /**
   * Upper edge in ms of the bin below which a `share` (0..1) of the delays lies, or null.
   * @param {number} share
   * @returns {number | null}
   */
  percentile(share) {
    return percentile([this], share);
  }
}

/**
 * The same over several histograms.
 * @param {DelayHistogram[]} histograms
 * @param {number} share
 * @returns {number | null}
 */
export function percentile(histograms, share) {
  const sums = new Uint32Array(BINS);
  let total = 0;
  for (const { current, former } of histograms) {
    for (let bin = 0; bin < BINS; bin++) {
      sums[bin] += current[bin] + former[bin];
    }
  }
  for (const count of sums) total += count;
  if (total === 0) return null;
  let seen = 0;
  for (let bin = 0; bin < BINS; bin++) {
    seen += sums[bin];
    if (seen >= share * total) return (bin + 1) * BIN_MS;
  }
  return BINS * BIN_MS;
}

/**
 * The same delays in coarser bins, the last one open: `[bounds in s, counts]`.
 * @param {DelayHistogram[]} histograms
 * @param {number[]} bounds s
 * @returns {[bounds: number[], counts: number[]]}
 */
export function binned(histograms, bounds) {
  const counts = new Array(bounds.length + 1).fill(0);
  for (const { current, former } of histograms) {
    for (let bin = 0; bin < BINS; bin++) {
      const seconds = (bin + 1) * BIN_MS / 1000;
      const place = bounds.findIndex((bound) => seconds <= bound);
      counts[place < 0 ? bounds.length : place] += current[bin] + former[bin];
    }
  }
  return [bounds, counts];
}
