// The menu of language and theme; both are cookies of this screen (see dashboard/i18n/preferences.py).

import { find, make, placeBelow } from "../base/dom.js";
import { t } from "../base/i18n.js";

const YEAR_S = 365 * 24 * 3600;
const LANGUAGES = { en: "English", fr: "Français", ar: "العربية" };
const THEMES = { dark: t("Dark"), light: t("Light"), system: t("As the system") };

/**
 * Fill `element` with a button and the menu that it opens.
 * @param {HTMLElement} element
 */
export function installPreferences(element) {
  const root = document.documentElement;
  const menu = make("div.menu", { id: "preferences-menu", popover: "" },
    group(t("Theme"), "theme", THEMES, root.dataset.themeChoice, (theme) => {
      remember("ecg_theme", theme);
      root.dataset.themeChoice = theme; // theme.js does the rest
    }),
    group(t("Language"), "language", LANGUAGES, root.lang, (language) => {
      remember("ecg_language", language);
      location.reload();
    }));
  const button = make("button.icon", {
    type: "button", popovertarget: menu.id, "aria-label": t("Language and theme"),
    title: t("Language and theme"),
  });
  button.append(icon());
  menu.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    placeBelow(menu, button);
    find(menu, "input:checked")?.focus();
  });
  button.setAttribute("aria-expanded", "false");
  element.append(button, menu);
}

/**
 * @param {string} title
 * @param {string} name
 * @param {Record<string, string>} choices
 * @param {string | undefined} chosen
 * @param {(value: string) => void} choose
 * @returns {HTMLElement}
 */
function group(title, name, choices, chosen, choose) {
  const fields = Object.entries(choices).map(([value, text]) => {
    const input = make("input", { type: "radio", name, value });
    input.checked = value === chosen;
    input.addEventListener("change", () => choose(value));
    const label = make("label", {}, input, make("span", {}, text));
    if (name === "language") label.lang = value;
    return label;
  });
  return make("fieldset", {}, make("legend", {}, title), ...fields);
}

/**
 * @param {string} name
 * @param {string} value
 */
function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
}

/** A circle, half dark and half light. */
function icon() {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  shape.setAttribute("viewBox", "0 0 16 16");
  shape.setAttribute("aria-hidden", "true");
  shape.innerHTML = '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" '
    + 'stroke-width="1.5"/><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor"/>';
  return shape;
}
