// Times of day on axes and in words are of one zone, that of the browser when the page was opened; a
// computer whose zone is changed meanwhile must not show times of both.

import { LOCALE, ZONE, clockTime } from "../base/i18n.js";

const parts = new Intl.DateTimeFormat("en-US", {
  timeZone: ZONE, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
  hour: "numeric", minute: "numeric", second: "numeric",
});

/**
 * Seconds by which the clock on the wall is ahead of UTC at a Unix time in s.
 * @param {number} at
 * @returns {number}
 */
export function offsetAt(at) {
  const whole = Math.floor(at);
  const of = Object.fromEntries(parts.formatToParts(1000 * whole).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute, of.second) / 1000 - whole;
}

/**
 * "UTC+1", "UTC−3:30".
 * @param {number} offset s
 * @returns {string}
 */
export function zoneName(offset) {
  const minutes = Math.round(Math.abs(offset) / 60);
  const rest = minutes % 60;
  const size = `${Math.floor(minutes / 60)}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
  return minutes === 0 ? "UTC" : `UTC${offset < 0 ? "−" : "+"}${size}`;
}

/**
 * A time for an axis, which knows no zones and must not run back where clocks are changed: the clock
 * on the wall with the offset that holds at the end of the axis.
 * @param {number} at Unix time, s
 * @param {number} offset s
 * @returns {string}
 */
export function axisTime(at, offset) {
  return new Date((at + offset) * 1000).toISOString().slice(0, -1);
}

/**
 * What to say of the times between two: nothing unless clocks are changed in between, since the axis
 * has one zone alone.
 * @param {number} from Unix time, s
 * @param {number} to
 * @returns {string}
 */
export function zoneOfAxis(from, to) {
  return offsetAt(from) === offsetAt(to) ? "" : zoneName(offsetAt(to));
}

const day = new Intl.DateTimeFormat(LOCALE, {
  timeZone: ZONE, day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/**
 * Day and time, without the year.
 * @param {number} at Unix time, s
 * @returns {string}
 */
export function dayAndTime(at) {
  return day.format(at * 1000);
}

/**
 * Time for people, with its date where it is not of today.
 * @param {number} at Unix time, s
 * @returns {string}
 */
export function recentTime(at) {
  if (new Date().toDateString() === new Date(at * 1000).toDateString()) return clockTime(at);
  return new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" })
    .format(at * 1000);
}

const paper = new Intl.DateTimeFormat(LOCALE,
  { timeZone: ZONE, dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

/**
 * Date, time and zone, for a sheet of paper, which outlives its day.
 * @param {number} at Unix time, s
 * @returns {string}
 */
export function paperTime(at) {
  return `${paper.format(at * 1000)} ${zoneName(offsetAt(at))}`;
}
