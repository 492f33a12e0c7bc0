// Atrial fibrillation burden of a bed: its share of the last hour and of the last day.

import { make } from "../base/dom.js";
import { look, repeat } from "../charts/history.js";
import { measure, number, t } from "../base/i18n.js";

const EVERY_MS = 60_000;
const SPANS = [["hour", t("Last hour")], ["day", t("Last 24 h")]];

/**
 * Keep `place` up to date; returns how to stop.
 * @param {HTMLElement} place
 * @param {string} device
 * @returns {() => void}
 */
export function showBurden(place, device) {
  const loop = repeat(async (isNewest) => {
    const found = await look(device, "burden");
    if (isNewest()) place.replaceChildren(...drawn(found));
  }, (error) => place.replaceChildren(heading(), make("p.note", {}, error.message)), () => EVERY_MS);
  return () => loop.stop();
}

function heading() {
  return make("h3", {}, t("Atrial fibrillation burden"));
}

/**
 * @param {Record<string, Burden>} found
 * @returns {HTMLElement[]}
 */
function drawn(found) {
  const rows = SPANS.map(([name, text]) => {
    const { percent, monitored_s: monitored } = found[name];
    return make("tr", {},
      make("th", { scope: "row" }, text),
      make("td", {}, percent === null ? "–" : measure(percent, "%", 1)),
      make("td.note", {}, t("of {n} min monitored", { n: number(Math.round(monitored / 60)) })));
  });
  return [heading(), make("table", {}, make("tbody", {}, ...rows))];
}
