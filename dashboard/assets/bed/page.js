// The page of one bed: its live traces, and tabs for its past. The newest of its signal, its heart
// rate and its alarms stay in view whatever tab is open.

import { AlarmsOff } from "../alarms/alarmsoff.js";
import { AlarmChip } from "../alarms/chip.js";
import { Side } from "./live.js";
import { leadBack } from "./past.js";
import { find, make, setAddress, setData, setText } from "../base/dom.js";
import { traceKeys } from "../header/keys.js";
import { Explain } from "../charts/explain.js";
import { t } from "../base/i18n.js";
import { bedName } from "../stream/bednames.js";
import { StandbyBanner, StandbyButton } from "../alarms/standby.js";
import { Tabs } from "../base/tabs.js";
import { notesLink, patientLink, patientText, reviewLink, twelveLink } from "../patient/words.js";
import { Trace, markFirst } from "../trace/trace.js";
import { say } from "../base/toast.js";
import { alarmText } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */
/** @import { Ward } from "../stream/ward.js" */

const UPDATE_MS = 250;
const NEAR_PX = 24; // a click this near to a beat means it
const TWELVE_FROM = 8; // leads I, II, V1 to V6: the other four of a resting ECG follow from them
const BEST_LEADS = ["II", "MLII", "I", "V1", "V5", "V2"]; // as the hub ranks them

/** @type {Record<string, {title: string, load?: () => Promise<BedTab>}>} */
const TABS = {
  live: { title: t("Live") },
  trends: { title: t("Trends"), load: () => import("./trends.js") },
  rhythm: { title: t("Rhythm & HRV"), load: () => import("./rhythm.js") },
  beats: { title: t("Beats"), load: () => import("./beats.js") },
  alarms: { title: t("Alarms"), load: () => import("./alarms.js") },
};

/**
 * @param {HTMLElement} element
 * @returns {Subscription}
 */
export function subscription(element) {
  return { beds: [element.dataset.device ?? ""], leads: "all", history_s: 20 };
}

/**
 * @param {HTMLElement} element
 * @param {Station} station
 * @param {Ward} ward
 * @returns {KeyRow[]}
 */
export function mount(element, station, ward) {
  const device = element.dataset.device;
  const empty = make("p.empty", { role: "status" }, device
    ? t("Waiting for {bed} …", { bed: bedName(device) }) : t("Waiting for a bed …"));
  element.append(make("a.back", { href: "/" }, t("All beds")), empty);
  ward.addEventListener("alive", () => { // an old link leads to a bed that is gone
    if (empty.isConnected && ward.introduced && !ward.all().some((one) => one.device === device)) setText(empty, t("This bed is not there: it has never sent, or was removed. It is shown as soon as it sends."));
  });
  station.addEventListener("bed", ({ detail: bed }) => {
    if (!empty.isConnected || bed.info.device !== device) return;
    empty.remove();
    new Page(element, station, bed).start();
  });
  return [...traceKeys(), { keys: "←", text: t("back in time: to the review of this bed") },
    { keys: "r", text: t("review of this bed"), acts: { r: () => follow('a[href^="/review/"]') } },
    { keys: "a", text: t("to the alarms that wait for somebody"),
      acts: { a: toAlarms } }];

  /** To the first alarm that can be acknowledged, else to where alarms would stand. */
  function toAlarms() {
    /** @type {NodeListOf<HTMLElement>} */
    const buttons = element.querySelectorAll(".handling .active-alarms .acknowledge");
    const first = [...buttons].find((button) => button.checkVisibility({ visibilityProperty: true }));
    (first ?? find(element, ".handling"))?.focus();
  }

  /** @param {string} link */
  function follow(link) {
    find(element, link)?.click();
  }
}

class Page {
  /**
   * @param {HTMLElement} element
   * @param {Station} station
   * @param {Bed} bed
   */
  constructor(element, station, bed) {
    this.element = element;
    this.station = station;
    this.bed = bed;
    this.label = make("h1");
    this.patient = make("span.patient");
    this.twelve = twelveLink(bed.info.device);
    this.off = new AlarmsOff(true);
    this.chip = new AlarmChip();
    this.banner = new StandbyBanner(bed);
    this.standby = new StandbyButton(bed, say, t("Standby …"));
    /** @type {Trace[]} */
    this.traces = [];
    this.stack = make("div.traces", { title: t("Click a beat to see why it was called so") });
    this.panel = make("section.panel", { id: "bed-panel", role: "tabpanel", tabindex: "-1" });
    this.close = () => {};
    this.explained = false; // whether a beat's explanation has taken the tab's place
    this.side = new Side(bed, station, (beat) => this.explainLive(beat));
    this.explain = new Explain(bed, () => history.back());
    const tabs = Object.entries(TABS).map(([name, { title }]) => ({ name, title }));
    this.tabs = new Tabs(t("Views of this bed"), tabs, this.panel, (name) => this.open(name));
  }

  start() {
    const { element, station } = this;
    find(element, ".back")?.after(
      make("div.bed-head", {}, this.label, this.patient, patientLink(this.bed.info.device), notesLink(this.bed.info.device),
        reviewLink(this.bed.info.device), this.twelve, this.standby.element,
        this.off.element, this.chip.alarm, this.chip.more),
      this.tabs.element, this.stack, this.banner.element, this.panel, this.side.element);
    leadBack(this.stack, this.bed.info.device, () => station.hub.now() ?? Date.now() / 1000);
    station.addEventListener("leads", ({ detail }) => { if (detail === this.bed) this.arrange(); });
    station.addEventListener("alarms", () => this.update());
    setInterval(() => this.update(), UPDATE_MS);
    this.tabs.start();
    this.update();
  }

  /**
   * Show a tab.
   * @param {string} name
   */
  open(name) {
    this.close();
    this.close = () => {};
    this.explained = false;
    this.panel.replaceChildren();
    setData(this.element, "tab", name);
    this.arrange();
    const { load } = TABS[name];
    if (load === undefined) return;
    let open = true;
    this.close = () => { open = false; };
    load().then((view) => {
      if (!open) return;
      const stop = view.open(this.panel, this.bed, {
        explain: (beat) => this.showExplanation(beat),
        plotly: this.element.dataset.plotly ?? "",
        now: () => this.station.hub.now(),
      });
      this.close = () => { open = false; stop(); };
    }).catch((error) => {
      console.info(name, error);
      if (open) this.panel.replaceChildren(make("p.note", {}, t("the dashboard cannot be reached")));
    });
  }

  /** Show all traces on the live tab, the best one on the others. */
  arrange() {
    const rows = [...this.bed.rings.keys()].sort((a, b) => a - b);
    const wanted = this.element.dataset.tab === "live" ? rows : rows.length ? [this.best(rows)] : [];
    for (const trace of this.traces.filter(({ row }) => !wanted.includes(row))) trace.remove();
    this.traces = this.traces.filter(({ row }) => wanted.includes(row));
    for (const row of wanted) {
      if (this.traces.some((trace) => trace.row === row)) continue;
      const trace = new Trace(this.bed, row);
      trace.canvas.addEventListener("click", (event) => this.clicked(trace, event));
      this.traces.push(trace);
      const after = this.traces.filter((one) => one.row > row).sort((a, b) => a.row - b.row)[0];
      this.stack.insertBefore(trace.element, after?.element ?? null);
    }
    markFirst(this.traces, this.stack);
    setData(this.stack, "many", wanted.length > 6 ? "" : null);
  }

  /**
   * @param {number[]} rows
   * @returns {number}
   */
  best(rows) {
    /** @param {number} row */
    const rank = (row) => {
      const place = BEST_LEADS.indexOf(this.bed.info.leads[row]);
      return place < 0 ? BEST_LEADS.length : place;
    };
    return rows.toSorted((a, b) => rank(a) - rank(b) || a - b)[0];
  }

  /**
   * The beat on the trace that is nearest to a click, if one is near.
   * @param {Trace} trace
   * @param {MouseEvent} event
   */
  clicked({ sweep }, event) {
    if (sweep === null || sweep.drawnTo === null) return;
    const { drawnTo } = sweep;
    const x = (event.clientX - sweep.canvas.getBoundingClientRect().left) * sweep.ratio;
    const oldest = sweep.oldest();
    const near = this.bed.beats
      .filter((beat) => beat.label !== null && beat.n >= oldest && beat.n <= drawnTo)
      .map((beat) => ({ beat, off: Math.abs(sweep.x(beat.n) - x) }))
      .sort((a, b) => a.off - b.off)[0];
    if (near !== undefined && near.off <= NEAR_PX * sweep.ratio) this.explainLive(near.beat);
  }

  /** @param {LiveBeat} beat */
  explainLive(beat) {
    const { bed } = this;
    if (bed.start === null) return;
    this.showExplanation({
      boot: bed.info.boot, n: beat.n, label: beat.label, at: bed.start + beat.n / bed.info.fs });
  }

  /** @param {AskedBeat} beat */
  showExplanation(beat) {
    this.close();
    // Back closes it.
    if (!this.explained) setAddress(location.pathname + location.search + location.hash, true);
    this.explained = true;
    if (this.element.dataset.tab === "live") {
      setData(this.element, "tab", "explain");
      this.arrange();
    }
    this.close = this.explain.open(this.panel, beat);
  }

  update() {
    const { bed, element } = this;
    const now = performance.now() / 1000;
    const connection = bed.connection(now);
    const active = bed.activeAlarms();
    setText(this.label, bed.info.label);
    setText(this.patient, patientText(bed.info));
    this.twelve.hidden = bed.info.leads.length < TWELVE_FROM;
    this.off.update(bed.info.alarms_off);
    setText(this.chip.alarm, active.length === 0 ? "" : alarmText(active[0]));
    this.chip.show(active, element);
    setData(element, "connection", connection);
    setData(element, "standby", bed.standby?.phase ?? null);
    this.banner.update(this.station.hub.now());
    this.standby.update();
    setData(element, "quality", bed.quality(now));
    for (const trace of this.traces) trace.update(now);
    this.side.update(now, connection);
  }
}
