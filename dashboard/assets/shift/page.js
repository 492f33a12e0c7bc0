// The report of a shift: what happened at the beds of a care unit, for those who take over.

import { make, onBack, setAddress, setText } from "../base/dom.js";
import { number, t, tn } from "../base/i18n.js";
import { duration } from "../base/words.js";
import { NotThere, read } from "../charts/history.js";
import { recentTime, paperTime } from "../charts/zone.js";
import { NO_UNIT } from "../units/selection.js";
import { HOURS, askedOf, fieldTime, reportAddress, searchOf, timeOfField } from "./asked.js";
import { ackText, countText, facts, hourBars } from "./figures.js";
import { patientSection, worstList } from "./patient.js";

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  const page = new ShiftPage(askedOf(location.search));
  element.append(page.element);
  // Also told of links to a part of the report, which ask for no other one.
  onBack(() => {
    if (searchOf(askedOf(location.search)) !== searchOf(page.asked)) page.answer(askedOf(location.search));
  });
  void page.load();
}

class ShiftPage {
  /** @param {AskedShift} asked */
  constructor(asked) {
    this.asked = asked;
    this.loads = 0;
    this.unit = make("select", { "aria-label": t("Care unit"), hidden: "" });
    this.unit.addEventListener("change", () => this.ask({ unit: this.unit.value }));
    this.presets = HOURS.map((hours) => {
      const button = make("button", { type: "button" }, tn("last {n} hour", "last {n} hours", hours));
      button.addEventListener("click", () => this.ask({ hours, from: null, to: null }));
      return { hours, button };
    });
    this.from = make("input", { type: "datetime-local", required: "" });
    this.to = make("input", { type: "datetime-local", required: "" });
    const times = make("form.times", {}, make("label", {}, t("From"), " ", this.from),
      make("label", {}, t("To"), " ", this.to), make("button", { type: "submit" }, t("Show")));
    times.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask({ hours: null, from: timeOfField(this.from.value), to: timeOfField(this.to.value) });
    });
    const print = make("button", { type: "button" }, t("Print"));
    print.addEventListener("click", () => window.print());
    this.message = make("p.outcome", { role: "status" });
    this.sheet = make("div.sheet");
    this.element = make("div.shift-page", {},
      make("div.shift-controls", {}, make("h1", {}, t("Shift report")), this.unit,
        make("span.presets", {}, ...this.presets.map(({ button }) => button)), times, print),
      this.message, this.sheet);
  }

  /**
   * Ask for another report, which Back returns from.
   * @param {Partial<AskedShift>} change
   */
  ask(change) {
    const asked = { ...this.asked, ...change };
    setAddress(`${location.pathname}${searchOf(asked)}`, searchOf(asked) !== searchOf(this.asked));
    this.answer(asked);
  }

  /** @param {AskedShift} asked */
  answer(asked) {
    this.asked = asked;
    void this.load();
  }

  async load() {
    const { asked } = this;
    const mine = ++this.loads;
    const isWanted = () => mine === this.loads; // the same may be asked for again, later
    for (const { hours, button } of this.presets) button.setAttribute("aria-pressed", String(hours === asked.hours));
    setText(this.message, t("Loading …"));
    try {
      /** @type {ShiftReport} */
      const report = await read(reportAddress(asked));
      if (!isWanted()) return;
      this.show(report);
      setText(this.message, "");
    } catch (error) {
      if (!isWanted()) return;
      // What stands there is of another shift.
      this.sheet.replaceChildren();
      setText(this.message, error instanceof NotThere
        ? t("This care unit is not there any more, or you have not been given it.") : /** @type {Error} */ (error).message);
      if (error instanceof NotThere) this.message.append(" ", make("a", { href: "/shift" }, t("All my beds")));
    }
  }

  /** @param {ShiftReport} report */
  show(report) {
    const { units, unit } = report;
    this.unit.replaceChildren(make("option", { value: "" }, t("All my beds")),
      ...units.map(({ id, name }) => make("option", { value: id }, name)),
      ...(units.length > 0 ? [make("option", { value: NO_UNIT }, t("Of no care unit"))] : []));
    this.unit.value = unit;
    this.unit.hidden = units.length === 0;
    this.from.value = fieldTime(report.since);
    this.to.value = fieldTime(report.until);
    const name = units.find(({ id }) => id === unit)?.name ?? (unit === NO_UNIT ? t("Of no care unit") : t("All my beds"));
    this.sheet.replaceChildren(
      make("div.sheet-head", {}, make("strong", {}, make("bdi", {}, name)), " · ",
        t("{since} to {until}", { since: paperTime(report.since), until: paperTime(report.until) })),
      ...notKept(report),
      ...(report.rows.length === 0 ? [make("p.empty", {}, t("This care unit has no beds that send."))]
        : [summary(report), ...report.rows.map((row, place) => patientSection(row, report, place))]));
  }
}

/**
 * What is not kept of the shift any more.
 * @param {ShiftReport} report
 * @returns {HTMLElement[]}
 */
function notKept({ alarms_since: alarms, trends_since: trends }) {
  return [
    ...(alarms === null ? [] : [t("Alarms are kept since {time} only: earlier ones are missing here", { time: recentTime(alarms) })]),
    ...(trends === null ? [] : [t("Numbers are kept since {time} only: earlier ones are missing here", { time: recentTime(trends) })]),
  ].map((text) => make("p.missing", {}, text));
}

/**
 * @param {ShiftReport} report
 * @returns {HTMLElement}
 */
function summary(report) {
  const { alarms } = report;
  /** @type {[string, string][]} */
  const rows = [
    [t("Beds"), number(report.beds)], [t("Patients"), number(report.patients)],
    [t("Alarms"), countText(alarms)], [t("Acknowledged"), ackText(alarms)],
    [t("Alarms per bed and hour"), report.alarms_per_hour === null
      ? t("less than an hour of each bed is known") : number(report.alarms_per_hour, 1)],
    [t("Monitored"), duration(report.monitored_s)],
    [t("Not monitored: no data"), duration(report.no_data_s)],
  ];
  return make("section.shift-summary", {}, make("div", {}, make("h2", {}, t("The unit")), facts(rows)),
    make("div", {}, make("h3", {}, t("Alarms by the hour")),
      hourBars(t("Alarms by the hour"), alarms.hours, report.since, report.until),
      ...(report.worst.length > 0 ? [make("h3", {}, t("Most alarms, high priority first")), worstList(report)] : [])));
}
