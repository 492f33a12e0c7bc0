// Names of alarm limits for people, in the order in which an editor shows them.

import { number, t } from "./i18n.js";

const BPM = t("bpm");
const SECONDS = t("s");
const BEATS = t("beats");

// section -> key -> [name, unit, whether it is for fine tuning]
/** @type {Record<string, Record<string, [name: string, unit: string, fine?: boolean]>>} */
const LIMITS = {
  rate: {
    low_bpm: [t("Bradycardia below"), BPM],
    high_bpm: [t("Tachycardia above"), BPM],
    extreme_low_bpm: [t("Extreme bradycardia below"), BPM],
    extreme_high_bpm: [t("Extreme tachycardia above"), BPM],
    asystole_s: [t("Asystole: no beat for"), SECONDS],
    pause_s: [t("Pause: no beat for"), SECONDS],
    delay_s: [t("Heart rate beyond its limit for"), SECONDS, true],
    hysteresis_bpm: [t("Alarm ends when the rate is back by"), BPM, true],
    limit_beats: [t("Heart rate averaged over"), BEATS, true],
    extreme_low_beats: [t("Extreme bradycardia averaged over"), BEATS, true],
    extreme_high_beats: [t("Extreme tachycardia averaged over"), BEATS, true],
    missed_beat_rr: [t("Missed beat: interval from"), t("× mean RR"), true],
  },
  ventricular: {
    vt_bpm: [t("Ventricular tachycardia above"), BPM],
    vt_beats: [t("Ventricular tachycardia: PVCs in a row"), BEATS],
    vt_sustained_s: [t("Sustained VT from"), SECONDS],
    pvc_per_min: [t("Frequent PVCs: more than"), t("per min")],
    r_on_t_qt: [t("R-on-T: PVC earlier than"), t("× QT"), true],
  },
  supraventricular: {
    svt_bpm: [t("SVT above"), BPM],
    svt_beats: [t("SVT: beats in a row"), BEATS],
    pac_run_bpm: [t("PAC run above"), BPM],
    pac_run_beats: [t("PAC run: PACs in a row"), BEATS],
    svt_onset: [t("SVT: sudden onset, interval below"), t("× mean RR"), true],
  },
  af: {
    min_s: [t("Shortest episode that is told"), SECONDS],
    on: [t("Begins at probability"), "", true],
    off: [t("Ends at probability"), "", true],
  },
  st: {
    st_mv: [t("ST away from its reference by"), "mV"],
    st_delay_s: [t("for at least"), SECONDS],
    st_reference_min: [t("Reference: median of the first"), "min", true],
  },
  conduction: {
    qrs_ms: [t("QRS wider than"), "ms"],
    qtc_ms: [t("QTc longer than"), "ms"],
    pr_ms: [t("PR longer than"), "ms"],
    qrs_rise_ms: [t("QRS wider than the patient’s own by"), "ms", true],
    interval_delay_s: [t("QRS and PR beyond their limits for"), SECONDS, true],
    qtc_delay_s: [t("QTc beyond its limit for"), SECONDS, true],
  },
  pacing: {
    paced: [t("Pacemaker"), ""],
    silence_rr: [t("No beat for"), t("× mean RR"), true],
  },
  vf: {
    seconds: [t("Lasts for"), SECONDS, true],
    on: [t("Begins at probability"), "", true],
    off: [t("Ends at probability"), "", true],
  },
  noise: {
    poor_s: [t("Analysis suspended when the signal was poor for"), SECONDS],
    window_s: [t("within the last"), SECONDS],
  },
};

/** @type {Record<string, string>} */
const SECTIONS = {
  rate: t("Heart rate and pauses"),
  ventricular: t("Ventricular beats"),
  supraventricular: t("Supraventricular beats"),
  af: t("Atrial fibrillation"),
  st: t("ST segment"),
  conduction: t("QRS, QT and PR"),
  pacing: t("Pacing"),
  vf: t("Ventricular fibrillation"),
  noise: t("Noisy signal"),
};

/** @type {Record<string, string>} */
const CATEGORIES = { adult: t("Adult"), paediatric: t("Paediatric"), neonatal: t("Neonatal") };

/** @type {Record<string, string>} */
const LEVELS = {
  high: t("high"), medium: t("medium"), low: t("low"), technical: t("technical"), off: t("off"),
};

/** @type {Record<string, string>} */
const CHOICES = { auto: t("as its pulses tell"), yes: t("yes"), no: t("no") };

/**
 * @param {string} choice
 * @returns {string}
 */
export function choiceName(choice) {
  return CHOICES[choice] ?? choice;
}

/**
 * @param {string} category
 * @returns {string}
 */
export function categoryName(category) {
  return CATEGORIES[category] ?? category;
}

/**
 * @param {string} level
 * @returns {string}
 */
export function levelName(level) {
  return LEVELS[level] ?? level;
}

/**
 * @param {string} section
 * @returns {string}
 */
export function sectionName(section) {
  return SECTIONS[section] ?? spelled(section);
}

/**
 * Name, unit and place of a limit; one that has no words yet is spelled out.
 * @param {string} section
 * @param {string} key
 * @returns {{name: string, unit: string, fine: boolean}}
 */
export function limitWords(section, key) {
  const [name, unit, fine] = LIMITS[section]?.[key] ?? [spelled(key), "", true];
  return { name, unit, fine: fine === true };
}

/**
 * Keys of a section as an editor shows them: those that have words first, in their order.
 * @param {string} section
 * @param {string[]} keys
 * @returns {string[]}
 */
export function inOrder(section, keys) {
  const known = Object.keys(LIMITS[section] ?? {}).filter((key) => keys.includes(key));
  return [...known, ...keys.filter((key) => !known.includes(key))];
}

/**
 * A value with its unit.
 * @param {string} section
 * @param {string} key
 * @param {LimitValue} value
 * @returns {string}
 */
export function limitText(section, key, value) {
  if (typeof value === "string") return choiceName(value);
  return `${number(value, 2)} ${limitWords(section, key).unit}`.trim();
}

/**
 * @param {string} name
 * @returns {string}
 */
function spelled(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
