// What the audit trail of a bed says, in words.

import { make } from "../base/dom.js";
import { LOCALE, t } from "../base/i18n.js";
import { categoryName, levelName, limitText, limitWords, sectionName } from "../base/limitwords.js";
import { alarmName } from "../base/words.js";

const clock = new Intl.DateTimeFormat(LOCALE, {
  day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** Day and time of a Unix time in s. */
export function dayAndTime(seconds) {
  return clock.format(seconds * 1000);
}

/** The name shown for a bed's patient; a bed whose patient was discharged says that it is empty. */
export function patientText(info) {
  if (info.discharged) return t("No patient");
  const { category = "", patient } = info;
  return category === "" || category === "adult" ? patient : `${patient} · ${categoryName(category)}`;
}

/** The link from a bed to the page of its patient. */
export function patientLink(device) {
  return make("a.patient-link", { href: `/bed/${encodeURIComponent(device)}/patient` }, t("Patient and limits"));
}

/** One changed field: {name, old, new}; `rules` has the defaults of `category`. */
export function changeText({ field, old, new: now }, rules, category) {
  const [head, section, key] = field.split(".");
  if (head === "limits") {
    const fallback = rules.defaults[category]?.[section]?.[key];
    const text = (value) => (value === null ? defaultText(fallback, section, key)
      : limitText(section, key, value));
    const { name } = limitWords(section, key);
    return { name: `${sectionName(section)}: ${name}`, old: text(old), new: text(now) };
  }
  if (head === "alarms") {
    const text = (level) => (level === null
      ? t("default ({value})", { value: levelName(rules.alarms[section]) }) : levelName(level));
    return { name: alarmName(section), old: text(old), new: text(now) };
  }
  const name = { name: t("Name"), category: t("Category"), patient: t("Patient number") }[field];
  const text = (value) => (field === "category" && value !== null ? categoryName(value) : value ?? "–");
  return name === undefined ? null : { name, old: text(old), new: text(now) };
}

function defaultText(fallback, section, key) {
  return fallback === undefined ? t("default")
    : t("default ({value})", { value: limitText(section, key, fallback) });
}

/** What an entry of the trail tells. */
export function entryText(entry) {
  switch (entry.what) {
    case "admitted": return t("Admitted {patient}", { patient: entry.patient });
    case "changed": return t("Changed");
    case "discharged": return t("Discharged {patient}", { patient: entry.patient });
    case "leaving": return t("Transfer to {bed} begun", { bed: entry.other });
    case "arrived": return t("Came from {bed}", { bed: entry.other });
    case "left": return t("Transferred to {bed}", { bed: entry.other });
    case "stayed": return t("Transfer to {bed} not made: the bed is taken", { bed: entry.other });
    case "noted": return t("Note: {text}", { text: entry.text });
    case "applied": return t("Limits in force");
    default: return entry.what;
  }
}

/** The changes of an entry that people care about, as texts. */
export function entryDetails(entry, rules, category) {
  if (entry.what !== "changed") return [];
  return (entry.changes ?? []).map((change) => changeText(change, rules, category))
    .filter((change) => change !== null)
    .map((change) => `${change.name}: ${change.old} → ${change.new}`);
}
