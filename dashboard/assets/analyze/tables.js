// What was found in a table that has a beat a row: scores, classes, a confusion matrix.

import { make } from "../base/dom.js";
import { ltr, number, t } from "../base/i18n.js";
import { Paged } from "../charts/paged.js";
import { drawUnusual } from "./figures.js";
import { className, confusionTable, figure, section } from "./parts.js";
import { percent } from "./words.js";

/**
 * @param {TableStudy} study
 * @returns {HTMLElement[]}
 */
export function tableReport(study) {
  const { beats, counts, confusion, samples } = study;
  const cards = [
    figure(t("Beats"), number(beats)), figure(t("Samples of a beat"), number(samples)),
    ...Object.entries(counts).map(([label, n]) => figure(className(label), ltr(`${number(n)} · ${percent(n / beats)}`))),
  ];
  return [
    make("div.cards", {}, ...cards),
    ...confusion === null ? [] : [section(t("Class in the table (rows) and class found (columns)"), confusionTable(confusion))],
    section(t("Most unusual beats"), make("div.shapes", {}, ...study.unusual.map((beat) => make("figure", {},
      make("figcaption", {}, `${t("Row {n}", { n: beat.row })} · ${className(beat.label)}`,
        make("span.count", {}, score(beat.score))),
      drawUnusual(beat, t("Beat of row {n}", { n: beat.row })))))),
    rows(study),
  ];
}

/**
 * @param {TableStudy} study
 * @returns {HTMLElement}
 */
function rows({ rows: all, beats, threshold, confusion }) {
  const body = make("tbody");
  const paged = new Paged(show);
  function show() {
    body.replaceChildren(...all.slice(0, paged.count).map((one) => {
      const row = make("tr", {}, make("td", {}, number(one.row)), make("td", {}, className(one.label)),
        make("td", {}, score(one.score)), ...confusion === null ? [] : [make("td", {}, className(one.reference ?? ""))]);
      if (one.score !== null && one.score >= threshold) row.dataset.unusual = "";
      return row;
    }));
    paged.update(all.length, beats);
  }
  show();
  const heads = [t("Row"), t("Class"), t("Score"), ...confusion === null ? [] : [t("In the table")]];
  return section(t("Beats"),
    make("p.note", {}, t("A beat whose score is {n} or more is unusual.", { n: number(threshold, 2) })),
    make("div.list", { tabindex: "0", role: "group", "aria-label": t("Beats") }, make("table", {},
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), body), paged.element));
}

/**
 * @param {number | null} value
 * @returns {string}
 */
function score(value) {
  return value === null ? "–" : number(value, 2, 2);
}
