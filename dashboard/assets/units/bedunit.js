// To which care unit a bed belongs, and giving it to another one (see dashboard/answers/units.py).

import { post } from "../alarms/acts.js";
import { make, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { read } from "../charts/history.js";
import { restrict } from "../session/role.js";
import { standStill } from "../session/standstill.js";
import { tell } from "../base/toast.js";

/**
 * What says and changes the unit of a bed; empty where there are no units.
 * @param {string} device
 * @param {boolean} mayEdit
 * @returns {HTMLElement}
 */
export function bedUnit(device, mayEdit) {
  const choose = make("select", { id: "bed-unit" });
  const error = make("p.problem", { role: "alert" });
  const form = make("form", { hidden: "" },
    make("div.field", {}, make("label", { for: choose.id }, t("Care unit")), choose), error,
    restrict(make("button", { type: "submit" }, t("Save"))), make("span.waiting", { role: "status" }));
  choose.disabled = !mayEdit;
  let version = 0;

  async function load() {
    /** @type {BedUnitState} */
    const found = await read(`/units/bed/${encodeURIComponent(device)}`);
    ({ version } = found);
    form.hidden = found.units.length === 0 && found.unit === "";
    const units = found.units.map(({ id, name }) => make("option", { value: id }, name));
    // Of no unit it is already, or who sees all may make it so: everybody sees it then.
    if (found.may_free || found.unit === "") {
      units.unshift(make("option", { value: "" }, t("None: everybody sees it")));
    }
    if (found.unit !== "" && !found.units.some(({ id }) => id === found.unit)) {
      units.unshift(make("option", { value: found.unit }, found.name));
    }
    choose.replaceChildren(...units);
    choose.value = found.unit;
  }

  /** @param {Error} problem */
  const fail = (problem) => setText(error, problem.message);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    standStill(form, async () => {
      const wrong = await post("/units/bed", { device, unit: choose.value, version });
      setText(error, wrong ?? "");
      if (wrong !== null) return;
      await load();
      tell(t("Done"));
    }).catch(fail);
  });
  load().catch(fail);
  return form;
}
