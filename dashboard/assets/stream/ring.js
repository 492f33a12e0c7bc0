// The last seconds of one lead in mV, placed by sample index; NaN where nothing has arrived.

const MAX_PULSES = 512; // 100 s of pacing in two chambers

export class SampleRing {
  /**
   * @param {number} fs sampling rate, Hz
   * @param {number} seconds of signal that it holds
   */
  constructor(fs, seconds) {
    this.fs = fs;
    this.capacity = Math.ceil(fs * seconds);
    this.data = new Float32Array(this.capacity).fill(NaN);
    /** @type {number | null} */
    this.end = null; // one past the newest index
    /** @type {number[]} */
    this.pulses = []; // indices of the last pacemaker pulses
  }

  /**
   * Take the pacemaker pulses of a packet: indices.
   * @param {Iterable<number>} pulses
   */
  addPulses(pulses) {
    for (const n of pulses) if (!this.pulses.includes(n)) this.pulses.push(n);
    if (this.pulses.length > MAX_PULSES) this.pulses.splice(0, MAX_PULSES / 2);
  }

  /**
   * Value of sample `n` in mV, or NaN.
   * @param {number} n
   * @returns {number}
   */
  at(n) {
    return this.end === null || n >= this.end || n < Math.max(0, this.end - this.capacity)
      ? NaN : this.data[n % this.capacity];
  }

  /**
   * Place samples; a stretch that was skipped stays NaN until it arrives late.
   * Returns whether anything new came with it: a repeated packet must not be drawn twice.
   * @param {number} n0
   * @param {Int16Array} samples
   * @param {number} gain
   * @param {number} baseline
   * @param {boolean} leadOff
   * @returns {boolean}
   */
  write(n0, samples, gain, baseline, leadOff) {
    const n1 = n0 + samples.length;
    const before = this.end;
    const end = before === null ? n1 : Math.max(before, n1);
    if (before !== null) { // else all of it is NaN still
      const from = Math.max(before, n1 - this.capacity);
      for (let n = from; n < n1; n++) this.data[n % this.capacity] = NaN;
    }
    this.end = end;
    let fresh = false;
    const first = Math.max(n0, end - this.capacity);
    for (let n = first; n < n1; n++) {
      const slot = n % this.capacity;
      if (leadOff || !Number.isNaN(this.data[slot])) continue;
      this.data[slot] = (samples[n - n0] - baseline) / gain;
      fresh = true;
    }
    return fresh;
  }

  /**
   * Least, greatest and mean value from `n0` up to `n1`, or null if there is none.
   * @param {number} n0
   * @param {number} n1
   * @returns {{low: number, high: number, mean: number} | null}
   */
  range(n0, n1) {
    let low = Infinity;
    let high = -Infinity;
    let sum = 0;
    let count = 0;
    for (let n = n0; n < n1; n++) {
      const value = this.at(n);
      if (Number.isNaN(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
      count++;
    }
    return count === 0 ? null : { low, high, mean: sum / count };
  }
}
