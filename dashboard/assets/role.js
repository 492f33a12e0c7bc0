// What the one who is signed in may do (see ecg_monitor/access.py); the server has the last word.

import { t } from "./i18n.js";

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

/** Make a button say why it does nothing, if the session's role is too weak; returns the button. */
export function restrict(button, needed = "clinician") {
  if (may(needed)) return button;
  button.setAttribute("aria-disabled", "true"); // "disabled" would hide the reason from the keyboard
  button.setAttribute("aria-description", REASONS[needed]);
  button.title = REASONS[needed];
  button.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  return button;
}
