// Who is at a bed: the form that admits a patient, or the stay and what can be done with it.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { bedName } from "../stream/bednames.js";
import { categoryName } from "./limitwords.js";
import { act } from "./acts.js";
import { confirm } from "./dialog.js";
import { dayAndTime } from "../charts/zone.js";
import { restrict } from "../session/role.js";
import { standStill } from "../session/standstill.js";

/** @import { Draft } from "./draft.js" */

/**
 * The form that admits; `done` is called when somebody has been admitted.
 * @param {PatientState} page
 * @param {HTMLElement} named whom the device names
 * @param {() => Promise<void>} done
 * @returns {HTMLElement}
 */
export function admitForm(page, named, done) {
  const patient = make("input", { id: "patient-id", required: "", autocomplete: "off" });
  const name = make("input", { id: "patient-name", autocomplete: "off", dir: "auto" });
  const category = categorySelect("patient-category", page);
  const error = make("p.problem", { role: "alert" });
  const form = make("form.admit", {},
    field(t("Patient number"), patient), field(t("Name"), name), field(t("Category"), category),
    error, restrict(make("button.primary", { type: "submit" }, t("Admit"))),
    make("span.waiting", { role: "status" }));
  for (const control of [patient, name, category]) control.disabled = !page.may_edit;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // The limits beside the form are those of the bed until the answer comes, then the patient's.
    const held = form.closest("div.patient-content");
    void standStill(held instanceof HTMLElement ? held : form, async () => {
      const answer = await act("admit", {
        device: page.device, version: page.version,
        patient: patient.value, name: name.value, category: category.value,
      });
      error.textContent = answer.error ?? "";
      if (answer.error === undefined) await done();
    });
  });
  return make("section.stay", {}, make("h2", {}, t("Nobody is admitted")), named,
    make("p.hint", {}, t("The bed is monitored all the same, under its own limits.")),
    form);
}

/**
 * The category whose defaults hold for a bed to which nobody is admitted.
 * @param {PatientState} page
 * @param {Draft} draft
 * @param {() => void} edited
 * @returns {HTMLElement}
 */
export function bedCategory(page, draft, edited) {
  const category = categorySelect("bed-category", page);
  category.value = draft.category;
  category.disabled = !page.may_edit;
  category.addEventListener("change", () => { draft.category = category.value; edited(); });
  return field(t("Defaults for"), category);
}

/**
 * The stay; `edited` is called when name or category have been, `done` when the patient has gone.
 * @param {AdmittedState} page
 * @param {Draft} draft
 * @param {() => void} edited
 * @param {() => void} done
 * @returns {HTMLElement}
 */
export function stay(page, draft, edited, done) {
  const { admission } = page;
  const name = make("input", { id: "patient-name", autocomplete: "off", dir: "auto" });
  name.value = draft.name;
  name.disabled = !page.may_edit;
  name.addEventListener("input", () => { draft.name = name.value; edited(); });
  const category = categorySelect("patient-category", page);
  category.value = draft.category;
  category.disabled = !page.may_edit;
  category.addEventListener("change", () => { draft.category = category.value; edited(); });
  return make("section.stay", {}, make("h2", {}, t("Stay")),
    make("dl", {},
      make("div", {}, make("dt", {}, t("Patient number")), make("dd", {}, make("bdi", {}, admission.patient))),
      make("div", {}, make("dt", {}, t("Admitted")), make("dd", {}, t("{time} by {name}",
        { time: dayAndTime(admission.admitted_at), name: admission.admitted_by })))),
    field(t("Name"), name), field(t("Category"), category),
    departures(page, done));
}

/**
 * @param {AdmittedState} page
 * @param {() => void} done
 * @returns {HTMLElement}
 */
function departures(page, done) {
  const { device, version, free, admission } = page;
  const target = make("select", { id: "patient-target" },
    ...free.map((one) => make("option.bed", { value: one }, bedName(one))));
  const transfer = restrict(make("button", { type: "button" }, t("Transfer …")));
  transfer.disabled = free.length === 0;
  target.disabled = free.length === 0 || !page.may_edit;
  const who = admission.name || admission.patient;
  transfer.addEventListener("click", async () => {
    const to = target.value;
    const went = await ask(t("Transfer {patient} to {bed}?", { patient: who, bed: bedName(to) }),
      t("Limits and notes go along. Alarms about the heart end here; those of the electrodes stay."),
      t("Transfer"),
      "transfer", { device, to, version });
    if (went) location.assign(`/bed/${encodeURIComponent(to)}/patient`);
  });
  const discharge = restrict(make("button", { type: "button" }, t("Discharge …")));
  discharge.addEventListener("click", async () => {
    const went = await ask(t("Discharge {patient}?", { patient: who }),
      t("Alarms about the heart end; those of the electrodes stay. The bed is monitored on, under the limits of its configuration."),
      t("Discharge"), "discharge", { device, version });
    if (went) done();
  });
  return make("div.departures", {},
    field(t("Transfer to"), make("span.value", {}, target, transfer)), discharge);
}

/**
 * @param {string} title
 * @param {string} hint
 * @param {string} doIt
 * @param {string} what
 * @param {object} fields
 * @returns {Promise<boolean>}
 */
function ask(title, hint, doIt, what, fields) {
  return confirm(title, [make("p", {}, hint)], doIt,
    async () => (await act(what, fields)).error ?? null);
}

/**
 * @param {string} id
 * @param {PatientState} page
 * @returns {HTMLSelectElement}
 */
function categorySelect(id, page) {
  return make("select", { id }, ...Object.keys(page.defaults).map(
    (category) => make("option", { value: category }, categoryName(category))));
}

/**
 * @param {string} name
 * @param {HTMLElement} control
 * @returns {HTMLElement}
 */
function field(name, control) {
  const labelled = control.id || control.firstElementChild?.id || "";
  return make("div.field", {}, make("label", { for: labelled }, name), control);
}
