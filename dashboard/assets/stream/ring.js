// The last seconds of one lead in mV, placed by sample index; NaN where nothing has arrived.

const MAX_PULSES = 512; // 100 s of pacing in two chambers

export class SampleRing {
  constructor(fs, seconds) {
    this.fs = fs;
    this.capacity = Math.ceil(fs * seconds);
    this.data = new Float32Array(this.capacity).fill(NaN);
    this.end = null; // one past the newest index
    this.pulses = []; // indices of the last pacemaker pulses
  }

  /** Take the pacemaker pulses of a packet: indices. */
  addPulses(pulses) {
    for (const n of pulses) if (!this.pulses.includes(n)) this.pulses.push(n);
    if (this.pulses.length > MAX_PULSES) this.pulses.splice(0, MAX_PULSES / 2);
  }

  /** Value of sample `n` in mV, or NaN. */
  at(n) {
    return this.end === null || n >= this.end || n < this.end - this.capacity
      ? NaN : this.data[n % this.capacity];
  }

  /**
   * Place samples; a stretch that was skipped stays NaN until it arrives late.
   * Returns whether anything new came with it: a repeated packet must not be drawn twice.
   */
  write(n0, samples, gain, baseline, leadOff) {
    const n1 = n0 + samples.length;
    const before = this.end;
    if (before === null) {
      this.end = n1; // all of it is NaN still
    } else if (n1 > before) {
      const from = Math.max(before, n1 - this.capacity);
      for (let n = from; n < n1; n++) this.data[n % this.capacity] = NaN;
      this.end = n1;
    }
    let fresh = false;
    const first = Math.max(n0, this.end - this.capacity);
    for (let n = first; n < n1; n++) {
      const slot = n % this.capacity;
      if (leadOff || !Number.isNaN(this.data[slot])) continue;
      this.data[slot] = (samples[n - n0] - baseline) / gain;
      fresh = true;
    }
    return fresh;
  }

  /** Least, greatest and mean value from `n0` up to `n1`, or null if there is none. */
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
