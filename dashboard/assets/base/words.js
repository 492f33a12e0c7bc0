// Names, symbols and number formats that people read.

import { clockTime, fill, ltr, measure, number, t } from "./i18n.js";
import { lookOf } from "./urgency.js";
import { ALARMS } from "./vocabulary.js";

/** @import { Bed } from "../stream/bed.js" */

/** What monitors show in the place of a number that means nothing. */
export const WITHHELD = "-?-";

// IEC 60601-1-8 marks priorities with one to three exclamation marks beside colour and flashing.
/** @type {Record<string, string>} */
export const SYMBOLS = { high: "!!!", medium: "!!", low: "!", technical: "" };

/** @type {Record<string, string>} */
const QUALITIES = { good: t("good"), poor: t("poor"), leadoff: t("lead off"), flat: t("flat") };

/** @type {Record<string, string>} */
const PRIORITY_NAMES = {
  high: t("high priority"), medium: t("medium priority"), low: t("low priority"),
  technical: t("technical alarm"),
};

/** @type {Record<string, string>} */
const CONNECTIONS = {
  live: t("live"), late: t("late"), waiting: t("waiting"), "no-data": t("no data"), offline: t("offline"),
};

/**
 * Name of an alarm for people; an unknown kind is spelled out.
 * @param {string} kind
 * @returns {string}
 */
export function alarmName(kind) {
  const spelled = kind.replaceAll("_", " ");
  return ALARMS[kind]?.name ?? spelled.charAt(0).toUpperCase() + spelled.slice(1);
}

/**
 * @param {string} priority
 * @returns {string}
 */
export function priorityName(priority) {
  return PRIORITY_NAMES[priority] ?? priority;
}

/**
 * Name of one alarm: of what is wrong with single leads, with the names of the leads.
 * @param {Pick<Alarm, "kind" | "lead">} alarm
 * @returns {string}
 */
export function alarmTitle({ kind, lead }) {
  const fault = ALARMS[kind]?.lead_fault;
  return lead && fault ? fill(fault, { lead }) : alarmName(kind);
}

/**
 * Quality of a bed's signal in words: which leads are no good, if others are.
 * @param {Bed} bed
 * @param {number} now
 * @returns {string}
 */
export function signalText(bed, now) {
  const fault = bed.alarms.find(
    (alarm) => alarm.present && alarm.lead && ALARMS[alarm.kind]?.lead_fault);
  const quality = bed.quality(now);
  if (fault && quality !== null) return alarmTitle(fault);
  const unread = bed.alarms.find((alarm) => alarm.present && lookOf(alarm) === "unwatched");
  if (unread && quality === "good") return ALARMS[unread.kind]?.short ?? alarmTitle(unread);
  // "Good" beside a heart that beats no more would be read as "all is well".
  return quality === "good" && bed.withheld(now) ? WITHHELD : qualityName(quality);
}

/**
 * A number of a bed; what stands for one that means nothing now, or is not known.
 * @param {Bed} bed
 * @param {number} now
 * @param {string | null} text null: there is no number
 * @returns {string}
 */
export function numberOr(bed, now, text) {
  return text ?? (bed.withheld(now) ? WITHHELD : "–");
}

/**
 * The heart rate of a bed: "--" until one is known.
 * @param {Bed} bed
 * @param {number} now
 * @returns {string}
 */
export function rateText(bed, now) {
  const heartRate = bed.heartRate(now);
  return heartRate === null && bed.withheld(now) ? WITHHELD : rate(heartRate);
}

/**
 * What `Bed.connection` says, in words; "unknown" of a bed that is not there.
 * @param {string | undefined} connection
 * @returns {string}
 */
export function connectionName(connection) {
  return CONNECTIONS[connection ?? ""] ?? t("unknown");
}

/**
 * @param {string | null} quality
 * @returns {string}
 */
export function qualityName(quality) {
  return quality === null ? "–" : QUALITIES[quality] ?? quality;
}

/**
 * An alarm in a word or two, with the mark of its priority or of its acknowledgement. `name`: what
 * it is called.
 * @param {Alarm} alarm
 * @param {string} name
 * @returns {string}
 */
export function alarmText(alarm, name = alarmTitle(alarm)) {
  const mark = alarm.presence === "Ack" ? "✓" : SYMBOLS[alarm.priority] ?? "";
  const times = alarm.times > 1 ? ltr(`×${number(alarm.times)}`) : "";
  return `${mark} ${name} ${times}`.trim();
}

/**
 * What to say while `share` of the analysis is ready.
 * @param {number} share
 * @returns {string}
 */
export function startingText(share) {
  return t("Analysis is starting: {n} %", { n: number(100 * share) });
}

/**
 * What stands for who acknowledged an alarm that nobody did, at least not itself.
 * @param {Pick<Alarm, "joined" | "left">} alarm
 * @returns {string}
 */
export function unacknowledged({ joined, left }) {
  if (left) return t("ended with the stay");
  return joined ? t("goes on in the next") : "–";
}

/**
 * Minutes and seconds that are left.
 * @param {number} seconds
 * @returns {string}
 */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return ltr(`${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`);
}

/**
 * @param {number | null} heartRate bpm
 * @returns {string}
 */
export function rate(heartRate) {
  return heartRate === null ? "--" : number(heartRate);
}

/**
 * Limits beside a heart rate: "50–120"; an alarm that is off leaves its place open.
 * @param {[number | null, number | null]} limits bpm
 * @returns {string}
 */
export function limitsText([low, high] = [null, null]) {
  if (low === null && high === null) return "";
  return ltr(`${low === null ? "" : number(low)}–${high === null ? "" : number(high)}`);
}

/**
 * @param {number | null} value
 * @returns {string}
 */
export function milliseconds(value) {
  return value === null ? "–" : measure(value, "ms");
}

/**
 * @param {number | null | undefined} seconds Unix time
 * @returns {string}
 */
export function timeOfDay(seconds) {
  return seconds === null || seconds === undefined
    ? "" : clockTime(seconds);
}

/**
 * @param {number} seconds
 * @returns {string}
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return measure(whole, "s");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? measure(minutes, "min")
    : ltr(`${number(Math.floor(minutes / 60))} h ${minutes % 60} min`);
}

/**
 * That a bed's signal is a replay at another pace than a heart's; null if it is not.
 * @param {Bed} bed
 * @returns {string | null}
 */
export function replayText(bed) {
  const pace = bed.playout?.pace ?? 1;
  return pace === 1 ? null : t("replay ×{pace}", { pace: number(pace, 2) });
}
