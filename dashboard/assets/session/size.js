// How much the dashboard reads of a request: it tells its pages, so that both know one number.

import { byId } from "../base/dom.js";

/**
 * Whether the dashboard would read all of a request's body. Of what is larger it would read nothing
 * and hang up, as if it could not be reached: such a request is refused here, in words.
 * @param {string} text
 * @returns {boolean}
 */
export function fits(text) {
  return new Blob([text]).size <= Number(byId("shell").dataset.mostBytes);
}
