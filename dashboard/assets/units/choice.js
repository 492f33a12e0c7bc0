// The choice of the care unit in the header of a wall, and what is not on this screen.

import { byId, make, setAttribute, setData, setText } from "../base/dom.js";
import { number, t, tn } from "../base/i18n.js";
import { NO_UNIT, choicesOf, restOf, searchFor, unitOf } from "./selection.js";

/** @import { Hub } from "../stream/hub.js" */
/** @import { Ward } from "../stream/ward.js" */

const UPDATE_MS = 500;

/**
 * Let a person choose the unit; `empty` says that the unit of the address is not there.
 * @param {Ward} ward
 * @param {Hub} hub
 * @param {HTMLElement} empty what is shown while there is no tile
 */
export function mountChoice(ward, hub, empty) {
  const asked = unitOf(location.search);
  const choose = make("select", { id: "unit-choice", "aria-label": t("Care unit"), hidden: "" });
  const full = make("span.full");
  const short = make("span.short", { "aria-hidden": "true" });
  const rest = make("a.chip", { id: "unit-rest", hidden: "", href: `/${searchFor(location.search, null)}` },
    full, short);
  byId("alarm-summary").before(choose, rest);
  choose.addEventListener("change", () => {
    location.assign(`/${searchFor(location.search, choose.value === "" ? null : choose.value)}`);
  });
  let offered = "";

  function update() {
    const beds = ward.all();
    const { units } = ward;
    if (units === null) return;
    const choices = choicesOf(units, beds);
    const there = asked === null || asked === NO_UNIT || units.some(({ id }) => id === asked);
    choose.hidden = choices.length === 0 && asked === null;
    const state = JSON.stringify([choices, beds.length]);
    if (state !== offered && document.activeElement !== choose) {
      offered = state;
      choose.replaceChildren(option("", t("All my beds"), beds.length),
        ...choices.map(({ id, name, count }) => option(id, name === "" ? t("Of no care unit") : name, count)),
        ...(there && (asked !== NO_UNIT || choices.some(({ id }) => id === asked)) ? []
          : [option(asked ?? "", there ? t("Of no care unit") : t("Not there"), 0)]));
      choose.value = asked ?? "";
    }
    const { count, alarming, look } = restOf(beds, (bed) => hub.shows(bed));
    rest.hidden = count === 0;
    const text = restText(count, alarming.length);
    setText(full, text);
    setText(short, tn("+{n} bed", "+{n} beds", count)); // where there is little room the colour says more
    setAttribute(rest, "aria-label", text);
    setAttribute(rest, "title", [text, ...alarming.map(({ label }) => label)].join(" · "));
    setData(rest, "priority", look);
    setData(rest, "count", String(count));
    setData(rest, "on", look === null ? null : "");
    if (asked === null) {
      // A display whose unit is gone shows no bed, and no bed will come.
      if (!ward.seesAll && units.length === 0) {
        setText(empty, t("The care unit that this screen was given is not there any more."));
      }
      return;
    }
    setText(empty, there ? t("This care unit has no beds that send.")
      : t("This care unit is not there any more, or you have not been given it."));
    if (!there) empty.append(" ", make("a", { href: "/" }, t("Show all my beds")));
  }

  update();
  ward.addEventListener("change", update);
  setInterval(update, UPDATE_MS);
}

/**
 * @param {number} count beds that are not on this screen
 * @param {number} alarming those of them with an alarm
 * @returns {string}
 */
export function restText(count, alarming) {
  const text = tn("{n} bed not on this screen", "{n} beds not on this screen", count);
  return alarming === 0 ? text : t("{beds}, {n} with alarms", { beds: text, n: number(alarming) });
}

/**
 * @param {string} id
 * @param {string} name
 * @param {number} count
 * @returns {HTMLElement}
 */
function option(id, name, count) {
  return make("option", { value: id, "data-name": name },
    id === "" || count > 0 ? `${name} (${number(count)})` : name);
}
