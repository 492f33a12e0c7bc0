// How high a bed's traces are drawn: as high as fits, alike for all its leads.
//
// What a lead has spanned is kept second by second. A trace that would leave its place is drawn smaller
// at once, one that could be larger only when a minute would have fitted with room to spare: no trace
// may change with every large beat. Nor is it made larger while there is no heart rate: an asystole
// drawn four times as high looks like fibrillation.

/** @import { SampleRing } from "../stream/ring.js" */

/** @type {number[]} */
export const FITS = [0.25, 0.5, 1, 2, 4]; // times 10 mm/mV
const USUAL_MM = 10; // per mV
const KEPT = 60; // s
const ENOUGH = 10; // s that must be known before a trace is made larger
const ROOM = 0.95; // of its height that a trace may take
const SPARE = 0.8; // the same for one that is to become larger
const ARTEFACT_MV = 8; // no heart spans so much

/** What one lead has spanned, and the height it has. */
class Span {
  constructor() {
    /** @type {[low: number, high: number][]} */
    this.seconds = [];
    this.known = 0; // index of the sample up to which it has been looked at
    this.room = Infinity; // mm
  }

  /** @param {SampleRing} ring */
  look(ring) {
    const end = ring.end ?? 0;
    const second = Math.round(ring.fs);
    if (end < this.known) this.seconds = []; // another power-up
    let from = Math.max(0, end < this.known ? 0 : this.known, end - KEPT * second);
    for (; from + second <= end; from += second) {
      const range = ring.range(from, from + second);
      if (range !== null && range.high - range.low < ARTEFACT_MV) this.seconds.push([range.low, range.high]);
    }
    this.known = from;
    if (this.seconds.length > KEPT) this.seconds.splice(0, this.seconds.length - KEPT);
  }

  /** mV between the lowest and the highest place. */
  get height() {
    if (this.seconds.length === 0) return 0;
    return Math.max(...this.seconds.map(([, high]) => high)) - Math.min(...this.seconds.map(([low]) => low));
  }

  /**
   * The greatest factor at which it takes no more than a share of its room.
   * @param {number} share
   * @returns {number}
   */
  fitting(share) {
    return FITS.findLast((fit) => this.height * USUAL_MM * fit <= this.room * share) ?? FITS[0];
  }
}

export class Fit {
  constructor() {
    this.factor = 1;
    /** @type {Map<number, Span>} */
    this.spans = new Map(); // row of the lead -> Span
    this.lookedAt = -Infinity;
  }

  /**
   * A lead is shown on a trace of so many mm.
   * @param {number} row
   * @param {number} mm
   */
  give(row, mm) {
    const span = this.spans.get(row) ?? new Span();
    this.spans.set(row, span);
    if (span.room !== mm) this.lookedAt = -Infinity;
    span.room = mm;
  }

  /** @param {number} row */
  forget(row) {
    this.spans.delete(row);
  }

  /**
   * Look at what has come, once a second; `beating`: whether there is a heart rate.
   * @param {Map<number, SampleRing>} rings
   * @param {number} now s
   * @param {boolean} beating
   */
  update(rings, now, beating) {
    if (now - this.lookedAt < 1) return;
    this.lookedAt = now;
    for (const [row, span] of this.spans) {
      const ring = rings.get(row);
      if (ring !== undefined) span.look(ring);
    }
    const spans = [...this.spans.values()].filter(({ seconds }) => seconds.length > 0);
    if (spans.length === 0) return;
    const most = Math.min(...spans.map((span) => span.fitting(ROOM)));
    const spare = Math.min(...spans.map((span) => span.fitting(SPARE)));
    const known = spans.some(({ seconds }) => seconds.length >= ENOUGH);
    if (most < this.factor) this.factor = most;
    else if (spare > this.factor && beating && known) this.factor = spare;
  }
}
