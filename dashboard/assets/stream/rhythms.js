// The rhythm that stands beside the trace: the gravest of those that are present, or what the beats
// say where no alarm does.

import { t } from "../base/i18n.js";
import { ALARMS, gravity } from "../base/vocabulary.js";
import { alarmName, alarmTitle } from "../base/words.js";

// The short names are those of ward monitors.
/** @type {Record<string, string>} */
const RHYTHMS = Object.fromEntries(Object.entries(ALARMS).filter(([, words]) => words.rhythm)
  .map(([kind, words]) => [kind, words.short ?? words.name]));

// Those that are no alarms, in short and in full.
/** @type {Record<string, [short: string, full: string]>} */
const OTHERS = {
  paced: [t("Paced"), t("Paced rhythm")],
  sinus: [t("Sinus"), t("Sinus rhythm")],
  sinus_tachycardia: [t("Sinus tachy"), t("Sinus tachycardia")],
  sinus_bradycardia: [t("Sinus brady"), t("Sinus bradycardia")],
  unknown: [t("Unknown"), t("Rhythm not known: no P waves are seen")],
};

/**
 * Rates in bpm below and above which sinus rhythm is bradycardia and tachycardia in adults
 * (WHO/ISFC Task Force, Am Heart J 95:796-806, 1978).
 */
const ADULT = [60, 100];

/**
 * The gravest alarm of a rhythm among those whose condition is present, or null.
 * @template {Pick<Alarm, "kind">} Some
 * @param {Some[]} present
 * @returns {Some | null}
 */
export function rhythmOf(present) {
  const rhythms = present.filter(({ kind }) => kind in RHYTHMS);
  return rhythms.sort((a, b) => gravity(a.kind) - gravity(b.kind))[0] ?? null;
}

/**
 * Whether the last beats still show a rhythm: the condition of one that ventricular beats make is
 * held for a minute, so that what comes and goes is one alarm.
 * @param {Pick<Alarm, "kind">} alarm
 * @param {Pick<LiveBeat, "label">[]} beats in the order of their samples
 * @returns {boolean}
 */
export function isShown({ kind }, beats) {
  const last = ALARMS[kind]?.shown_beats ?? null;
  if (last === null) return true;
  const known = beats.filter(({ label }) => label !== null);
  return known.slice(-last).some(({ label }) => label === "V");
}

/**
 * Whether a rhythm is shown by its beats, not for as long as its alarm is present.
 * @param {Pick<Alarm, "kind">} alarm
 * @returns {boolean}
 */
export function goesWithBeats({ kind }) {
  return (ALARMS[kind]?.shown_beats ?? null) !== null;
}

/**
 * Sinus rhythm by its rate. Children's hearts are faster: theirs is held against the limits of the bed.
 * @param {number | null} heartRate bpm
 * @param {Pick<BedInfo, "category" | "rate_limits">} bed
 * @returns {string}
 */
export function sinus(heartRate, { category, rate_limits: limits }) {
  if (heartRate === null) return "unknown";
  const [low, high] = category === "" || category === "adult" ? ADULT : limits;
  const shown = Math.round(heartRate);
  if (high !== null && shown > high) return "sinus_tachycardia";
  return low !== null && shown < low ? "sinus_bradycardia" : "sinus";
}

/**
 * What a monitor calls an alarm where there is no room for its name.
 * @param {Pick<Alarm, "kind" | "lead">} alarm
 * @returns {string}
 */
export function shortName({ kind, lead }) {
  return ALARMS[kind]?.short ?? alarmTitle({ kind, lead });
}

/**
 * Short name of a rhythm; a dash where there is none to name.
 * @param {string | null} kind
 * @returns {string}
 */
export function rhythmName(kind) {
  return kind === null ? "–" : RHYTHMS[kind] ?? OTHERS[kind]?.[0] ?? "–";
}

/**
 * The same in full.
 * @param {string | null} kind
 * @returns {string}
 */
export function rhythmTitle(kind) {
  return kind === null ? "" : OTHERS[kind]?.[1] ?? alarmName(kind);
}
