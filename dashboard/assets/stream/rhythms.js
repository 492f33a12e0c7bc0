// The rhythm that stands beside the trace: the gravest of those that are present.

import { t } from "../base/i18n.js";
import { ALARMS } from "../base/vocabulary.js";
import { alarmTitle } from "../base/words.js";

// The short names are those of ward monitors.
/** @type {Record<string, string>} */
const RHYTHMS = Object.fromEntries(Object.entries(ALARMS).filter(([, words]) => words.rhythm)
  .map(([kind, words]) => [kind, words.short ?? words.name]));
const ORDER = Object.keys(RHYTHMS); // the gravest first

// Told by the detector's numbers: they are no alarms.
/** @type {Record<string, string>} */
const OTHERS = { paced: t("Paced") };

/**
 * Kind of the gravest rhythm among alarms whose condition is present, or null.
 * @param {Pick<Alarm, "kind">[]} present
 * @returns {string | null}
 */
export function rhythmOf(present) {
  const kinds = present.map((alarm) => alarm.kind).filter((kind) => kind in RHYTHMS);
  return kinds.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] ?? null;
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
  return kind === null ? "–" : RHYTHMS[kind] ?? OTHERS[kind] ?? "–";
}
