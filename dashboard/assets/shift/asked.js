// Which shift an address asks for, and what the dashboard is asked for then. Pure.

import { offsetAt } from "../charts/zone.js";

export const HOURS = [8, 12, 24];
const USUAL_HOURS = 12;

/**
 * `?unit=ID&hours=8`, or `?unit=ID&from=T&to=T` in Unix s; the last twelve hours where it says nothing.
 * @param {string} search
 * @returns {AskedShift}
 */
export function askedOf(search) {
  const query = new URLSearchParams(search);
  const hours = Number(query.get("hours"));
  const from = timeOf(query.get("from"));
  const to = timeOf(query.get("to"));
  const unit = query.get("unit") ?? "";
  return from !== null || to !== null ? { unit, hours: null, from, to }
    : { unit, hours: HOURS.includes(hours) ? hours : USUAL_HOURS, from: null, to: null };
}

/**
 * @param {AskedShift} asked
 * @returns {string} with its question mark; empty: the usual one
 */
export function searchOf({ unit, hours, from, to }) {
  const query = new URLSearchParams();
  if (unit !== "") query.set("unit", unit);
  if (hours !== null && hours !== USUAL_HOURS) query.set("hours", String(hours));
  if (from !== null) query.set("from", String(from));
  if (to !== null) query.set("to", String(to));
  return query.size === 0 ? "" : `?${query}`;
}

/**
 * The address of the report. The last hours are those of the dashboard: the clock of this computer
 * may be a day off.
 * @param {AskedShift} asked
 * @returns {string}
 */
export function reportAddress({ unit, hours, from, to }) {
  const query = new URLSearchParams();
  if (unit !== "") query.set("unit", unit);
  if (hours !== null) query.set("hours", String(hours));
  if (from !== null) query.set("from", String(from));
  if (to !== null) query.set("to", String(to));
  return `/shift/report?${query}`;
}

/**
 * A time as a field of a form shows it: the clock on the wall, to the minute.
 * @param {number} at Unix s
 * @returns {string}
 */
export function fieldTime(at) {
  return new Date(1000 * (at + offsetAt(at))).toISOString().slice(0, 16);
}

/**
 * The Unix time, in s, of a field of a form; null: it is empty.
 * @param {string} text
 * @returns {number | null}
 */
export function timeOfField(text) {
  const at = new Date(text).getTime() / 1000;
  return Number.isFinite(at) ? at : null;
}

/**
 * @param {string | null} text
 * @returns {number | null}
 */
function timeOf(text) {
  const at = Number(text);
  return text === null || text === "" || !Number.isFinite(at) ? null : at;
}
