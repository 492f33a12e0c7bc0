// The tab's title: an alarm is seen on a page that lies behind others.

import { bedsByUrgency, byUrgency, isOpen } from "../base/urgency.js";
import { SYMBOLS, alarmTitle } from "../base/words.js";

/**
 * "!!! Asystole, Bed 1 – Beds": the most urgent alarm that nobody has acknowledged, before the title.
 * @param {WardBed[]} beds
 * @param {string} title
 * @returns {string}
 */
export function titled(beds, title) {
  const [bed] = bedsByUrgency(beds);
  if (bed === undefined) return title;
  const [alarm] = bed.alarms.filter(isOpen).sort(byUrgency);
  return `${SYMBOLS[alarm.priority] ?? ""} ${alarmTitle(alarm)}, ${bed.label} – ${title}`.trim();
}

/**
 * Returns what keeps the title up to date; who gives the page another title is followed.
 * @returns {(beds: WardBed[]) => void}
 */
export function watchTitle() {
  let own = document.title;
  /** @type {string | null} */
  let shown = null;
  return (beds) => {
    if (document.title !== shown) own = document.title;
    shown = titled(beds, own);
    if (document.title !== shown) document.title = shown;
  };
}
