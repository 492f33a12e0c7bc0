// Asks what a table of text does not say: which columns are ECG, their unit, the sampling rate.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { confirm } from "../patient/dialog.js";

const UNITS = ["mV", "uV", "V"];

/**
 * Ask; `send` does what was answered and returns what went wrong, or null. Resolves to whether it
 * was done.
 * @param {string} name of the file
 * @param {TableQuestion} question
 * @param {(answer: TableAnswer) => Promise<string | null>} send
 * @returns {Promise<boolean>}
 */
export function choose(name, question, send) {
  const boxes = question.columns.map((column) => {
    const box = make("input", { type: "checkbox", value: column });
    box.checked = question.chosen.includes(column);
    return box;
  });
  const unit = make("select", {}, ...UNITS.map((one) => make("option", { value: one }, one.replace("u", "µ"))));
  unit.value = question.unit;
  const fs = make("input", { type: "number", min: "50", max: "2000", step: "any", inputmode: "decimal" });
  const heads = question.columns.map((column, i) => make("th", { scope: "col" },
    make("label", {}, boxes[i], make("bdi", {}, column))));
  const rows = question.rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  const lines = [
    make("p", {}, t("Which columns of {name} are ECG?", { name })),
    make("div.scroll", { tabindex: "0", role: "group", "aria-label": t("First rows of the file") },
      make("table.preview", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows))),
    make("label.field", {}, make("span", {}, t("Unit of the values")), unit),
  ];
  if (!question.has_time) {
    lines.push(make("label.field", {}, make("span", {}, t("Sampling rate, Hz")), fs));
  } else {
    lines.push(make("p.note", {}, t("The sampling rate follows from the times in the file.")));
  }
  return confirm(t("What is in this table?"), lines, t("Analyze"), () => {
    const answer = answered(question, boxes.filter((box) => box.checked).map((box) => box.value), unit.value, fs.value);
    return typeof answer === "string" ? Promise.resolve(answer) : send(answer);
  });
}

/**
 * What is sent, or what is missing in words.
 * @param {TableQuestion} question
 * @param {string[]} leads
 * @param {string} unit
 * @param {string} fs as it was typed
 * @returns {TableAnswer | string}
 */
export function answered({ has_time }, leads, unit, fs) {
  if (leads.length === 0) return t("Choose at least one column.");
  if (has_time) return { leads, unit, fs: null };
  const rate = Number(fs);
  if (!(rate >= 50 && rate <= 2000)) return t("Give the sampling rate: 50 to 2000 Hz.");
  return { leads, unit, fs: rate };
}

