// Speed and gain of the traces on the page, as they stand on a printed strip: by what is drawn, which
// may be what fits.

import { ltr, number } from "../base/i18n.js";

/**
 * What stands at the foot of the page; "" where there is no trace.
 * @param {ParentNode} place
 * @returns {string}
 */
export function scaleText(place) {
  /** @type {NodeListOf<HTMLElement>} */
  const traces = place.querySelectorAll(".trace[data-mm-per-mv]");
  const drawn = [...traces].map(({ dataset }) => dataset);
  return drawn.length === 0 ? "" : scaleWords(
    drawn.map(({ mmPerS }) => Number(mmPerS)), drawn.map(({ mmPerMv }) => Number(mmPerMv)));
}

/**
 * "25 mm/s · 10 mm/mV", or "25 mm/s · 5, 10 mm/mV" where traces differ.
 * @param {number[]} speeds mm/s of each trace
 * @param {number[]} gains mm/mV of each trace
 * @returns {string}
 */
export function scaleWords(speeds, gains) {
  return ltr(`${listed(speeds)} mm/s · ${listed(gains)} mm/mV`);
}

/**
 * @param {number[]} values
 * @returns {string}
 */
function listed(values) {
  return [...new Set(values)].sort((a, b) => a - b).map((value) => number(value, 2)).join(", ");
}
