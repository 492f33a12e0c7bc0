// What the audit trail of a bed says, in words.

import { make } from "../base/dom.js";
import { t, isolate } from "../base/i18n.js";
import { categoryName, levelName, limitText, limitWords, sectionName } from "./limitwords.js";
import { alarmName } from "../base/words.js";

/**
 * The name shown for a bed's patient; a bed whose patient was discharged says that it is empty.
 * @param {Pick<BedInfo, "patient" | "category" | "discharged">} info
 * @returns {string}
 */
export function patientText(info) {
  if (info.discharged) return t("No patient");
  const { category = "", patient } = info;
  return category === "" || category === "adult" ? patient : `${isolate(patient)} · ${categoryName(category)}`;
}

/**
 * The link from a bed to the page of its patient.
 * @param {string} device
 * @returns {HTMLElement}
 */
export function patientLink(device) {
  return make("a.patient-link", { href: `/bed/${encodeURIComponent(device)}/patient` }, t("Patient and limits"));
}

/**
 * The link from a bed to the notes on its patient.
 * @param {string} device
 * @returns {HTMLElement}
 */
export function notesLink(device) {
  return make("a.patient-link", { href: `/bed/${encodeURIComponent(device)}/patient#notes` }, t("Notes"));
}

/**
 * The link from a bed to what was recorded of it.
 * @param {string} device
 * @returns {HTMLElement}
 */
export function reviewLink(device) {
  return make("a.patient-link", { href: reviewAddress(device) }, t("Review"));
}

/**
 * Address of the page that shows what was recorded of a bed, at its end or at a Unix time.
 * @param {string} device
 * @param {number | null} at
 * @returns {string}
 */
export function reviewAddress(device, at = null) {
  return `/review/${encodeURIComponent(device)}${at === null ? "" : `?at=${at.toFixed(1)}`}`;
}

/**
 * The link from a bed to its resting ECG.
 * @param {string} device
 * @returns {HTMLElement}
 */
export function twelveLink(device) {
  return make("a.patient-link", { href: `/twelve/${encodeURIComponent(device)}` }, t("Twelve leads"));
}

/**
 * One changed field: {name, old, new}; `rules` has the defaults of `category`.
 * @param {Change} change
 * @param {LimitRules} rules
 * @param {string} category
 * @returns {{name: string, old: string, new: string} | null}
 */
export function changeText({ field, old, new: now }, rules, category) {
  const [head, section, key] = field.split(".");
  if (head === "limits") {
    const fallback = rules.defaults[category]?.[section]?.[key];
    /** @param {LimitValue | null} value */
    const text = (value) => (value === null ? defaultText(fallback, section, key)
      : limitText(section, key, value));
    const { name } = limitWords(section, key);
    return { name: `${sectionName(section)}: ${name}`, old: text(old), new: text(now) };
  }
  if (head === "alarms") {
    /** @param {LimitValue | null} level */
    const text = (level) => (level === null
      ? t("default ({value})", { value: levelName(rules.alarms[section]) }) : levelName(String(level)));
    return { name: alarmName(section), old: text(old), new: text(now) };
  }
  const name = { name: t("Name"), category: t("Category"), patient: t("Patient number"),
    label: t("Name of the bed"), place: t("Place on the wall") }[field];
  /** @param {LimitValue | null} value */
  const text = (value) => (value === null ? "–"
    : field === "category" ? categoryName(String(value)) : String(value));
  return name === undefined ? null : { name, old: text(old), new: text(now) };
}

/**
 * @param {LimitValue | undefined} fallback
 * @param {string} section
 * @param {string} key
 * @returns {string}
 */
function defaultText(fallback, section, key) {
  return fallback === undefined ? t("default")
    : t("default ({value})", { value: limitText(section, key, fallback) });
}

/**
 * What an entry of the trail tells.
 * @param {TrailEntry} entry
 * @returns {string}
 */
export function entryText({ what, patient = "", other = "", text = "" }) {
  switch (what) {
    case "admitted": return t("Admitted {patient}", { patient });
    case "changed": return t("Changed");
    case "named": return t("Bed named");
    case "removed": return t("Device removed");
    case "discharged": return t("Discharged {patient}", { patient });
    case "leaving": return t("Transfer to {bed} begun", { bed: other });
    case "arrived": return t("Came from {bed}", { bed: other });
    case "left": return t("Transferred to {bed}", { bed: other });
    case "stayed": return t("Transfer to {bed} not made: the bed is taken", { bed: other });
    case "noted": return t("Note: {text}", { text });
    case "applied": return t("Limits in force");
    default: return what;
  }
}

/**
 * The changes of an entry that people care about, as texts.
 * @param {TrailEntry} entry
 * @param {LimitRules} rules
 * @param {string} category
 * @returns {string[]}
 */
export function entryDetails(entry, rules, category) {
  if (!["changed", "named", "admitted", "arrived"].includes(entry.what)) return [];
  // Who comes to a bed ends its own limits.
  /** @param {Change} change */
  const ended = ({ field, old }) => old !== null && /^(limits|alarms)\./.test(field);
  const changes = (entry.changes ?? []).filter((one) => ["changed", "named"].includes(entry.what) || ended(one));
  return changes.map((change) => changeText(change, rules, category))
    .filter((change) => change !== null)
    .map((change) => `${change.name}: ${change.old} → ${change.new}`);
}
