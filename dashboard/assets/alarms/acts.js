// What a person does, posted to the dashboard (see dashboard/answers/handling.py).

import { t } from "../base/i18n.js";
import { send } from "../session/posting.js";

export const PAUSE_S = 120;
/** For how long after an act its button takes no press: a second one was meant for the first, ms. */
export const BUSY_MS = 1000; // the hub tells the outcome sooner than that

/**
 * The alarms that somebody acts on, as they are shown: identity and priority.
 * @param {Pick<Alarm, "id" | "priority">[]} alarms
 * @returns {Record<string, Priority>}
 */
export function seen(alarms) {
  return Object.fromEntries(alarms.map(({ id, priority }) => [id, priority]));
}

/**
 * Post an act; returns null, or what went wrong in words.
 * @param {string} address
 * @param {object} fields
 * @returns {Promise<string | null>}
 */
export async function post(address, fields) {
  return (await postFor(address, fields)).error;
}

/**
 * Post an act; returns what the dashboard answered, and null or what went wrong in words.
 * @param {string} address
 * @param {object} fields
 * @returns {Promise<{ error: string | null, answer: any }>}
 */
export async function postFor(address, fields) {
  try {
    const answer = await send(address, fields);
    if (answer.status === 401) return { error: t("your session has ended, open a new sign-in link"), answer: {} };
    const said = await answer.json();
    return answer.ok ? { error: null, answer: said } : { error: said.error, answer: {} };
  } catch (error) {
    console.info(address, error);
    return { error: t("the dashboard cannot be reached"), answer: {} };
  }
}

/**
 * Acknowledge alarms as they are shown. One that ended before the press came to the dashboard takes
 * none: where there was no other, that is said.
 * @param {Alarm[]} alarms
 * @returns {Promise<{ error: string | null, reached: Alarm[] }>}
 */
export async function acknowledge(alarms) {
  const { error, answer } = await postFor("/alerts/acknowledge", { seen: seen(alarms) });
  if (error !== null) return { error, reached: [] };
  const reached = alarms.filter(({ id }) => !answer.unknown.includes(id));
  return { error: reached.length === 0 ? t("the alarm is over already") : null, reached };
}
