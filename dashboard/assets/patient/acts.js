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
