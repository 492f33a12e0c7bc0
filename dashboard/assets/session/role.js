// What the one who is signed in may do (see ecg_monitor/ward/access.py); the server has the last word.

import { t } from "../base/i18n.js";
import { tell } from "../base/toast.js";

const ROLES = ["viewer", "clinician", "admin"]; // from the weakest to the strongest
const NAMES = { viewer: t("Viewer"), clinician: t("Clinician"), admin: t("Administrator") };
const REASONS = {
  clinician: t("Only a clinician may do this"), admin: t("Only an administrator may do this"),
};

export { ROLES };

export function roleName(role) {
  return NAMES[role] ?? role;
}

/** Whether the role of this page's session is `needed` or stronger. */
export function may(needed) {
  const { role } = document.getElementById("shell").dataset;
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Why the session's role may not do what needs the role `needed`; empty if it may. */
export function hindrance(needed = "clinician") {
  return may(needed) ? "" : REASONS[needed];
}

/**
 * Make a button say why it does nothing, if the session's role is too weak; returns the button.
 * A press says so as well: touch screens show no titles.
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
