// Names of alarm limits for people.

import { number, t } from "../base/i18n.js";
import { LIMITS } from "../base/vocabulary.js";

/** @type {Record<string, string>} */
const CATEGORIES = { adult: t("Adult"), paediatric: t("Paediatric"), neonatal: t("Neonatal") };

/** @type {Record<string, string>} */
const LEVELS = {
  high: t("high"), medium: t("medium"), low: t("low"), technical: t("technical"), off: t("off"),
};

/**
 * @param {string} section
 * @param {string} key
 * @param {string} choice
 * @returns {string}
 */
export function choiceName(section, key, choice) {
  return LIMITS[section]?.limits[key]?.choices?.[choice] ?? choice;
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
  return LIMITS[section]?.name ?? spelled(section);
}

/**
 * Name, unit and place of a limit; one that has no words yet is spelled out.
 * @param {string} section
 * @param {string} key
 * @returns {{name: string, unit: string, fine: boolean}}
 */
export function limitWords(section, key) {
  return LIMITS[section]?.limits[key] ?? { name: spelled(key), unit: "", fine: true };
}

/**
 * Keys of a section as an editor shows them: those that have words first, in their order.
 * @param {string} section
 * @param {string[]} keys
 * @returns {string[]}
 */
export function inOrder(section, keys) {
  const known = Object.keys(LIMITS[section]?.limits ?? {}).filter((key) => keys.includes(key));
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
  if (typeof value === "string") return choiceName(section, key, value);
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
