// The alarms of all beds, whatever the page shows, and what is to be heard of them.

import { nameBed } from "./bednames.js";

/** @import { Hub } from "./hub.js" */

/** @type {Priority[]} */
const ORDER = ["high", "medium", "low", "technical"];
const INTRODUCED_MS = 3000;
const LATE_S = 15; // analysis that is so far behind watches nobody

/** Alarms and pauses by device, kept from what the hub tells. */
export class Ward extends /** @type {Emitter<WardEvents>} */ (EventTarget) {
  /** @param {Hub} hub */
  constructor(hub) {
    super();
    /** @type {Map<number, WardBed>} */
    this.beds = new Map(); // index at the hub -> {device, label, alarms, pause}
    /** @type {Map<string, WardBed>} */
    this.former = new Map(); // device -> the same, from before the connection was lost
    /** @type {number | null} */
    this.starting = null; // while the analysis starts: share of it that is ready
    /** @type {UnitInfo[] | null} */
    this.units = null; // care units that one may see; null: not yet known
    this.seesAll = true; // whether no care units have been given, so that all beds are seen
    this.hub = hub;
    this.watched = false; // whether any signal has been analysed since the page was opened
    this.openedAt = performance.now(); // when the connection was opened, ms
    hub.addEventListener("open", () => {
      this.openedAt = performance.now();
      for (const bed of this.beds.values()) this.former.set(bed.device, bed);
      this.beds.clear();
    });
    hub.addEventListener("bed", ({ detail: { bed, device, label, unit } }) => {
      const known = this.beds.get(bed) ?? this.former.get(device) ?? { alarms: [], pause: null };
      this.former.delete(device);
      this.beds.set(bed, { ...known, device, label, unit });
      nameBed(device, label);
      this.tell();
    });
    hub.addEventListener("units", ({ detail: { units, all } }) => {
      this.units = units;
      this.seesAll = all;
      this.tell();
    });
    hub.addEventListener("gone", ({ detail: { bed } }) => {
      if (this.beds.delete(bed)) this.tell();
    });
    hub.addEventListener("alarms", ({ detail: { bed, alarms, pause, standby, resumed } }) => {
      const known = this.beds.get(bed);
      if (known === undefined) return;
      Object.assign(known, { alarms, pause, standby, resumed });
      this.tell();
    });
    hub.addEventListener("hub", ({ detail }) => {
      // Whatever bed it knows it has told of by now; what is left is no longer there.
      if (this.introduced) this.former.clear();
      this.alive = isAlive(detail) && !hub.late;
      this.starting = this.alive ? null : detail.starting;
      this.watched ||= this.alive && detail.packets > 0;
      this.dispatchEvent(new Event(this.alive ? "alive" : "late"));
    });
  }

  /** Whether the hub has had the time to tell of every bed that it knows. */
  get introduced() {
    return performance.now() - this.openedAt > INTRODUCED_MS;
  }

  /** How old the newest of what the hub says is, s. */
  get age() {
    return this.hub.lateness;
  }

  /** Whether what the hub says comes too late to be acted on. */
  get late() {
    return this.hub.late;
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {WardBed[]} */
  all() {
    return [...this.beds.values(), ...this.former.values()];
  }
}

/**
 * Whether the hub's message says that somebody watches: data flows and is analysed.
 * @param {HubStatus} status
 * @returns {boolean}
 */
export function isAlive({ redis, behind_s: behind }) {
  return redis === "ok" && behind !== null && behind < LATE_S;
}

/**
 * The most urgent priority among the alarms that sound, and which those are. The hub has decided
 * per bed: an alarm that is acknowledged, paused or outranked on its bed does not have `audio` On.
 * @param {Pick<WardBed, "alarms">[]} beds
 * @returns {{priority: Priority | null, ids: string[]}}
 */
export function sounding(beds) {
  const on = beds.flatMap((bed) => bed.alarms.filter((alarm) => alarm.audio === "On"));
  const priority = ORDER.find((one) => on.some((alarm) => alarm.priority === one)) ?? null;
  const ids = on.filter((alarm) => alarm.priority === priority).map((alarm) => alarm.id);
  return { priority, ids: ids.sort() };
}

/**
 * Which pattern is to be heard: a high alarm goes before the loss of monitoring, which goes before
 * all others. `lossPaused`: somebody has silenced the loss for a while.
 * @param {{priority: Priority | null, lost: boolean, lossPaused: boolean}} state
 * @returns {PatternName | null}
 */
export function choose({ priority, lost, lossPaused }) {
  if (priority === "high") return "high";
  if (lost) return lossPaused ? null : "lost";
  return priority;
}

/**
 * Whether a pattern that already sounds has to begin anew: an alarm has come that is not in it.
 * @param {string[]} former
 * @param {string[]} ids
 * @returns {boolean}
 */
export function isNew(former, ids) {
  return ids.some((id) => !former.includes(id));
}

/**
 * The pause that covers all beds: when the first of them ends, or null if one is not paused.
 * @param {Pick<WardBed, "pause">[]} beds
 * @returns {number | null}
 */
export function pausedUntil(beds) {
  const ends = beds.flatMap(({ pause }) => (pause === null ? [] : [pause.until]));
  return beds.length === 0 || ends.length < beds.length ? null : Math.min(...ends);
}
