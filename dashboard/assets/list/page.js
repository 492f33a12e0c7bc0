// The list of alarms of all beds: found, added up, and one click from the strip of each.

import { ReasonBar, ackedText } from "../alarms/reasons.js";
import { find, make, onBack, setAddress, setText } from "../base/dom.js";
import { byName, number, t, tn } from "../base/i18n.js";
import {
  SYMBOLS, alarmName, alarmTitle, duration, priorityName, unacknowledged,
} from "../base/words.js";
import { recentTime } from "../charts/zone.js";
import { showEvidence } from "../charts/evidence.js";
import { read, repeat } from "../charts/history.js";
import { Paged } from "../charts/paged.js";
import { Shares, TimeBars } from "./bars.js";
import { PRIORITIES, beganAt, burdenOf, lasted, matches, overTime } from "./burden.js";

const EVERY_MS = 10_000;
const HOURS = [1, 8, 24, 168];
const BINS = 24;

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  const list = new AlarmListPage(filterOf(location.search));
  element.append(list.element);
  list.start();
}

/**
 * What an address asks for: `?device=bed-3&priority=high`.
 * @param {string} search
 * @returns {AlarmFilter & { hours: number }}
 */
export function filterOf(search) {
  const asked = new URLSearchParams(search);
  const hours = Number(asked.get("hours"));
  return {
    device: asked.get("device") ?? "", unit: asked.get("unit") ?? "", kind: asked.get("kind") ?? "",
    priority: asked.get("priority") ?? "", open: asked.has("open"), words: asked.get("words") ?? "",
    hours: HOURS.includes(hours) ? hours : 24,
  };
}

class AlarmListPage {
  /** @param {AlarmFilter & { hours: number }} filter */
  constructor(filter) {
    this.filter = filter;
    /** @type {AlarmList} */
    this.found = { now: 0, since: 0, known_since: null, alarms: [] };
    this.known = "";
    /** @type {string | null} */
    this.chosen = null;
    this.message = make("p.outcome", { role: "status" }, t("Loading …"));
    this.count = make("p.count", { role: "status" });
    this.body = make("tbody");
    this.paged = new Paged(() => this.show());
    this.strip = make("div.strip-place", {}, make("p.note", {}, t("Choose an alarm to see its strip")));
    this.reasons = new ReasonBar((done) => {
      this.buttonOf(this.chosen ?? "")?.focus();
      if (done) void this.loop?.now();
    });
    this.reached = make("p.links");
    this.bars = new TimeBars();
    this.beds = new Shares(t("Alarms by bed"), (device) => this.ask({ device }));
    this.kinds = new Shares(t("Alarms by kind"), (kind) => this.ask({ kind }));
    this.shift = make("a", {}, t("Shift report"));
    this.controls = this.makeControls();
    const table = make("table", {}, make("thead", {}, make("tr", {},
      ...[t("Began"), t("Bed"), t("Alarm"), t("Priority"), t("Lasted"), t("Acknowledged")].map(
        (name) => make("th", { scope: "col" }, name)))), this.body);
    this.element = make("div.list-page", {},
      make("div.list-head", {}, make("h1", {}, t("Alarms")), ...this.controls.elements, this.shift, this.message),
      make("div.list-body", {},
        make("section.list-rows", {}, this.count,
          make("div.scroll", { tabindex: "0", "aria-label": t("Alarms") }, table, this.paged.element)),
        make("div.list-side", {},
          make("section", {}, this.strip, this.reasons.element, this.reached),
          make("section", {}, make("h2", {}, t("Alarms over time")), this.bars.element),
          make("section.shares", {}, this.beds.element, this.kinds.element))));
  }

  start() {
    this.loop = repeat((isNewest) => this.load(isNewest), (error) => setText(this.message, error.message), () => EVERY_MS);
    onBack(() => {
      Object.assign(this.filter, filterOf(location.search));
      this.paged.restart();
      this.known = "";
      this.show();
      void this.loop?.now();
    });
  }

  /** @param {() => boolean} isNewest */
  async load(isNewest) {
    /** @type {AlarmList} */
    const found = await read(`/alarms/list?hours=${this.filter.hours}`);
    if (!isNewest()) return;
    found.alarms.sort((a, b) => beganAt(b) - beganAt(a)); // they come in the order of their alerts
    this.found = found;
    setText(this.message, found.known_since === null ? "" : t(
      "Older alarms are kept in the audit trail only: all are known since {time}",
      { time: recentTime(found.known_since) }));
    this.show();
  }

  /**
   * Ask for other alarms; what is asked for twice is no longer asked for.
   * @param {Partial<AlarmFilter & { hours: number }>} change
   */
  ask(change) {
    for (const name of /** @type {("device" | "kind")[]} */ (["device", "kind"])) {
      if (change[name] !== undefined && change[name] === this.filter[name]) change[name] = "";
    }
    const { hours } = this.filter;
    Object.assign(this.filter, change);
    this.paged.restart();
    this.known = "";
    setAddress(addressOf(this.filter), !("words" in change)); // a word is typed letter by letter
    this.controls.update(this.filter, this.found.alarms);
    if (this.filter.hours === hours) this.show();
    else void this.loop?.now();
  }

  show() {
    const { alarms, since, now } = this.found;
    const shown = alarms.filter((alarm) => matches(alarm, this.filter,
      `${alarmTitle(alarm)} ${this.labelOf(alarm.device)}`));
    const state = JSON.stringify([shown, this.paged.count, this.chosen, this.found.labels]);
    this.controls.update(this.filter, alarms);
    if (state === this.known) return;
    this.known = state;
    const held = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.id;
    this.body.replaceChildren(...shown.slice(0, this.paged.count).map((alarm) => this.row(alarm, now)));
    if (held !== undefined) this.buttonOf(held)?.focus();
    this.paged.update(shown.length);
    const open = shown.filter((alarm) => alarm.presence === "On").length;
    setText(this.count, shown.length === 0 ? t("No alarm is like that")
      : `${tn("{n} alarm", "{n} alarms", shown.length)} · ${
        t("{n} not acknowledged", { n: number(open) })}`);
    this.bars.show(overTime(shown, since, now, BINS), since, now);
    this.beds.show(burdenOf(shown, "device", since, now), (device) => this.labelOf(device), this.filter.device);
    this.kinds.show(burdenOf(shown, "kind", since, now), alarmName, this.filter.kind);
  }

  /**
   * What a bed is called.
   * @param {string} device
   * @returns {string}
   */
  labelOf(device) {
    return this.found.labels?.[device] ?? device;
  }

  /**
   * @param {string} id of an alarm
   * @returns {HTMLElement | null}
   */
  buttonOf(id) {
    return find(this.body, `[data-id="${CSS.escape(id)}"]`);
  }

  /**
   * @param {ListedAlarm} alarm
   * @param {number} now
   * @returns {HTMLElement}
   */
  row(alarm, now) {
    const button = make("button.link", { type: "button", "data-id": alarm.id }, recentTime(beganAt(alarm)));
    button.addEventListener("click", () => void this.choose(alarm));
    const bed = make("a", { href: `/bed/${encodeURIComponent(alarm.device)}` }, make("bdi", {}, this.labelOf(alarm.device)));
    const acked = ackedText(alarm) ?? unacknowledged(alarm);
    return make("tr", { "data-priority": alarm.priority, "data-row": alarm.id,
      ...(alarm.id === this.chosen ? { "data-chosen": "" } : {}) },
    make("td", {}, button), make("td", {}, bed),
    make("td.alarm-name", {}, `${SYMBOLS[alarm.priority] ?? ""} ${alarmTitle(alarm)}`.trim()),
    make("td", {}, priorityName(alarm.priority)),
    make("td", {}, alarm.cleared_at === null ? t("present") : duration(lasted(alarm, now))),
    make("td", {}, make("bdi", {}, acked)));
  }

  /** @param {ListedAlarm} alarm */
  async choose(alarm) {
    this.chosen = alarm.id;
    for (const one of this.body.rows) one.toggleAttribute("data-chosen", one.dataset.row === alarm.id);
    this.reasons.ask(alarm.acked_by === null ? [] : [alarm]);
    const bed = `/bed/${encodeURIComponent(alarm.device)}`;
    this.reached.replaceChildren(make("a", { href: bed }, make("bdi", {}, this.labelOf(alarm.device))),
      make("a", { href: `${bed}/patient#notes` }, t("Notes")));
    await showEvidence(this.strip, alarm.device, alarm, () => this.chosen === alarm.id);
  }

  makeControls() {
    const hours = select(t("How far back"), HOURS.map((one) => [String(one), hoursText(one)]),
      (value) => this.ask({ hours: Number(value) }));
    const priority = select(t("Priority"),
      [["", t("All priorities")], ...PRIORITIES.map((one) => [one, priorityName(one)])],
      (value) => this.ask({ priority: value }));
    const unit = select(t("Care unit"), [], (value) => this.ask({ unit: value }));
    const device = select(t("Bed"), [], (value) => this.ask({ device: value }));
    const kind = select(t("Alarm"), [], (value) => this.ask({ kind: value }));
    const words = make("input", { type: "search", "aria-label": t("Find in the list"),
      placeholder: t("Find …"), maxlength: "80" });
    words.addEventListener("input", () => this.ask({ words: words.value }));
    const open = make("input", { type: "checkbox" });
    open.addEventListener("change", () => this.ask({ open: open.checked }));
    return {
      elements: [hours, priority, unit, device, kind, words,
        make("label.check", {}, open, t("only what still shows"))],
      /**
       * @param {AlarmFilter & { hours: number }} filter
       * @param {ListedAlarm[]} alarms
       */
      update: (filter, alarms) => {
        const units = this.found.units ?? [];
        unit.hidden = units.length === 0 && filter.unit === "";
        fillChoices(unit, t("All care units"), [...units.map(({ id }) => id), filter.unit],
          (id) => units.find((one) => one.id === id)?.name ?? t("Not there"));
        fillChoices(device, t("All beds"), [...new Set(alarms.map((one) => one.device)), filter.device],
          (one) => this.labelOf(one));
        fillChoices(kind, t("All kinds"), [...new Set(alarms.map((one) => one.kind)), filter.kind], alarmName);
        this.shift.href = `/shift${filter.unit === "" ? "" : `?unit=${filter.unit}`}`;
        hours.value = String(filter.hours);
        priority.value = filter.priority;
        unit.value = filter.unit;
        device.value = filter.device;
        kind.value = filter.kind;
        open.checked = filter.open;
        if (words.value !== filter.words) words.value = filter.words;
      },
    };
  }
}

/**
 * @param {AlarmFilter & { hours: number }} filter
 * @returns {string}
 */
function addressOf({ open, hours, ...texts }) {
  const query = new URLSearchParams(Object.entries(texts).filter(([, text]) => text !== ""));
  if (open) query.set("open", "");
  if (hours !== 24) query.set("hours", String(hours));
  return query.size === 0 ? location.pathname : `${location.pathname}?${query}`;
}

/**
 * @param {number} hours
 * @returns {string}
 */
function hoursText(hours) {
  return hours < 48 ? tn("last {n} hour", "last {n} hours", hours)
    : tn("last {n} day", "last {n} days", hours / 24);
}

/**
 * @param {string} name
 * @param {string[][]} choices value and text
 * @param {(value: string) => void} choose
 * @returns {HTMLSelectElement}
 */
function select(name, choices, choose) {
  const made = make("select", { "aria-label": name },
    ...choices.map(([value, text]) => make("option", { value }, text)));
  made.addEventListener("change", () => choose(made.value));
  return made;
}

/**
 * Offer names to choose from, in order; an unchanged list is left alone, since it may be open.
 * @param {HTMLSelectElement} list
 * @param {string} all what stands for all of them
 * @param {string[]} names may hold an empty one, and one twice
 * @param {(name: string) => string} text
 */
function fillChoices(list, all, names, text) {
  const sorted = [...new Set(names)].filter((name) => name !== "")
    .sort((a, b) => byName(text(a), text(b)));
  const state = JSON.stringify(sorted);
  if (list.dataset.state === state) return;
  list.dataset.state = state;
  list.replaceChildren(make("option", { value: "" }, all),
    ...sorted.map((name) => make("option", { value: name }, text(name))));
}
