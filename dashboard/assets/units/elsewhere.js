// In place of the page of a bed that is of another care unit.

import { make } from "../base/dom.js";
import { listed, t } from "../base/i18n.js";
import { read } from "../charts/history.js";

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  const given = make("p.hint");
  element.append(make("div.elsewhere", {},
    make("h1", {}, t("This bed is of another care unit")),
    make("p", {}, t("An administrator gives beds and people to care units, on the page Users.")),
    given, make("a.button", { href: "/" }, t("Show all my beds"))));
  read("/units").then(({ units }) => {
    const names = units.map((/** @type {UnitInfo} */ { name }) => name);
    if (names.length > 0) given.textContent = t("You have been given: {units}", { units: listed(names) });
  }).catch((error) => console.info("the care units cannot be read:", error));
}
