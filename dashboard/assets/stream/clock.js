// The hub's clock on this page, and how late what the hub says comes.
//
// What the hub dates H comes at the page's time P, and not before it was sent: the hub's clock is at
// least H - P ahead. What the page asks at C and the hub answers at its N was not answered before it
// was asked: it is at most N - C ahead. A socket that is behind makes the first bound loose and leaves
// the second tight, so that half of such a delay does not go into the clock, as it would if the middle
// of question and answer were taken. All times are in seconds.

const DRIFT = 500e-6; // of one clock against the other: NTP slews a clock by no more
const MAX_WAY_S = 0.1; // of a question to the hub: what is beyond is a socket that is behind

export class HubClock {
  /** @type {number} */
  least; // the hub's Unix time minus the page's
  /** @type {number} */
  most;
  /** @type {number} */
  at; // of the bounds, on the page's clock
  /** @type {number} */
  dated; // newest date that has come

  constructor() {
    this.reset();
  }

  /** A hub that was started again may be another one, with another clock. */
  reset() {
    this.least = this.dated = -Infinity;
    this.most = Infinity;
    this.at = 0;
  }

  /**
   * Take the date of a message that came at `at`.
   * @param {number} date
   * @param {number} at
   */
  heard(date, at) {
    this.age(at);
    const least = date - at;
    if (least > this.most) this.most = least; // its clock was set, or a timer is coarse
    this.least = Math.max(this.least, least);
    this.dated = date;
  }

  /**
   * Take the answer to a question: asked at `asked`, answered when the hub's clock showed `date`.
   * @param {number} asked
   * @param {number} date
   * @param {number} at when the answer came
   */
  answered(asked, date, at) {
    this.age(at);
    const most = date - asked;
    if (most < this.least) this.least = date - at;
    this.most = Math.min(this.most, most);
  }

  /**
   * Bounds that are old are less sure.
   * @param {number} at
   */
  age(at) {
    const drift = DRIFT * Math.max(0, at - this.at);
    this.least -= drift;
    this.most += drift;
    this.at = at;
  }

  /**
   * The hub's Unix time at `at`; null before the first answer.
   * @param {number} at
   * @returns {number | null}
   */
  now(at) {
    if (this.most === Infinity) return null;
    return at + this.most - Math.min((this.most - this.least) / 2, MAX_WAY_S);
  }

  /**
   * How old the newest message is that has come; null while that is not known.
   * @param {number} at
   * @returns {number | null}
   */
  lateness(at) {
    const now = this.now(at);
    return now === null ? null : Math.max(0, now - this.dated);
  }
}
