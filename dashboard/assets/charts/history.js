// Reads the past of a bed from the dashboard (see dashboard/answers/history.py).

import { t } from "../base/i18n.js";

/** Address of something of the past: `address("bed-1", "evidence", { id })`. */
export function address(device, what, query = {}) {
  return `/history/${encodeURIComponent(device)}/${what}?${new URLSearchParams(query)}`;
}

/** Fetch something of the past; throws an error whose message is for the user. */
export async function look(device, what, query = {}) {
  let answer;
  try {
    answer = await fetch(address(device, what, query));
  } catch (error) {
    console.info(what, error);
    throw new Error(t("the dashboard cannot be reached"));
  }
  if (answer.status === 401) throw new Error(t("your session has ended, open a new sign-in link"));
  const fields = await answer.json();
  if (!answer.ok) throw new Error(t(fields.error));
  return fields;
}

/**
 * Call `task` now and again and again; a call that fails is told to `fail`, and tried again.
 * Returns how to stop, and how to call it at once.
 */
export function repeat(task, fail, everyMs) {
  let timer = null;
  let stopped = false;
  let turn = 0;
  async function run() {
    clearTimeout(timer);
    const mine = ++turn;
    try {
      await task();
    } catch (error) {
      if (!stopped && mine === turn) fail(error);
    }
    if (!stopped && mine === turn) timer = setTimeout(run, everyMs());
  }
  run();
  return { now: run, stop: () => { stopped = true; clearTimeout(timer); } };
}
