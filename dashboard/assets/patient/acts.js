// Asking the dashboard about a patient, and telling it what to do (see dashboard/answers/patients.py).

import { t } from "../base/i18n.js";
import { send } from "../session/posting.js";

/**
 * GET; returns {answer} or {error}, in words.
 * @param {string} device
 * @returns {Promise<Answer>}
 */
export function read(device) {
  return answered(() => fetch(`/patients/${encodeURIComponent(device)}`, { cache: "no-store" }));
}

/**
 * POST; returns {answer} or {error}, in words.
 * @param {string} what
 * @param {object} fields
 * @returns {Promise<Answer>}
 */
export function act(what, fields) {
  return answered(() => send(`/patients/${what}`, fields));
}

/**
 * Do what a form asks for. Until it is done, and shown, nothing on the page can be edited: it would
 * be an edit of what is about to be replaced.
 * @param {HTMLElement} form
 * @param {() => Promise<void>} work
 */
export async function holding(form, work) {
  const held = form.closest("div.patient-content");
  const focused = document.activeElement;
  held?.toggleAttribute("inert", true);
  try {
    await work();
  } finally {
    held?.toggleAttribute("inert", false);
    // What is inert loses the focus. Where the form still stands something was wrong with it.
    if (focused instanceof HTMLElement && form.contains(focused)) focused.focus();
  }
}

/**
 * @param {() => Promise<Response>} ask
 * @returns {Promise<Answer>}
 */
async function answered(ask) {
  try {
    const answer = await ask();
    if (answer.status === 401) return { error: t("your session has ended, open a new sign-in link") };
    const said = await answer.json();
    return answer.ok ? { answer: said } : { error: said.error };
  } catch (error) {
    console.info("patients:", error);
    return { error: t("the dashboard cannot be reached") };
  }
}
