// Names of alarm limits for people.

import { number, t } from "./i18n.js";
import { LIMITS } from "./vocabulary.js";

const CATEGORIES = { adult: t("Adult"), paediatric: t("Paediatric"), neonatal: t("Neonatal") };

const LEVELS = {
  high: t("high"), medium: t("medium"), low: t("low"), technical: t("technical"), off: t("off"),
};

export function choiceName(section, key, choice) {
  return LIMITS[section]?.limits[key]?.choices[choice] ?? choice;
}

export function categoryName(category) {
  return CATEGORIES[category] ?? category;
}

export function levelName(level) {
  return LEVELS[level] ?? level;
}

export function sectionName(section) {
  return LIMITS[section]?.name ?? spelled(section);
}

/** Name, unit and place of a limit; one that has no words yet is spelled out. */
export function limitWords(section, key) {
  return LIMITS[section]?.limits[key] ?? { name: spelled(key), unit: "", fine: true };
}

/** Keys of a section as an editor shows them: those that have words first, in their order. */
export function inOrder(section, keys) {
  const known = Object.keys(LIMITS[section]?.limits ?? {}).filter((key) => keys.includes(key));
  return [...known, ...keys.filter((key) => !known.includes(key))];
}

/** A value with its unit. */
export function limitText(section, key, value) {
  if (typeof value === "string") return choiceName(section, key, value);
  return `${number(value, 2)} ${limitWords(section, key).unit}`.trim();
}

function spelled(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
