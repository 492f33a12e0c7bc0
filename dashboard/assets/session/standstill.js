// While an act is on its way: what it was made of stands still, and it is not done a second time.

import { find, focused, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";

const TOLD_AFTER_MS = 400; // most answers come sooner: a text that only flashes is no news

/** @param {Event} event */
function refuse(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/**
 * Do something, and keep `place` from being edited or pressed until its outcome is there. An element
 * `.waiting` of the place says so if it takes a while. The focus stays, or waits at the button that
 * submits. Resolves to what `act` resolves to; to undefined, with nothing done, if something of this
 * place is on its way already.
 * @template Outcome
 * @param {HTMLElement} place
 * @param {() => Promise<Outcome>} act
 * @returns {Promise<Outcome | undefined>}
 */
export async function standStill(place, act) {
  if (place.getAttribute("aria-busy") === "true") return undefined;
  /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>} */
  const fields = place.querySelectorAll(":is(input, select, textarea):enabled");
  const buttons = place.querySelectorAll("button:not([aria-disabled=true])");
  const held = [...fields].find((field) => field === focused());
  const waiting = find(place, ".waiting");
  if (held !== undefined) find(place, "button[type=submit]")?.focus();
  place.setAttribute("aria-busy", "true");
  for (const field of fields) field.disabled = true;
  for (const button of buttons) button.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
  for (const kind of ["click", "submit"]) place.addEventListener(kind, refuse, { capture: true });
  const telling = setTimeout(() => { if (waiting !== null) setText(waiting, t("One moment …")); }, TOLD_AFTER_MS);
  try {
    return await act();
  } finally {
    clearTimeout(telling);
    if (waiting !== null) setText(waiting, "");
    for (const kind of ["click", "submit"]) place.removeEventListener(kind, refuse, { capture: true });
    for (const field of fields) field.disabled = false;
    for (const button of buttons) button.removeAttribute("aria-disabled");
    place.removeAttribute("aria-busy");
    if (held?.isConnected && place.contains(focused())) held.focus();
  }
}
