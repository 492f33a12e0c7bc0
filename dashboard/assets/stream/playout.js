// Which sample belongs on the screen now: even motion from packets that arrive unevenly.
//
// A packet cannot arrive before its last sample was taken, so (receipt - n1 / rate) is the
// stream's start plus a transit time; its least value over a window is the base. The playhead
// runs at base + delay, where the delay covers a whole packet, all but the worst 5 % of the
// transits, and a little for timers: no more than even motion needs. It is corrected by running at most
// 3 % slower or faster, which nobody sees; only a difference of half a second makes it jump.
// All times are in seconds.

const WINDOW_S = 30;
const REPLAY_WINDOW_S = 5; // the pace of a replay is only measured: its error must not add up
const MAX_NOTES = 512;
const TRANSIT_SHARE = 0.95;
const FIRST_TRANSIT_S = 0.015;
const MARGIN_S = 0.004;
const MAX_TRANSIT_S = 1.0; // later than this is backfill: the buffer does not wait for it
const SETTLE_S = 3; // a page that is being built takes packets late, which says nothing of later ones
const SETTLED_NOTES = 8;
const MAX_SLEW = 0.03;
const JUMP_S = 0.5;
const ESTIMATE_EVERY_S = 0.5;
const PACE_TOLERANCE = 0.15;
const PACE_BASELINE_S = 2;

export class Playout {
  /** @param {number} fs */
  constructor(fs) {
    this.fs = fs;
    this.pace = 1; // seconds of signal per second
    this.delay = 0; // what is aimed at, s
    this.packetS = 0;
    /** @type {ArrivalNote[]} */
    this.accepted = []; // {n1, at}: when the system accepted packets, for the pace
    /** @type {ArrivalNote[]} */
    this.received = []; // {n1, at}: when they reached this page, for the base
    /** @type {number | null} */
    this.target = null;
    /** @type {number | null} */
    this.anchor = null; // time at which sample 0 is, or would have been, on the screen
    /** @type {number | null} */
    this.last = null;
    this.estimatedAt = -Infinity;
    /** @type {number | null} */
    this.settlesAt = null; // from when on receipts tell of the stream rather than of the page
    this.settled = false;
    this.paceDoubt = 0;
  }

  /**
   * Take note of a packet; `received` is null for one sent from the hub's memory.
   * @param {number} n1 one past the last sample
   * @param {number} count samples
   * @param {number} accepted
   * @param {number | null} received
   */
  note(n1, count, accepted, received) {
    this.packetS = Math.max(count / this.fs, this.packetS * 0.995);
    push(this.accepted, { n1, at: accepted });
    if (received === null) return;
    push(this.received, { n1, at: received });
    this.settlesAt ??= received + SETTLE_S;
    if (received - this.estimatedAt >= ESTIMATE_EVERY_S || this.received.length < 8) {
      this.estimatedAt = received;
      this.estimate(received);
    }
  }

  /**
   * Index (with fraction) of the sample that belongs on the screen at `now`, or null.
   * @param {number} now
   * @returns {number | null}
   */
  advance(now) {
    if (this.target === null) return null;
    const elapsed = this.last === null ? 0 : Math.max(0, now - this.last);
    this.last = now;
    const error = this.anchor === null ? Infinity : this.target - this.anchor;
    let anchor = this.target;
    if (this.anchor !== null && Math.abs(error) <= JUMP_S) {
      const most = MAX_SLEW * elapsed;
      anchor = this.anchor + Math.min(most, Math.max(-most, error));
    }
    this.anchor = anchor;
    return (now - anchor) * this.fs * this.pace;
  }

  /** @param {number} now */
  estimate(now) {
    this.estimatePace();
    const rate = this.fs * this.pace;
    const window = this.pace === 1 ? WINDOW_S : REPLAY_WINDOW_S;
    this.received = this.received.filter((note) => now - note.at <= window);
    const settles = !this.settled && this.forgetTheStart();
    let starts = this.received.map((note) => note.at - note.n1 / rate);
    const base = Math.min(...starts);
    const recent = starts.slice(-8);
    const { length } = this.received;
    const span = this.received[length - 1].at - this.received[length - recent.length].at;
    if (recent.length === 8 && span > 1.5 / this.pace && Math.min(...recent) > base + JUMP_S) {
      // The stream paused and goes on from where it was: what came before no longer tells.
      this.received = this.received.slice(-8);
      starts = recent;
    }
    const least = Math.min(...starts);
    const transits = starts.map((start) => start - least).filter((t) => t < MAX_TRANSIT_S);
    transits.sort((a, b) => a - b);
    const typical = transits[Math.ceil(TRANSIT_SHARE * transits.length) - 1];
    const transit = transits.length < 8 ? Math.max(typical, FIRST_TRANSIT_S) : typical;
    this.delay = this.packetS / this.pace + transit + MARGIN_S;
    this.target = least + this.delay;
    // Once, rather than at 3 % for as long as the start was bad.
    if (settles && this.anchor !== null && this.target < this.anchor) this.anchor = this.target;
  }

  /** Forget what came while the page was being built, if enough has come since; says if it has. */
  forgetTheStart() {
    const later = this.received.filter((note) => note.at >= (this.settlesAt ?? 0));
    if (later.length < SETTLED_NOTES) return false;
    this.received = later;
    this.settled = true;
    return true;
  }

  estimatePace() {
    const slopes = [];
    const notes = this.accepted;
    let j = 0;
    const span = notes[notes.length - 1].at - notes[0].at;
    const baseline = Math.min(PACE_BASELINE_S, span / 2);
    if (baseline < 0.5) return;
    for (let i = 0; i < notes.length; i++) {
      while (j < i && notes[i].at - notes[j + 1].at >= baseline) j++;
      const elapsed = notes[i].at - notes[j].at;
      if (elapsed >= baseline) slopes.push((notes[i].n1 - notes[j].n1) / this.fs / elapsed);
    }
    if (slopes.length === 0) return;
    slopes.sort((a, b) => a - b);
    const slope = slopes[slopes.length >> 1];
    if (!(slope > 0.05)) return;
    const wrong = Math.abs(slope / this.pace - 1) > PACE_TOLERANCE;
    this.paceDoubt = wrong ? this.paceDoubt + 1 : 0;
    if (this.paceDoubt >= 2) {
      this.pace = Math.abs(slope - 1) <= PACE_TOLERANCE ? 1 : Number(slope.toPrecision(2));
      this.paceDoubt = 0;
      this.anchor = null;
    }
  }
}

/**
 * @param {ArrivalNote[]} notes
 * @param {ArrivalNote} note
 */
function push(notes, note) {
  notes.push(note);
  if (notes.length > MAX_NOTES) notes.splice(0, notes.length - MAX_NOTES / 2);
}
