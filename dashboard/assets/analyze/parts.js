// Parts that the reports share: sections, figures, tables.

import { make } from "../base/dom.js";
import { number, t } from "../base/i18n.js";
import { CLASSES } from "./words.js";

/**
 * @param {string} title
 * @param {HTMLElement[]} parts
 * @returns {HTMLElement}
 */
export function section(title, ...parts) {
  return make("section", {}, make("div.section-head", {}, make("h2", {}, title)), ...parts);
}

/**
 * A number with its name, and a link to where it was.
 * @param {string} name
 * @param {string} value
 * @param {HTMLElement | null} link
 * @returns {HTMLElement}
 */
export function figure(name, value, link = null) {
  return make("div.card", {}, make("span", {}, name), make("strong", {}, value), ...link === null ? [] : [link]);
}

/**
 * @param {string[]} heads empty: none
 * @param {(string | HTMLElement)[][]} rows the first cell of each is its name
 * @returns {HTMLElement}
 */
export function table(heads, rows) {
  return make("div.scroll", {}, make("table", {},
    ...heads.length === 0 ? [] : [make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head))))],
    make("tbody", {}, ...rows.map(([name, ...cells]) => make("tr", {},
      make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)))))));
}

/**
 * @param {Confusion} confusion counts by reference and by what was found
 * @returns {HTMLElement}
 */
export function confusionTable(confusion) {
  const all = Object.keys(Object.values(confusion)[0] ?? {});
  const rows = Object.entries(confusion).filter(([, cells]) => Object.values(cells).some((n) => n > 0));
  const columns = all.filter((column) => rows.some(([, cells]) => cells[column] > 0));
  const made = table(["", ...columns.map(className)], rows.map(([row, cells]) => [
    className(row), ...columns.map((column) => number(cells[column]))]));
  made.classList.add("confusion");
  return made;
}

/**
 * @param {string} label
 * @returns {string}
 */
export function className(label) {
  const name = CLASSES[label]?.();
  if (name === undefined) return label === "-" ? t("not scored") : label;
  return label.length === 1 ? `${label} ${name}` : name;
}
