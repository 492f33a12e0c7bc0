// Which alarm of a bed comes first, and how urgent each looks.
//
// Nobody is told of the heart while all leads are off or no data come: such an alarm is technical,
// but it looks, and stands, more urgent than what a heart may do that is watched.

import { ltr } from "./i18n.js";
import { ALARMS, gravity } from "./vocabulary.js";

/** @type {Look[]} */
export const LOOKS = ["high", "medium", "unwatched", "low", "technical"]; // the most urgent first

/**
 * An alarm that is over is passed by those that are present and hardly less grave, by so many places:
 * fibrillation that goes on leads an asystole that is over, an extreme rate leads neither.
 */
const OVER = 2.5;

/**
 * How urgent an alarm looks: its priority, or that nobody watches this heart. One of single leads is
 * not meant: the others are watched.
 * @param {Pick<Alarm, "kind" | "lead" | "priority">} alarm
 * @returns {Look}
 */
export function lookOf({ kind, lead, priority }) {
  return priority === "technical" && lead === null && ALARMS[kind]?.unwatched ? "unwatched" : priority;
}

/**
 * Order of alarms: what nobody has acknowledged, then by how urgent it looks, then the graver kind,
 * then what is present, then the newest.
 * @param {Alarm} a
 * @param {Alarm} b
 * @returns {number}
 */
export function byUrgency(a, b) {
  return Number(a.presence === "Ack") - Number(b.presence === "Ack") || byGravity(a, b);
}

/**
 * The same whether or not it has been acknowledged.
 * @param {Alarm} a
 * @param {Alarm} b
 * @returns {number}
 */
export function byGravity(a, b) {
  return place(a) - place(b) || weight(a) - weight(b) || b.raised_at - a.raised_at;
}

/**
 * @param {Alarm} alarm
 * @returns {number}
 */
function place(alarm) {
  const found = LOOKS.indexOf(lookOf(alarm));
  return found < 0 ? LOOKS.length : found;
}

/**
 * @param {Alarm} alarm
 * @returns {number}
 */
function weight({ kind, present }) {
  return gravity(kind) + (present ? 0 : OVER);
}

/**
 * What is active beside the alarm that is shown: how many, and how urgent the worst of them looks.
 * @param {Alarm[]} active
 * @returns {{text: string, look: Look | null}}
 */
export function otherAlarms(active) {
  const others = active.slice(1).sort(byGravity);
  return others.length === 0 ? { text: "", look: null }
    : { text: ltr(`+${others.length}`), look: lookOf(others[0]) };
}

/**
 * The presence that a bed shows from afar: it calls as long as one of its alarms, as urgent as the
 * first, is present and acknowledged by nobody, even if a graver one that is over stands before it.
 * @param {Alarm[]} active the most urgent first
 * @returns {Presence | null}
 */
export function presenceOf(active) {
  const [first] = active;
  if (first === undefined) return null;
  const look = lookOf(first);
  return active.some((one) => one.presence === "On" && lookOf(one) === look) ? "On" : first.presence;
}

/**
 * Whether numbers of the heart mean nothing now: there is no beat to count, or no signal.
 * @param {Pick<Alarm, "kind" | "lead" | "present">[]} alarms
 * @returns {boolean}
 */
export function withheldBy(alarms) {
  return alarms.some(({ kind, lead, present }) => present && lead === null && ALARMS[kind]?.withholds);
}

/**
 * Whether a heart rate lies outside its own limits, and how urgent that is: as the alarm of the rate
 * that is present, which may be of an extreme rate. A limit that is off is none.
 * @param {number | null} heartRate bpm
 * @param {[number | null, number | null] | undefined} limits bpm
 * @param {Alarm[]} alarms
 * @returns {Look | null}
 */
export function rateLook(heartRate, [low, high] = [null, null], alarms = []) {
  if (heartRate === null) return null;
  const shown = Math.round(heartRate); // what is read is what is judged
  const outside = (low !== null && shown < low) || (high !== null && shown > high);
  if (!outside) return null;
  const [gravest] = alarms.filter(({ kind, present }) => present && ALARMS[kind]?.of_rate).sort(byGravity);
  return gravest?.priority ?? "medium";
}

/**
 * Beds in the order of their most urgent alarm that nobody has acknowledged; those without are left
 * out.
 * @template {Pick<WardBed, "alarms">} Some
 * @param {Some[]} beds
 * @returns {Some[]}
 */
export function bedsByUrgency(beds) {
  return beds.flatMap((bed) => {
    const [first] = bed.alarms.filter(isOpen).sort(byUrgency);
    return first === undefined ? [] : [{ bed, first }];
  }).sort((a, b) => byUrgency(a.first, b.first)).map(({ bed }) => bed);
}

/**
 * Whether nobody has acknowledged an alarm that is shown.
 * @param {Pick<Alarm, "presence">} alarm
 * @returns {boolean}
 */
export function isOpen({ presence }) {
  return presence === "On" || presence === "Latch";
}
