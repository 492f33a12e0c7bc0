// Posts of our own pages. An idle session does nothing: who is there is asked, then it is done.

import { t } from "../base/i18n.js";
import { fits } from "./size.js";
import { askWho } from "./who.js";

/**
 * POST a map as JSON; returns the answer. Throws if the dashboard cannot be reached. What is larger
 * than the dashboard reads is not sent, and answered as the dashboard would.
 * @param {string} address
 * @param {object} fields
 * @param {() => Promise<boolean>} [ask] asks who is there; resolves to whether it may be done
 * @returns {Promise<Response>}
 */
export function send(address, fields, ask = askWho) {
  const text = JSON.stringify(fields);
  if (!fits(text)) {
    const said = JSON.stringify({ error: t("the request is too large") });
    return Promise.resolve(new Response(said, { status: 413 }));
  }
  return posted(address, "application/json", text, ask);
}

/**
 * POST bytes; returns the answer. Throws if the dashboard cannot be reached.
 * @param {string} address
 * @param {Blob} bytes
 * @param {() => Promise<boolean>} [ask] asks who is there; resolves to whether it may be done
 * @returns {Promise<Response>}
 */
export function sendBytes(address, bytes, ask = askWho) {
  return posted(address, "application/octet-stream", bytes, ask);
}

/**
 * @param {string} address
 * @param {string} type
 * @param {string | Blob} body
 * @param {() => Promise<boolean>} ask
 * @returns {Promise<Response>}
 */
async function posted(address, type, body, ask) {
  const options = { method: "POST", headers: { "Content-Type": type }, body };
  const answer = await fetch(address, options);
  if (answer.status !== 403) return answer;
  const { who } = await answer.clone().json();
  return who === true && await ask() ? fetch(address, options) : answer;
}
