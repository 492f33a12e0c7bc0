// In place of a page that there is not: alarms sound and are counted here as anywhere.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  element.append(make("div.elsewhere", {}, make("h1", {}, t("There is no page at this address")),
    make("p", {}, t("It may have been mistyped, or be from an older version. Beds are watched here as on every page.")),
    make("a.button", { href: "/" }, t("Show all my beds"))));
}
