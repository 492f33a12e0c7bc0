// What the page knows of one bed: its stream, numbers, beats and alarms.

import { Fit } from "../trace/fit.js";
import { DelayHistogram } from "./histogram.js";
import { isPaced } from "./paced.js";
import { Playout } from "./playout.js";
import { SampleRing } from "./ring.js";
import { goesWithBeats, isShown, rhythmOf, sinus } from "./rhythms.js";
import { byUrgency, rateLook, withheldBy } from "../base/urgency.js";

/** @import { Sweep } from "../trace/sweep.js" */

const RING_S = 100; // more than a wide screen shows at 6.25 mm/s, and the buffer
const NO_DATA_S = 2;
const VITALS_OLD_S = 5;
const MAX_BEATS = 256;
const SILENT = ["leadoff", "flat"]; // qualities of a signal that tells nothing of a heart
const ST_OLD_S = 60; // averages of beats come every 10 s or so while there are any
const P_OLD_S = 30; // what is said of P waves is said of the rhythm now

export class Bed {
  // What belongs to a power-up of the device: see `restart`.
  /** @type {Playout | null} */
  playout;
  /** @type {Map<number, SampleRing>} */
  rings; // row of the lead -> ring
  /** @type {Map<number, boolean>} */
  leadOff; // row of the lead -> whether it is detached
  /** @type {number | null} */ start; // Unix time of sample 0, s
  /** @type {number | null} */
  frameAt; // when the last packet came, s on this page's clock
  /** @type {number | null} */ heardAt; // when the system accepted the last packet, Unix s
  /** @type {number} */
  paintedTo; // newest sample that has been drawn
  /** @type {Vitals | null} */
  vitals;
  /** @type {number} */
  vitalsAt; // when they came, s on this page's clock
  /** @type {Measurement | null} */
  st;
  /** @type {LiveBeat[]} */
  beats; // in the order of their samples

  /** @param {BedInfo} info */
  constructor(info) {
    this.info = info;
    /** @type {Alarm[]} */
    this.alarms = []; // newest first
    /** @type {AudioPause | null} */
    this.pause = null; // {until, by} while the audio is paused
    /** @type {Standby | null} */
    this.standby = null; // {by, at, until, reason, phase} while the patient is away
    /** @type {Resumed | null} */
    this.resumed = null; // {at, why, by} for a while after that
    this.late = false; // whether what the hub says comes too late to be shown as live
    this.slow = false; // whether the hub holds samples back, since the connection is too slow
    this.fit = new Fit();
    this.delays = new DelayHistogram();
    /** @type {Map<number, Set<Sweep>>} */
    this.sweeps = new Map(); // row of the lead -> sweeps that show it
    this.restart();
  }

  restart() {
    this.playout = null;
    this.rings = new Map();
    this.leadOff = new Map();
    this.start = null;
    this.frameAt = null;
    this.heardAt = null;
    this.paintedTo = -1;
    this.vitals = null;
    this.vitalsAt = -Infinity;
    this.st = null;
    this.beats = [];
  }

  /**
   * Take on a new description; after another power-up sample indices begin anew.
   * @param {BedInfo} info
   */
  describe(info) {
    const { boot, fs, leads } = this.info;
    const restarted = info.boot !== boot || info.fs !== fs || info.leads.join() !== leads.join();
    this.info = info;
    if (!restarted) return;
    this.restart();
    for (const sweeps of this.sweeps.values()) {
      for (const sweep of sweeps) {
        sweep.ring = null;
        sweep.blank();
      }
    }
  }

  /**
   * Take a frame; `received` is when it came, s.
   * @param {Frame} frame
   * @param {number} received
   */
  accept(frame, received) {
    if (frame.tag !== this.info.tag) return;
    this.playout ??= new Playout(frame.fs);
    let ring = this.rings.get(frame.lead);
    if (ring === undefined) {
      ring = new SampleRing(frame.fs, RING_S);
      this.rings.set(frame.lead, ring);
      for (const sweep of this.sweeps.get(frame.lead) ?? []) sweep.attach(ring);
    }
    const n1 = frame.n0 + frame.samples.length;
    const first = frame.lead === this.rings.keys().next().value;
    if (first) {
      this.start = frame.start;
      this.frameAt = received;
      this.heardAt = frame.arrival;
      const live = frame.history ? null : received;
      this.playout.note(n1, frame.samples.length, frame.arrival, live);
    }
    this.leadOff.set(frame.lead, frame.leadOff);
    const sweeps = this.sweeps.get(frame.lead) ?? [];
    const { n0, samples, gain, baseline, leadOff } = frame;
    const fresh = ring.write(n0, samples, gain, baseline, leadOff);
    ring.addPulses(Array.from(frame.pulses, (place) => n0 + place));
    for (const sweep of sweeps) {
      if (fresh && sweep.drawnTo !== null && n0 <= sweep.drawnTo) sweep.fill(n0, n1);
    }
  }

  /**
   * Show row `row` of the leads on `sweep` from now on.
   * @param {number} row
   * @param {Sweep} sweep
   */
  show(row, sweep) {
    const others = this.sweeps.get(row);
    if (others === undefined) this.sweeps.set(row, new Set([sweep]));
    else others.add(sweep);
    const ring = this.rings.get(row);
    if (ring === undefined) return;
    sweep.attach(ring);
    for (const beat of this.beats) sweep.addBeat(beat);
  }

  /**
   * Show it on `sweep` no longer.
   * @param {number} row
   * @param {Sweep} sweep
   */
  hide(row, sweep) {
    this.sweeps.get(row)?.delete(sweep);
  }

  /**
   * Take beats: new ones, and what has become known of others; `label` is null until then.
   * @param {BeatsMessage} message
   */
  addBeats({ tag, beats }) {
    if (tag !== this.info.tag) return;
    for (const [n, label, rr, amplitude, anomaly] of beats) {
      const known = this.beats.findLast((beat) => beat.n === n);
      if (known === undefined) {
        const beat = { n, label, rr, amplitude, anomaly, paced: this.isPaced(n, label) };
        this.beats.push(beat);
        this.eachSweep((sweep) => sweep.addBeat(beat));
      } else {
        const named = known.label !== label;
        Object.assign(known, { label, rr, amplitude, anomaly, paced: this.isPaced(n, label) });
        if (named) this.eachSweep((sweep) => sweep.nameBeat(known));
      }
    }
    this.beats.sort((a, b) => a.n - b.n); // what came late takes its place
    if (this.beats.length > MAX_BEATS) this.beats.splice(0, this.beats.length - MAX_BEATS);
  }

  /**
   * @param {number} n
   * @param {BeatLabel | null} label
   * @returns {boolean}
   */
  isPaced(n, label) {
    const ring = this.rings.values().next().value; // all leads have the same pulses
    return ring !== undefined && isPaced({ n, label }, ring.pulses, ring.fs);
  }

  /** @param {(sweep: Sweep) => void} task */
  eachSweep(task) {
    for (const sweeps of this.sweeps.values()) sweeps.forEach(task);
  }

  /** @param {AlarmsMessage} message */
  setAlarms({ alarms, pause, standby = null, resumed = null }) {
    this.alarms = alarms;
    this.pause = pause;
    this.standby = standby;
    this.resumed = resumed;
  }

  /**
   * @param {Vitals} vitals
   * @param {number} now
   */
  setVitals(vitals, now) {
    if (vitals.tag !== this.info.tag) return;
    this.vitals = vitals;
    this.vitalsAt = now;
  }

  /** @param {Measurement} measurement */
  setMeasurement(measurement) {
    if (measurement.tag === this.info.tag) this.st = measurement;
  }

  /**
   * Draw one frame. `now` is the frame's time in s; `hubNow` the hub's clock, or null.
   * @param {number} now
   * @param {number | null} hubNow
   */
  draw(now, hubNow) {
    const { playout } = this;
    const playhead = playout?.advance(now) ?? null;
    if (playout === null || playhead === null) return;
    for (const sweeps of this.sweeps.values()) {
      for (const sweep of sweeps) sweep.draw(playhead);
    }
    this.measure(playout, playhead, hubNow);
  }

  /**
   * Note the delay of the newest sample that this frame has painted.
   * @param {Playout} playout
   * @param {number} playhead
   * @param {number | null} hubNow
   */
  measure(playout, playhead, hubNow) {
    const end = (this.rings.values().next().value?.end ?? 0) - 1;
    const newest = Math.min(Math.floor(playhead), end);
    if (newest <= this.paintedTo || hubNow === null) return;
    const first = this.paintedTo < 0;
    this.paintedTo = newest;
    if (first || playout.pace !== 1 || this.start === null) return;
    this.delays.add((hubNow - this.start - newest / playout.fs) * 1000, hubNow * 1000);
  }

  /**
   * "live", "late", "waiting", "no-data" or "offline".
   * @param {number} now
   * @returns {Connection}
   */
  connection(now) {
    if (this.frameAt === null) return this.info.status === "offline" ? "offline" : "waiting";
    if (this.late) return "late";
    if (now - this.frameAt < NO_DATA_S) return "live";
    if (this.slow) return "late";
    return this.info.status === "offline" ? "offline" : "no-data";
  }

  /**
   * Numbers of the last second, or null when there are none or they are out of date.
   * @param {number} now
   * @returns {Vitals | null}
   */
  freshVitals(now) {
    const fresh = this.vitals !== null && now - this.vitalsAt < VITALS_OLD_S;
    return fresh && this.connection(now) === "live" ? this.vitals : null;
  }

  /**
   * Whether numbers of the heart mean nothing now, so that none is shown: there is no beat to count,
   * or no signal to see one in.
   * @param {number} now
   * @returns {boolean}
   */
  withheld(now) {
    const connection = this.connection(now);
    if (["late", "no-data", "offline"].includes(connection)) return this.vitals !== null;
    const vitals = this.freshVitals(now);
    return vitals !== null && (withheldBy(this.alarms) || SILENT.includes(vitals.q));
  }

  /**
   * Numbers of the last second that mean something, or null.
   * @param {number} now
   * @returns {Vitals | null}
   */
  validVitals(now) {
    return this.withheld(now) ? null : this.freshVitals(now);
  }

  /**
   * Heart rate in bpm if it is known, means something and is not out of date, else null.
   * @param {number} now
   * @returns {number | null}
   */
  heartRate(now) {
    return this.validVitals(now)?.hr ?? null;
  }

  /**
   * Whether the heart rate lies outside its own limits, and how urgent that is.
   * @param {number} now
   * @returns {Look | null}
   */
  rateLook(now) {
    return rateLook(this.heartRate(now), this.info.rate_limits, this.alarms);
  }

  /**
   * Signal quality if it is known and not out of date, else null.
   * @param {number} now
   * @returns {Quality | null}
   */
  quality(now) {
    return this.freshVitals(now)?.q ?? null;
  }

  /**
   * Ventricular beats of the last minute if a minute is known and there are beats to count, else null.
   * @param {number} now
   * @returns {number | null}
   */
  pvcsPerMinute(now) {
    return this.validVitals(now)?.pvc ?? null;
  }

  /**
   * ST level in mV of lead `row`, or null when it is not known or out of date.
   * @param {number} row
   * @param {number} now
   * @returns {number | null}
   */
  stLevel(row, now) {
    const vitals = this.validVitals(now);
    if (this.st === null || vitals === null || this.leadOff.get(row)) return null;
    const age = (vitals.n - this.st.n) / this.info.fs;
    return age < ST_OLD_S ? this.st.st[this.info.leads[row]] ?? null : null;
  }

  /**
   * An interval of the last average of normal beats, ms; null when it could not be measured, means
   * nothing now, or is out of date.
   * @param {"qrs" | "pr" | "qt" | "qtc"} name
   * @param {number} now
   * @returns {number | null}
   */
  interval(name, now) {
    const vitals = this.validVitals(now);
    if (this.st === null || vitals === null) return null;
    return (vitals.n - this.st.n) / this.info.fs < ST_OLD_S ? this.st[name] ?? null : null;
  }

  /**
   * The gravest rhythm whose alarm is present and which the last beats still show, else one that is
   * no alarm, else "unknown"; null while nothing can be said of the heart.
   * @param {number} now
   * @returns {string | null}
   */
  rhythm(now) {
    if (this.freshVitals(now) === null) return null;
    const told = this.toldRhythm();
    if (told !== null) return told.kind;
    const vitals = this.validVitals(now);
    if (vitals === null) return null;
    return vitals.rhythm ?? (this.hasPWaves(vitals) ? sinus(vitals.hr, this.info) : "unknown");
  }

  /**
   * The alarm whose rhythm stands beside the trace, or null.
   * @returns {Alarm | null}
   */
  toldRhythm() {
    return rhythmOf(this.alarms.filter((alarm) => alarm.present && isShown(alarm, this.beats)));
  }

  /**
   * For how long the alarm of the rhythm that is shown has been present, s; null where none is, or
   * where the rhythm goes with the beats that make it.
   * @param {number | null} hubNow the hub's clock
   * @returns {number | null}
   */
  rhythmAge(hubNow) {
    const told = this.toldRhythm();
    if (told === null || told.onset_at === null || hubNow === null || goesWithBeats(told)) return null;
    return Math.max(0, hubNow - told.onset_at);
  }

  /**
   * Whether the last average of normal beats, which is not old, has a P wave ahead of its QRS complex.
   * @param {Vitals} vitals
   * @returns {boolean}
   */
  hasPWaves(vitals) {
    if (this.st === null || (this.st.pr ?? null) === null) return false;
    return (vitals.n - this.st.n) / this.info.fs < P_OLD_S;
  }

  /** Alarms whose signal is on, the most urgent first; what nobody has acknowledged leads. */
  activeAlarms() {
    return this.alarms.filter((alarm) => alarm.presence !== "Off").sort(byUrgency);
  }
}
