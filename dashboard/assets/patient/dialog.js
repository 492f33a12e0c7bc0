// A dialog that asks before something is done, and shows what it would change.

import { make, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";

/**
 * Ask; `lines` are elements that say what would happen, `act` does it and returns what went wrong
 * in words, or null. After `wait_s` without a key the dialog goes. Resolves to whether it was done.
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
    make("h2", { id: "patient-dialog-title" }, title), ...lines, error, make("menu", {}, no, yes));
  const dialog = make("dialog.patient-dialog", { "aria-labelledby": "patient-dialog-title" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let done = false;
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
    dialog.addEventListener("close", () => {
      clearTimeout(waiting);
      dialog.remove();
      resolve(done);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (yes.getAttribute("aria-disabled") === "true") return;
      yes.setAttribute("aria-disabled", "true");
      const wrong = await act();
      yes.removeAttribute("aria-disabled");
      done = wrong === null;
      if (wrong === null) dialog.close();
      else setText(error, wrong);
    });
    dialog.showModal();
  });
}
