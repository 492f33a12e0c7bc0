// Which beds a wall shows: all that one may see, or those of one care unit; `/?unit=ID`.

import { bedsByUrgency, isOpen, lookOf } from "../base/urgency.js";

export const NO_UNIT = "-"; // in place of an id: beds that belong to none
const NOT_THERE = "00000000"; // in place of what can be no id: the page says that it is not there

/**
 * The care unit that an address asks for, or null.
 * @param {string} search
 * @returns {string | null}
 */
export function unitOf(search) {
  const asked = new URLSearchParams(search).get("unit") ?? "";
  if (asked === "") return null;
  return asked === NO_UNIT || /^[0-9a-f]{8}$/.test(asked) ? asked : NOT_THERE;
}

/**
 * The address of this page with another care unit, or with all of them.
 * @param {string} search
 * @param {string | null} unit
 * @returns {string}
 */
export function searchFor(search, unit) {
  const query = new URLSearchParams(search);
  query.delete("unit");
  if (unit !== null) query.set("unit", unit);
  return query.size === 0 ? "" : `?${query}`;
}

/**
 * What can be chosen: a unit with the number of its beds.
 * @param {UnitInfo[]} units those that one may see
 * @param {Pick<WardBed, "unit">[]} beds all that one may see
 * @returns {{id: string, name: string, count: number}[]} the last is of no unit, if there are such beds
 */
export function choicesOf(units, beds) {
  const count = (/** @type {string} */ id) => beds.filter(({ unit }) => (unit ?? "") === id).length;
  const free = count("");
  return [...units.map(({ id, name }) => ({ id, name, count: count(id) })),
    ...(free > 0 && units.length > 0 ? [{ id: NO_UNIT, name: "", count: free }] : [])];
}

/**
 * The beds that one is to watch and that are not on this screen: how many, which of them have an
 * alarm that nobody has acknowledged, and how urgent the worst looks.
 * @template {WardBed} Some
 * @param {Some[]} beds all that one may see
 * @param {(bed: Some) => boolean} shows
 * @returns {{count: number, alarming: Some[], look: Look | null}}
 */
export function restOf(beds, shows) {
  const rest = beds.filter((bed) => !shows(bed));
  const alarming = bedsByUrgency(rest);
  const first = alarming[0]?.alarms.filter(isOpen).map(lookOf) ?? [];
  const look = /** @type {Look[]} */ (["high", "medium", "unwatched", "low", "technical"])
    .find((one) => first.includes(one)) ?? null;
  return { count: rest.length, alarming, look };
}
