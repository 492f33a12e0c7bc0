// Asks who is there before something is done, at a screen where nobody has done anything for long.

import { byId, make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { confirm } from "../patient/dialog.js";
import { field, sentence } from "./fields.js";
import { fits } from "./size.js";

const WAIT_S = 60; // without a key: whoever pressed by mistake has gone, and the wall is in view again

/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * Ask who is there; resolves to whether the session may act again. If it is somebody else than the
 * one who had signed in, the page is loaded anew as theirs, and nothing is done in their name.
 * @returns {Promise<boolean>}
 */
export function askWho() {
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

async function ask() {
  const { user = "" } = byId("shell").dataset;
  const name = make("input", { autocomplete: "username", required: "", maxlength: "64", value: user });
  const password = field(t("Password"), "current-password");
  password.input.setAttribute("autofocus", "");
  let same = false;
  const done = await confirm(t("Say who you are"), [
    make("p", {}, t("Nobody has done anything at this screen for a while.")),
    make("p", {}, t("It goes on watching; what you do is recorded under your name.")),
    make("label.field", {}, make("span", {}, t("User name")), name), password.label,
  ], t("Go on"), async () => {
    const said = await again(name.value, password.input.value);
    same = said.same === true;
    return said.error === undefined ? null : t(sentence(said.error));
  }, WAIT_S);
  if (done && !same) location.reload();
  return done && same;
}

/**
 * @param {string} name
 * @param {string} password
 * @returns {Promise<{same?: boolean, error?: string}>}
 */
async function again(name, password) {
  const body = JSON.stringify({ name, password });
  if (!fits(body)) return { error: t("the request is too large") };
  try {
    const answer = await fetch("/session/again", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    return answer.status === 401 ? { error: t("your session has ended, open a new sign-in link") }
      : await answer.json();
  } catch (error) {
    console.info("/session/again", error);
    return { error: t("the dashboard cannot be reached") };
  }
}
