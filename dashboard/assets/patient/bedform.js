// What staff call a bed and where it stands on the wall; a bed whose device is gone is removed here.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { restrict } from "../session/role.js";
import { standStill } from "../session/standstill.js";
import { act } from "./acts.js";
import { confirm } from "./dialog.js";
import { bedUnit } from "../units/bedunit.js";

const MAX_PLACE = 9999;

/**
 * `done` shows that the bed has another name or place.
 * @param {PatientState} page
 * @param {() => Promise<void>} done
 * @returns {HTMLElement}
 */
export function bedForm(page, done) {
  const { device, version } = page;
  const label = make("input", { id: "bed-label", required: "", autocomplete: "off", dir: "auto" });
  label.value = page.label;
  const place = make("input", { id: "bed-place", type: "number", min: 1, max: MAX_PLACE, step: 1, dir: "ltr" });
  place.value = page.place === null ? "" : String(page.place);
  const error = make("p.problem", { role: "alert" });
  const form = make("form", {},
    make("div.field", {}, make("label", { for: label.id }, t("Name of the bed")), label),
    make("div.field", {}, make("label", { for: place.id }, t("Place on the wall")), place),
    make("p.hint", {}, t("Beds without a place follow by their names.")), error,
    restrict(make("button", { type: "submit" }, t("Save"))), make("span.waiting", { role: "status" }));
  for (const control of [label, place]) control.disabled = !page.may_edit;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = place.value === "" ? null : Number(place.value);
    void standStill(form, async () => {
      const answer = await act("bed", { device, version, label: label.value, place: wanted });
      error.textContent = answer.error ?? "";
      if (answer.error === undefined) await done();
    });
  });
  const remove = restrict(make("button", { type: "button" }, t("Remove bed …")));
  remove.addEventListener("click", async () => {
    const gone = await confirm(t("Remove {bed}?", { bed: page.label }),
      [make("p", {}, t("Its signal, trends and alarms are forgotten. A device that sends comes back."))],
      t("Remove"), async () => (await act("remove", { device })).error ?? null);
    if (gone) location.assign("/");
  });
  return make("section.stay.bed-form", {}, make("h2", {}, t("Bed")), form,
    bedUnit(device, page.may_edit), make("div.departures", {}, remove,
      make("a", { href: `/devices?device=${encodeURIComponent(device)}` }, t("About the device"))));
}
