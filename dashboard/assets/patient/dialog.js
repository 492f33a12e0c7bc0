// A dialog that asks before something is done, and shows what it would change.

import { make, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { say } from "../base/toast.js";
import { standStill } from "../session/standstill.js";

/**
 * Ask; `lines` are elements that say what would happen, `act` does it and returns what went wrong
 * in words, or null. After `wait_s` without a key the dialog goes. Resolves to whether it was done,
 * also where the dialog was closed while the act was on its way.
 * @param {string} title
 * @param {HTMLElement[]} lines
 * @param {string} doIt
 * @param {() => Promise<string | null>} act
 * @param {number} [wait_s]
 * @returns {Promise<boolean>}
 */
export function confirm(title, lines, doIt, act, wait_s = Infinity) {
  const error = make("p.problem", { role: "alert" });
  const yes = make("button.primary", { type: "submit" }, doIt);
  const no = make("button", { type: "button" }, t("Cancel"));
  const form = make("form", { method: "dialog" },
    make("h2", { id: "patient-dialog-title" }, title), ...lines, error,
    make("menu", {}, make("span.waiting", { role: "status" }), no, yes));
  const dialog = make("dialog.patient-dialog", { "aria-labelledby": "patient-dialog-title" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let done = false;
    /** @type {Promise<string | null | undefined> | null} */
    let acting = null;
    /** @type {Timer | undefined} */
    let waiting;
    // Others look at the page meanwhile: what is behind a dialog that nobody meant stays bright.
    if (wait_s < Infinity) dialog.classList.add("aside");
    const wait = () => {
      clearTimeout(waiting);
      if (wait_s < Infinity) waiting = setTimeout(() => dialog.close(), wait_s * 1000);
    };
    dialog.addEventListener("input", wait);
    wait();
    no.addEventListener("click", () => dialog.close());
    // What has been sent is not taken back by Escape; a browser may close the dialog all the same.
    dialog.addEventListener("cancel", (event) => { if (acting !== null) event.preventDefault(); });
    dialog.addEventListener("close", () => {
      clearTimeout(waiting);
      dialog.remove();
      resolve(acting === null ? done : acting.then((wrong) => wrong === null));
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clearTimeout(waiting);
      acting = standStill(form, act);
      const wrong = await acting.finally(() => { acting = null; });
      done = wrong === null;
      if (done) {
        dialog.close();
      } else if (dialog.open) {
        setText(error, wrong ?? "");
        wait();
      } else {
        say(wrong ?? "");
      }
    });
    dialog.showModal();
  });
}
