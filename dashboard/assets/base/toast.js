// A few words about what has just been done or could not be: over the page, so that nothing moves.

import { make, setText } from "./dom.js";
import { t } from "./i18n.js";

const TOLD_MS = 8000;

const element = make("p.toast", { role: "status", "aria-live": "polite" });
/** @type {Timer | undefined} */
let telling;
document.body.append(element);

/**
 * Show what went wrong.
 * @param {string} error
 */
export function say(error) {
  tell(t("Not done: {error}", { error }));
}

/**
 * Show words for a while.
 * @param {string} text
 */
export function tell(text) {
  setText(element, text);
  clearTimeout(telling);
  telling = setTimeout(() => setText(element, ""), TOLD_MS);
}
