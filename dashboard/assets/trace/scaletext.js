// Speed and gain of the traces on the page, as they stand on a printed strip: by what is drawn, since a
// low trace is drawn at half the gain.

import { display } from "../base/display.js";
import { ltr, number } from "../base/i18n.js";

/**
 * What stands at the foot of the page; "" where there is no trace.
 * @param {ParentNode} place
 * @returns {string}
 */
export function scaleText(place) {
  /** @type {NodeListOf<HTMLElement>} */
  const traces = place.querySelectorAll(".trace[data-mm-per-mv]");
  return traces.length === 0 ? "" : scaleWords(display().speed, [...traces].map(
    ({ dataset }) => Number(dataset.mmPerMv)));
}

/**
 * "25 mm/s · 10 mm/mV", or "25 mm/s · 5, 10 mm/mV" where traces differ.
 * @param {number} speed mm/s
 * @param {number[]} gains mm/mV of each trace
 * @returns {string}
 */
export function scaleWords(speed, gains) {
  const drawn = [...new Set(gains)].sort((a, b) => a - b).map((gain) => number(gain, 1));
  return ltr(`${number(speed, 2)} mm/s · ${drawn.join(", ")} mm/mV`);
}
