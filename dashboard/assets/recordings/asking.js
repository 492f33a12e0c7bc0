// What the review page asks the dashboard (see dashboard/answers/recorded/reading.py), also ahead of
// being drawn.

import { askAhead } from "../charts/history.js";
import { hourOf, momentOf } from "../review/moving.js";

/**
 * Address of something that was recorded of a bed.
 * @param {string} device
 * @param {string} what
 * @param {Attributes} query
 * @returns {string}
 */
export function recorded(device, what, query = {}) {
  const words = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return `/recorded/${encodeURIComponent(device)}/${what}${words.length > 0 ? `?${new URLSearchParams(words)}` : ""}`;
}

/**
 * What is asked about the strip that begins at a time.
 * @param {number} at Unix s
 * @returns {Attributes}
 */
export function stripQuery(at) {
  return { from: at.toFixed(3) };
}

/**
 * What a page of this address will ask for at once: of the present patient, and of the moment that it
 * names.
 * @param {Pick<Location, "pathname" | "search">} address
 * @returns {string[]}
 */
export function firstQuestions({ pathname, search }) {
  const device = decodeURIComponent(pathname.split("/")[2] ?? "");
  const first = [recorded(device, "spans"), recorded(device, "overview")];
  const at = momentOf(search);
  if (at === null) return first;
  const from = hourOf(at);
  return [...first, recorded(device, "strip", stripQuery(at)), recorded(device, "said", { from }),
    recorded(device, "hour", { from })];
}

/** Ask while the page is not drawn yet. */
export function ahead() {
  for (const one of firstQuestions(location)) askAhead(one);
}
