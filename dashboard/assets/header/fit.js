// Makes the header's line fit its window: what matters least goes first, nothing lies over anything.

import { setData } from "../base/dom.js";

const PHONE_WIDTH = 700; // there it takes several lines anyway
const LEVELS = ["", "figures", "figures words", "figures words brand", "figures words brand lines"];

/**
 * Give `header` the first of the levels at which nothing is cut, in `data-without`; the sheet
 * (header.css) says what each leaves out. It goes back when the window changes alone, so that counts
 * which come and go do not make the page below jump.
 * @param {HTMLElement} header
 * @returns {() => void}
 */
export function fitHeader(header) {
  let level = 0;
  /** @type {number | null} */
  let width = null;
  return () => {
    if (innerWidth !== width) level = innerWidth > PHONE_WIDTH ? 0 : LEVELS.length - 1;
    width = innerWidth;
    for (; ; level++) {
      setData(header, "without", LEVELS[level]);
      if (level === LEVELS.length - 1) return;
      // One pixel of the header is one pixel by which the whole page can be pushed aside.
      if (!isCut(header, 0) && ![...header.children].some((child) => isCut(child, 1))) return;
    }
  };
}

/**
 * @param {Element} box
 * @param {number} hair px that are forgiven: lengths are rounded
 * @returns {boolean}
 */
function isCut({ scrollWidth, clientWidth }, hair) {
  return scrollWidth > clientWidth + hair;
}
