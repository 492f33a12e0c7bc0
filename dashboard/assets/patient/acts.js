// Asking the dashboard about a patient, and telling it what to do (see dashboard/answers/patients.py).

import { t } from "../base/i18n.js";

/**
 * GET; returns {answer} or {error}, in words.
 * @param {string} device
 * @returns {Promise<Answer>}
 */
export function read(device) {
  return request(`/patients/${encodeURIComponent(device)}`, { cache: "no-store" });
}

/**
 * POST; returns {answer} or {error}, in words.
 * @param {string} what
 * @param {object} fields
 * @returns {Promise<Answer>}
 */
export function act(what, fields) {
  return request(`/patients/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
}

/**
 * @param {string} address
 * @param {RequestInit} options
 * @returns {Promise<Answer>}
 */
async function request(address, options) {
  try {
    const answer = await fetch(address, options);
    if (answer.status === 401) return { error: t("your session has ended, open a new sign-in link") };
    const said = await answer.json();
    return answer.ok ? { answer: said } : { error: said.error };
  } catch (error) {
    console.info(address, error);
    return { error: t("the dashboard cannot be reached") };
  }
}
