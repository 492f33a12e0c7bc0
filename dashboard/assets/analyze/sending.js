// Sends a file in pieces: what is lost on the way is sent again, and a page can tell how far it is.

import { t } from "../base/i18n.js";
import { send, sendBytes } from "../session/posting.js";
import { zipped } from "./zipping.js";

const TRIES = 6;
const PAUSE_MS = 500;

/**
 * Files that belong together, as one: a header of WFDB and what lies beside it make a zip.
 * @param {File[]} files
 * @returns {Promise<{ name: string, content: Blob }[]>}
 */
export async function gathered(files) {
  const header = files.find(({ name }) => name.toLowerCase().endsWith(".hea"));
  if (header === undefined || files.length === 1) {
    return files.map((file) => ({ name: file.name, content: file }));
  }
  return [{ name: header.name.replace(/\.hea$/i, ".zip"), content: await zipped(files) }];
}

/**
 * Send a file; resolves to the id of what has come in. Throws an error whose message is for the user.
 * @param {string} name
 * @param {Blob} content
 * @param {number} piece bytes at a time
 * @param {(share: number) => void} progress
 * @param {AbortSignal} signal ends it; what has come in is dropped
 * @param {number} pauseMs before a piece is sent again, longer each time
 * @returns {Promise<string>}
 */
export async function sendFile(name, content, piece, progress, signal, pauseMs = PAUSE_MS) {
  const { upload } = await told(await reach(() => send("/studies/begin", { name, size: content.size })));
  try {
    for (let at = 0; at < content.size; at += piece) {
      const part = content.slice(at, at + piece);
      const address = `/studies/piece?upload=${upload}&at=${at}`;
      await told(await again(() => sendBytes(address, part), signal, pauseMs));
      progress(Math.min(1, (at + piece) / content.size));
    }
  } catch (error) {
    send("/studies/remove", { job: upload }).catch((why) => console.info(why));
    throw error;
  }
  return upload;
}

/**
 * POST a map; returns the answer's fields. Throws an error whose message is for the user.
 * @param {string} what
 * @param {object} fields
 * @returns {Promise<any>}
 */
export async function act(what, fields) {
  return told(await reach(() => send(`/studies/${what}`, fields)));
}

/**
 * @param {() => Promise<Response>} ask
 * @param {AbortSignal} signal
 * @param {number} pauseMs
 * @returns {Promise<Response>}
 */
async function again(ask, signal, pauseMs) {
  for (let turn = 1; ; turn++) {
    signal.throwIfAborted();
    try {
      const answer = await ask();
      if (answer.status < 500 || turn === TRIES) return answer;
    } catch (error) {
      if (turn === TRIES) throw new Error(t("the dashboard cannot be reached"), { cause: error });
    }
    await new Promise((resolve) => { setTimeout(resolve, pauseMs * turn); });
  }
}

/**
 * @param {() => Promise<Response>} ask
 * @returns {Promise<Response>}
 */
async function reach(ask) {
  try {
    return await ask();
  } catch (error) {
    throw new Error(t("the dashboard cannot be reached"), { cause: error });
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<any>}
 */
async function told(answer) {
  if (answer.status === 401) throw new Error(t("your session has ended, open a new sign-in link"));
  const fields = await answer.json();
  if (!answer.ok) throw new Error(t(fields.error));
  return fields;
}
