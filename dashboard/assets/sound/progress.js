// Whether a clock goes on. Where the browser's audio service has stopped, an audio context says that it
// runs, and its time stands still: no sound comes. All times are in ms.

export const STILL_MS = 1500; // looked at every half second, also by a page that is busy

export class Progress {
  constructor() {
    /** @type {number | null} */
    this.time = null;
    this.movedAt = -Infinity;
  }

  /**
   * Whether the clock has gone on lately, as it must have been seen to do.
   * @param {number} time what it shows, in any unit
   * @param {number} now
   * @returns {boolean}
   */
  goesOn(time, now) {
    if (this.time !== null && time !== this.time) this.movedAt = now;
    this.time = time;
    return now - this.movedAt < STILL_MS;
  }
}
