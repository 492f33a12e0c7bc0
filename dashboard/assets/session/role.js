// What the one who is signed in may do (see ecg_monitor/ward/access.py); the server has the last word.

import { byId } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { tell } from "../base/toast.js";

const ROLES = ["viewer", "clinician", "admin"]; // from the weakest to the strongest
/** @type {Record<string, string>} */
const NAMES = { viewer: t("Viewer"), clinician: t("Clinician"), admin: t("Administrator") };
/** @type {Record<string, string>} */
const REASONS = {
  clinician: t("Only a clinician may do this"), admin: t("Only an administrator may do this"),
};

export { ROLES };

/**
 * @param {string} role
 * @returns {string}
 */
export function roleName(role) {
  return NAMES[role] ?? role;
}

/**
 * Whether the role of this page's session is `needed` or stronger.
 * @param {string} needed
 * @returns {boolean}
 */
export function may(needed) {
  const { role = "" } = byId("shell").dataset;
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/**
 * Why the session's role may not do what needs the role `needed`; empty if it may.
 * @param {string} needed
 * @returns {string}
 */
export function hindrance(needed = "clinician") {
  return may(needed) ? "" : REASONS[needed];
}

/**
 * Make a button say why it does nothing, if the session's role is too weak; returns the button.
 * A press says so as well: touch screens show no titles.
 * @param {HTMLButtonElement} button
 * @param {string} needed
 * @returns {HTMLButtonElement}
 */
export function restrict(button, needed = "clinician") {
  const reason = hindrance(needed);
  if (reason === "") return button;
  button.setAttribute("aria-disabled", "true"); // "disabled" would hide the reason from the keyboard
  button.setAttribute("aria-description", reason);
  button.title = reason;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    tell(reason);
  }, { capture: true });
  return button;
}
