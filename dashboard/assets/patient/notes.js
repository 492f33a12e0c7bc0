// Notes on a patient, and the audit trail of a bed.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { act } from "./acts.js";
import { dayAndTime } from "../charts/zone.js";
import { bedName } from "../stream/bednames.js";
import { entryDetails, entryText } from "./words.js";
import { restrict } from "../session/role.js";
import { standStill } from "../session/standstill.js";

export class Notes {
  /**
   * @param {AdmittedState} page
   * @param {() => Promise<void>} done shows the note that was added
   */
  constructor(page, done) {
    const { device, admission } = page;
    const text = make("textarea", { id: "patient-note", rows: 3, required: "", dir: "auto" });
    const error = make("p.problem", { role: "alert" });
    const form = make("form", {},
      make("label", { for: "patient-note" }, t("New note")), text, error,
      restrict(make("button", { type: "submit" }, t("Add note"))), make("span.waiting", { role: "status" }));
    text.disabled = !page.may_edit;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void standStill(form, async () => {
        const answer = await act("note", { device, stay: admission.stay, text: text.value });
        error.textContent = answer.error ?? "";
        if (answer.error !== undefined) return;
        text.value = "";
        await done();
      });
    });
    this.list = make("ol.notes");
    this.element = make("section.notes-section", { id: "notes" }, make("h2", {}, t("Notes")),
      form, this.list);
    this.update(page);
  }

  /**
   * Show the notes, newest first.
   * @param {Pick<PatientState, "notes">} page
   */
  update({ notes }) {
    if (this.list.childElementCount === notes.length) return;
    this.list.replaceChildren(...notes.toReversed().map((note) => make("li", {},
      make("p.note", { dir: "auto" }, note.text),
      make("small", {}, t("{name}, {time}", { name: note.by, time: dayAndTime(note.at) })))));
  }
}

export class Trail {
  /** @param {PatientState} page */
  constructor(page) {
    this.newest = "";
    this.body = make("tbody");
    const head = make("tr", {}, ...[t("Time"), t("Who"), t("What")].map(
      (name) => make("th", { scope: "col" }, name)));
    this.element = make("section.trail", {}, make("h2", {}, t("Who changed what")),
      make("div.scroll", {}, make("table", {}, make("thead", {}, head), this.body)));
    this.update(page);
  }

  /**
   * Show the entries, newest first.
   * @param {PatientState} page
   */
  update(page) {
    const newest = JSON.stringify(page.trail.map(({ at, other = "" }) => [at, bedName(other)]));
    if (newest === this.newest) return;
    this.newest = newest;
    const category = page.admission?.category ?? page.own.category;
    this.body.replaceChildren(...page.trail.map((entry) => make("tr", {},
      make("td", {}, dayAndTime(entry.at)),
      make("td", {}, entry.who === "detector" ? t("detector") : make("bdi", {}, entry.who)),
      make("td", {}, make("span", { dir: "auto" }, entryText({ ...entry, other: bedName(entry.other ?? "") })),
        ...entryDetails(entry, page, category).map((text) => make("div.detail", {}, text))))));
    if (page.trail.length === 0) {
      this.body.replaceChildren(make("tr", {}, make("td", { colspan: 3 }, t("Nothing yet"))));
    }
  }
}
