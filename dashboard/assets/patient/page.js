// The page of a bed's patient: admission, alarm limits, notes, audit trail.
//
// What is being edited is a draft; what others do meanwhile is told, and never overwrites it.

import { AlarmChip } from "../alarms/chip.js";
import { make, setData, setText } from "../base/dom.js";
import { ltr, t, tn } from "../base/i18n.js";
import { act, read } from "./acts.js";
import { bedForm } from "./bedform.js";
import { confirm } from "./dialog.js";
import { Draft } from "./draft.js";
import { LimitEditor } from "./limits.js";
import { Notes, Trail } from "./notes.js";
import { admitForm, bedCategory, stay } from "./stay.js";
import { bedName } from "../stream/bednames.js";
import { changeText } from "./words.js";
import { alarmText, rateText } from "../base/words.js";

/** @import { Station } from "../stream/station.js" */

const LOOK_MS = 2000;
const UPDATE_MS = 500;

/**
 * @param {HTMLElement} element
 * @returns {Subscription}
 */
export function subscription(element) {
  return { beds: [element.dataset.device ?? ""], leads: 1, history_s: 0 };
}

/**
 * @param {HTMLElement} element
 * @param {Station} station
 */
export function mount(element, station) {
  void new PatientPage(element, station).start();
}

class PatientPage {
  /**
   * @param {HTMLElement} element
   * @param {Station} station
   */
  constructor(element, station) {
    this.device = element.dataset.device ?? "";
    this.station = station;
    /** @type {PatientState | null} */
    this.page = null; // what is shown
    this.looks = 0;
    /** @type {PatientState | null} */
    this.newest = null; // what the dashboard said last
    /** @type {Draft | null} */
    this.draft = null; // of the stay that is shown
    this.done = false; // what was edited has been saved, and the page not drawn since
    /** @type {Map<Element, string>} */
    this.drawn = new Map(); // what stood in each field when it was drawn
    /** @type {Notes | null} */
    this.notes = null;
    /** @type {Trail | null} */
    this.trail = null;
    /** @type {LimitEditor | null} */
    this.editor = null;
    this.named = make("p.hint"); // whom the device names, though nobody is admitted
    this.title = make("h1", {}, t("Patient of {bed}", { bed: bedName(this.device) }));
    this.live = make("span.live");
    this.chip = new AlarmChip();
    this.told = make("p.told", { role: "status" });
    this.reload = make("button", { type: "button" }, t("Show the new state"));
    this.reload.addEventListener("click", () => this.showNewest());
    this.content = make("div.patient-content");
    this.content.addEventListener("keydown", (event) => {
      const typed = event.target instanceof Element && event.target.closest(".limits input") !== null;
      if (event.key !== "Enter" || !typed) return;
      if (this.changes() > 0) void this.review();
    });
    this.count = make("span", { role: "status" });
    this.save = make("button.primary", { type: "button" }, t("Review and save …"));
    this.save.addEventListener("click", () => this.review());
    const discard = make("button", { type: "button" }, t("Discard"));
    discard.addEventListener("click", () => { this.showNewest(); this.title.focus(); });
    this.bar = make("div.savebar", {}, this.count, discard, this.save);
    this.bar.hidden = true;
    this.title.tabIndex = -1;
    this.head = make("div.patient-head", {},
      make("a.back", { href: `/bed/${encodeURIComponent(this.device)}` }, t("Bed")),
      this.title, this.live, this.chip.alarm);
    element.append(
      this.head,
      make("div.told-line", {}, this.told, this.reload),
      this.content, this.bar);
    this.reload.hidden = true;
  }

  async start() {
    this.station.addEventListener("bed", () => this.showLive());
    this.station.addEventListener("alarms", () => this.showLive());
    setInterval(() => this.showLive(), UPDATE_MS);
    window.addEventListener("beforeunload", (event) => {
      if (this.changes() > 0) event.preventDefault();
    });
    for (;;) {
      if (!document.hidden || this.page === null) await this.look();
      await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
    }
  }

  /** @returns {number} */
  changes() {
    return this.draft?.changes() ?? 0;
  }

  /**
   * The fields in which something else stands than when the page was drawn: a name, a note, a
   * patient's number. Limits are no such fields, they are the draft's.
   * @returns {(HTMLInputElement | HTMLTextAreaElement)[]}
   */
  written() {
    return this.fields().filter((field) => field.value !== this.drawn.get(field));
  }

  /** @returns {(HTMLInputElement | HTMLTextAreaElement)[]} */
  fields() {
    const all = this.content.querySelectorAll("form input, form textarea");
    return /** @type {(HTMLInputElement | HTMLTextAreaElement)[]} */ ([...all]);
  }

  /**
   * Look what the bed is like now; show it unless that would overwrite what is being edited.
   * @param {boolean} done whether what was edited has just been saved
   */
  async look(done = false) {
    this.done ||= done; // also for a look that overtakes this one
    const mine = ++this.looks;
    const { answer, error } = await read(this.device);
    if (mine !== this.looks) return; // a later look has overtaken this one
    if (error !== undefined) {
      setText(this.told, error);
      return;
    }
    this.newest = answer;
    const other = this.page === null || answer.version !== this.page.version;
    const free = this.done || (this.changes() === 0 && this.written().length === 0);
    this.done = false;
    if (other && free) {
      const writing = this.written();
      this.show(answer);
      for (const { id, value } of writing) {
        const field = this.fields().find((one) => one.id === id);
        if (field !== undefined) field.value = value; // a note goes on while a limit is saved
      }
    } else {
      this.notes?.update(answer);
      this.trail?.update(answer);
    }
    this.tell();
  }

  /** Show what the dashboard said last, and forget what was edited. */
  showNewest() {
    if (this.newest !== null) this.show(this.newest);
  }

  /**
   * Draw the page anew.
   * @param {PatientState} page
   */
  show(page) {
    this.page = page;
    this.draft = null;
    this.editor = null;
    this.notes = null;
    const trail = new Trail(page);
    this.trail = trail;
    const again = () => this.look();
    const other = async () => { await this.look(true); this.title.focus(); }; // what had the focus is gone
    const edited = () => this.edited();
    const draft = new Draft(page);
    if (!isAdmitted(page)) {
      const editor = new LimitEditor(draft, page.may_edit, t("This bed"), edited);
      const category = bedCategory(page, draft, () => { editor.update(); edited(); });
      [this.draft, this.editor] = [draft, editor];
      this.content.replaceChildren(
        make("div.people", {}, admitForm(page, this.named, other), bedForm(page, other)),
        make("section.limit-section", {}, make("h2", {}, t("Alarm limits of the bed")),
          make("p.hint", {}, t("They hold until somebody is admitted; a stay begins with the defaults of its category.")),
          category, editor.element),
        trail.element);
    } else {
      const notes = new Notes(page, again);
      const editor = new LimitEditor(draft, page.may_edit, t("This patient"), edited);
      const details = stay(page, draft, () => { editor.update(); edited(); }, other);
      [this.draft, this.notes, this.editor] = [draft, notes, editor];
      this.content.replaceChildren(
        make("div.people", {}, details, notes.element, bedForm(page, other)),
        make("section.limit-section", {}, make("h2", {}, t("Alarm limits")), editor.element),
        trail.element);
      if (location.hash === "#notes") notes.element.scrollIntoView();
    }
    this.drawn = new Map(this.fields().map((field) => [field, field.value]));
    this.edited();
    this.tell();
  }

  edited() {
    const changes = this.changes();
    const problems = this.draft?.problems().size ?? 0;
    this.bar.hidden = changes === 0;
    setText(this.count, problems > 0 ? tn("{n} mistake", "{n} mistakes", problems)
      : tn("{n} change", "{n} changes", changes));
    setData(this.bar, "wrong", problems > 0 ? "" : null);
  }

  /** Say who has changed the bed meanwhile, or whether what is saved is in force. */
  tell() {
    const { page, newest } = this;
    if (page === null || newest === null) return;
    const stale = newest.version !== page.version;
    this.reload.hidden = !stale;
    let text = "";
    if (stale) {
      text = t("{name} has changed this bed meanwhile. What you have not saved is lost when you show it.",
        { name: newest.by });
    } else if (newest.leaving !== null) {
      text = t("The patient is being transferred to {bed}.", { bed: bedName(newest.leaving.to) });
    } else if (newest.version > 0) {
      text = newest.in_force ? t("These limits are in force.")
        : t("Saved; the detector has not taken it over yet.");
    }
    setText(this.told, text);
    setData(this.told, "state", stale ? "stale" : newest.in_force ? "in-force" : "waiting");
  }

  async review() {
    const { draft, editor, page } = this;
    if (draft === null || page === null) return undefined;
    if (draft.problems().size > 0) return editor?.showProblem();
    const fields = { device: this.device, version: page.version, ...draft.fields() };
    const { answer, error } = await act("preview", fields);
    /** @type {{changes: Change[], problems: {field: string, problem: string}[]}} */
    const { changes, problems } = answer ?? { changes: [], problems: [] };
    const wrong = error ?? problems.map((one) => `${one.field} ${one.problem}`).join("; ");
    if (wrong !== "") return setText(this.told, t("Not done: {error}", { error: wrong }));
    const lines = changes.map((change) => changeText(change, page, draft.category))
      .filter((change) => change !== null);
    const list = make("ul.changes", {}, ...lines.map(({ name, old, new: now }) => make("li", {},
      make("span", {}, name), make("span.from-to", {}, make("del", {}, old), " → ", make("ins", {}, now)))));
    const done = await confirm(t("Save these changes?"), [list], t("Save"),
      async () => (await act("change", fields)).error ?? null);
    if (!done) return undefined;
    this.draft = null;
    await this.look(true);
    return this.title.focus(); // beside it stands whether the limits are in force
  }

  /** Heart rate and alarm of the bed, so that the effect of a limit is seen where it is set. */
  showLive() {
    for (const option of this.content.querySelectorAll("option.bed")) {
      setText(option, bedName(option.getAttribute("value") ?? ""));
    }
    const bed = [...this.station.beds.values()].find((one) => one.info.device === this.device);
    if (bed === undefined) return;
    const active = bed.activeAlarms();
    setText(this.title, t("Patient of {bed}", { bed: bed.info.label }));
    const { patient, category } = bed.info;
    setText(this.named, patient === "" || category !== "" ? ""
      : t("The device names {patient}; nobody has been admitted under that name.", { patient }));
    const heartRate = rateText(bed, performance.now() / 1000);
    setText(this.live, ltr(`${t("HR")} ${heartRate} ${t("bpm")}`));
    setText(this.chip.alarm, active.length === 0 ? "" : alarmText(active[0]));
    this.chip.show(active, this.head);
  }
}

/**
 * Whether a patient has been admitted to the bed.
 * @param {PatientState} page
 * @returns {page is AdmittedState}
 */
function isAdmitted(page) {
  return page.admission !== null;
}
