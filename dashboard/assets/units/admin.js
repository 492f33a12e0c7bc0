// Care units on the page of users: made, named, removed; given beds and people.

import { post } from "../alarms/acts.js";
import { make } from "../base/dom.js";
import { byName, listed, number, t } from "../base/i18n.js";
import { confirm } from "../patient/dialog.js";
import { sentence } from "../session/fields.js";


/**
 * Post an act; returns what went wrong in words, or null.
 * @param {string} what
 * @param {object} fields
 * @returns {Promise<string | null>}
 */
async function act(what, fields) {
  const wrong = await post(`/units/${what}`, fields);
  return wrong === null ? null : t(sentence(wrong));
}

/**
 * Ask for the name of a unit, and do something with it.
 * @param {string} title
 * @param {string} name that it has
 * @param {(name: string) => Promise<string | null>} done
 * @returns {Promise<boolean>}
 */
function askName(title, name, done) {
  const input = make("input", { required: "", autocomplete: "off", dir: "auto" });
  input.value = name;
  return confirm(title, [make("label.field", {}, make("span", {}, t("Name")), input)], t("Save"),
    () => done(input.value));
}

/**
 * @param {() => Promise<void>} refresh
 * @returns {Promise<boolean>}
 */
export function addUnit(refresh) {
  return askName(t("Add care unit"), "", async (name) => {
    const wrong = await act("add", { name });
    await refresh();
    return wrong;
  });
}

/**
 * The cells of a unit: name, beds, people, what can be done.
 * @param {Unit} unit
 * @param {AllUnits} all
 * @param {() => Promise<void>} refresh
 * @returns {(Node | string)[]}
 */
export function unitCells(unit, all, refresh) {
  const people = all.people.filter(({ units }) => units.includes(unit.id)).map(({ name }) => name);
  const beds = all.beds.filter((bed) => bed.unit === unit.id);
  const rename = button(t("Rename …"), unit.name, () => askName(t("Rename {unit}", { unit: unit.name }),
    unit.name, async (name) => {
      const wrong = await act("rename", { unit: unit.id, name, version: unit.version });
      await refresh();
      return wrong;
    }));
  const give = button(t("Beds …"), unit.name, () => giveBeds(unit, all, refresh));
  const remove = button(t("Remove …"), unit.name, () => confirm(t("Remove {unit}?", { unit: unit.name }),
    [make("p", {}, t("A care unit that has beds or people is not removed: give them to another one first."))],
    t("Remove"), async () => {
      const wrong = await act("remove", { unit: unit.id, version: unit.version });
      await refresh();
      return wrong;
    }));
  return [make("a", { href: `/?unit=${unit.id}` }, make("bdi", {}, unit.name)), number(beds.length),
    people.length === 0 ? "–" : make("bdi", {}, listed(people.sort(byName))),
    make("div.actions", {}, give, rename, remove)];
}

/**
 * Choose the beds of a unit: those that are ticked belong to it.
 * @param {Unit} unit
 * @param {AllUnits} all
 * @param {() => Promise<void>} refresh
 * @returns {Promise<boolean>}
 */
function giveBeds(unit, all, refresh) {
  const names = new Map(all.units.map(({ id, name }) => [id, name]));
  const rows = [...all.beds].sort((a, b) => byName(a.label, b.label) || byName(a.device, b.device)).map((bed) => {
    const tick = make("input", { type: "checkbox" });
    tick.checked = bed.unit === unit.id;
    const other = bed.unit === "" || bed.unit === unit.id ? "" : names.get(bed.unit) ?? "";
    const line = make("label.tick", {}, tick, make("bdi", {}, bed.label),
      make("bdi.hint", {}, bed.label === bed.device ? "" : bed.device), make("bdi.hint", {}, other));
    return { bed, tick, line, text: `${bed.label} ${bed.device} ${other}`.toLowerCase() };
  });
  const find = make("input", { type: "search", placeholder: t("Find …"), "aria-label": t("Find a bed") });
  find.addEventListener("input", () => {
    for (const { line, text } of rows) line.hidden = !text.includes(find.value.toLowerCase());
  });
  return confirm(t("Beds of {unit}", { unit: unit.name }), [find,
    make("div.unit-beds", { tabindex: "0" }, ...rows.map(({ line }) => line)),
    make("p", {}, t("A bed of no care unit is seen by everybody."))], t("Save"), async () => {
    const changed = rows.filter(({ bed, tick }) => tick.checked !== (bed.unit === unit.id));
    const versions = (/** @type {boolean} */ wanted) => Object.fromEntries(changed
      .filter(({ tick }) => tick.checked === wanted).map(({ bed }) => [bed.device, bed.version]));
    let wrong = null;
    for (const [id, beds] of /** @type {[string, object][]} */ ([[unit.id, versions(true)], ["", versions(false)]])) {
      if (wrong === null && Object.keys(beds).length > 0) wrong = await act("beds", { unit: id, beds });
    }
    await refresh();
    return wrong;
  });
}

/**
 * The units of a person, and a button that changes them.
 * @param {string} name
 * @param {AllUnits} all
 * @param {() => Promise<void>} refresh
 * @returns {HTMLElement}
 */
export function personUnits(name, all, refresh) {
  const person = all.people.find((one) => key(one.name) === key(name));
  const given = all.units.filter(({ id }) => person?.units.includes(id));
  const text = given.length === 0 ? t("all beds") : listed(given.map((unit) => unit.name));
  const change = button(t("Change …"), name, () => givePerson(name, person, all, refresh));
  return make("div.actions", {}, make("bdi", {}, text), ...(all.units.length === 0 ? [] : [change]));
}

/**
 * @param {string} name
 * @param {PersonUnits | undefined} person
 * @param {AllUnits} all
 * @param {() => Promise<void>} refresh
 * @returns {Promise<boolean>}
 */
function givePerson(name, person, all, refresh) {
  const ticks = all.units.map((unit) => {
    const tick = make("input", { type: "checkbox" });
    tick.checked = person?.units.includes(unit.id) ?? false;
    return { unit, tick, line: make("label.tick", {}, tick, make("bdi", {}, unit.name)) };
  });
  return confirm(t("Care units of {name}", { name }), [
    make("div.unit-beds", { tabindex: "0" }, ...ticks.map(({ line }) => line)),
    make("p", {}, t("Who has been given no care unit sees all beds."))], t("Save"), async () => {
    const units = ticks.filter(({ tick }) => tick.checked).map(({ unit }) => unit.id);
    const wrong = await act("person", { name, units, version: person?.version ?? 0 });
    await refresh();
    return wrong;
  });
}

/**
 * What makes the name of a person unique, as the dashboard has it.
 * @param {string} name
 * @returns {string}
 */
function key(name) {
  return name.normalize("NFKC").toLowerCase();
}

/**
 * @param {string} text
 * @param {string} name
 * @param {() => void} press
 * @returns {HTMLButtonElement}
 */
function button(text, name, press) {
  const made = make("button", { type: "button", "aria-label": `${text} ${name}` }, text);
  made.addEventListener("click", press);
  return made;
}
