// In which order beds stand on the wall: in the places that staff gave them, or the most urgent first.

import { byName } from "../base/i18n.js";
import { bedsByUrgency } from "../base/urgency.js";

const NO_PLACE = 1e6; // beds that staff gave no place follow those that have one

/** @typedef {{info: Pick<BedInfo, "place" | "label" | "device">, alarms: Alarm[]}} Standing */

/**
 * @param {Pick<Standing, "info">} a
 * @param {Pick<Standing, "info">} b
 * @returns {number}
 */
export function byPlace(a, b) {
  const [one, other] = [a.info.place ?? NO_PLACE, b.info.place ?? NO_PLACE];
  return one - other || byName(a.info.label, b.info.label) || byName(a.info.device, b.info.device);
}

/**
 * The order of beds by their most urgent alarm that nobody has acknowledged; those that are alike
 * stand in their places.
 * @template {Standing} Some
 * @param {Some[]} beds
 * @returns {(a: Some, b: Some) => number}
 */
export function byUrgencyOf(beds) {
  const ranks = new Map(bedsByUrgency([...beds].sort(byPlace)).map((bed, rank) => [bed, rank]));
  const last = ranks.size;
  return (a, b) => (ranks.get(a) ?? last) - (ranks.get(b) ?? last) || byPlace(a, b);
}
