// Reads the past of a bed from the dashboard (see dashboard/answers/history.py).

import { t } from "../base/i18n.js";

/** What was asked for is not there: not any more, or not yet. */
export class NotThere extends Error {}

/**
 * Address of something of the past: `address("bed-1", "evidence", { id })`.
 * @param {string} device
 * @param {string} what
 * @param {Attributes} query
 * @returns {string}
 */
export function address(device, what, query = {}) {
  return `/history/${encodeURIComponent(device)}/${what}?${new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
}

/**
 * Fetch something of the past; throws an error whose message is for the user.
 * @param {string} device
 * @param {string} what
 * @param {Attributes} query
 * @returns {Promise<any>}
 */
export function look(device, what, query = {}) {
  return read(address(device, what, query));
}

/** @type {Map<string, Promise<any>>} answers that were asked for before the page is drawn */
const early = new Map();

/**
 * Ask for something that the page is about to read: the first `read` of its address takes the answer.
 * @param {string} from address
 */
export function askAhead(from) {
  const answer = fetched(from);
  answer.catch(() => undefined); // whoever takes it is told
  early.set(from, answer);
}

/** What nobody took is forgotten: later readers ask anew. */
export function forgetAhead() {
  early.clear();
}

/**
 * Fetch what the dashboard answers with JSON; throws an error whose message is for the user.
 * @param {string} from address
 * @returns {Promise<any>}
 */
export function read(from) {
  const asked = early.get(from);
  early.delete(from);
  return asked ?? fetched(from);
}

/**
 * @param {string} from address
 * @returns {Promise<any>}
 */
async function fetched(from) {
  let answer;
  try {
    answer = await fetch(from);
  } catch (error) {
    console.info(from, error);
    throw new Error(t("the dashboard cannot be reached"), { cause: error });
  }
  if (answer.status === 401) throw new Error(t("your session has ended, open a new sign-in link"));
  const fields = await answer.json();
  if (answer.status === 404) throw new NotThere(t(fields.error));
  if (!answer.ok) throw new Error(t(fields.error));
  return fields;
}

/**
 * Call `task` now and again and again; a call that fails is told to `fail`, and tried again.
 * Returns how to stop, and how to call it at once. A task asks `isNewest` before it shows an answer:
 * false once something has been asked for later, or the loop has been stopped.
 * @param {(isNewest: () => boolean) => Promise<void>} task
 * @param {(error: Error) => void} fail
 * @param {() => number} everyMs
 * @returns {Loop}
 */
export function repeat(task, fail, everyMs) {
  /** @type {Timer | undefined} */
  let timer;
  let stopped = false;
  let turn = 0;
  async function run() {
    clearTimeout(timer);
    const mine = ++turn;
    const isNewest = () => !stopped && mine === turn;
    try {
      await task(isNewest);
    } catch (error) {
      if (isNewest()) fail(/** @type {Error} */ (error));
    }
    if (isNewest()) timer = setTimeout(run, everyMs());
  }
  void run();
  return { now: run, stop: () => { stopped = true; clearTimeout(timer); } };
}
