// One bed on the wall.
//
// Every place is there from the beginning, empty or not, so that nothing moves when something
// comes. The whole tile leads to the bed's page; the button that acknowledges lies above that link.

import { BUSY_MS, acknowledge } from "../alarms/acts.js";
import { AlarmsOff } from "../alarms/alarmsoff.js";
import { AbsentBanner } from "./absent.js";
import { AlarmChip } from "../alarms/chip.js";
import { make, setAttribute, setData, setText } from "../base/dom.js";
import { ltr, number, signed, t } from "../base/i18n.js";
import { patientText } from "../patient/words.js";
import { rhythmName, rhythmTitle, shortName } from "../stream/rhythms.js";
import { hindrance, restrict } from "../session/role.js";
import { StandbyBanner, StandbyButton } from "../alarms/standby.js";
import { Trace, markFirst } from "../trace/trace.js";
import {
  alarmText, alarmTitle, connectionName, duration, limitsText, numberOr, rateText, replayText, signalText,
  timeOfDay,
} from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

const PATIENT_PX = 48; // of a patient's name: less of it tells nobody apart

export class Tile {
  /**
   * `onProblem` is called with words when something that was asked for could not be done.
   * @param {Bed} bed
   * @param {(error: string) => void} onProblem
   */
  constructor(bed, onProblem) {
    this.bed = bed;
    this.onProblem = onProblem;
    /** @type {Trace[]} */
    this.traces = [];
    this.link = make("a.label", { dir: "auto", href: `/bed/${encodeURIComponent(bed.info.device)}` });
    this.patient = make("span.patient", { dir: "auto" });
    this.who = make("div.who", {}, this.link, make("div.whose", {}, this.patient));
    this.muted = make("span.muted",
      { role: "img", "aria-label": t("Audio paused"), title: t("Audio paused") });
    this.off = new AlarmsOff();
    this.banner = new StandbyBanner(bed);
    this.absent = new AbsentBanner(bed);
    this.standby = new StandbyButton(bed, onProblem);
    this.button = restrict(make("button.ack", { type: "button" }, "✓"));
    this.button.addEventListener("click", () => this.acknowledge());
    this.rate = make("span.rate");
    this.limits = make("span.rate-limits", { title: t("Alarm limits of the heart rate") });
    /** @type {Record<string, {title: HTMLElement, value: HTMLElement, element: HTMLElement}>} */
    this.figures = Object.fromEntries(Object.entries({
      rhythm: t("Rhythm"), pvc: t("PVC/min"), st: t("ST"), signal: t("Signal"),
    }).map(([name, title]) => {
      const term = make("dt", {}, title);
      const value = make("dd");
      return [name, { title: term, value, element: make("div", { "data-figure": name }, term, value) }];
    }));
    this.stack = make("div.traces");
    this.chip = new AlarmChip();
    const { alarm, more } = this.chip;
    this.element = make("article.tile", { "data-device": bed.info.device },
      make("div.tile-head", {}, this.who, this.standby.element,
        make("div.what", {}, this.muted, this.off.element, alarm, more), this.button),
      this.stack, this.absent.element, this.banner.element,
      make("div.numbers", {},
        make("span.unit", {}, t("HR")), this.rate, make("span.unit", {}, t("bpm")), this.limits,
        make("dl", {}, ...Object.values(this.figures).map((figure) => figure.element))));
    /** @type {string | null} */
    this.fitted = null; // what the alarm's name has been fitted to
    new ResizeObserver(() => { this.fitted = null; }).observe(this.element);
    this.addTraces();
  }

  /** Show the leads that have begun to arrive. */
  addTraces() {
    for (const row of [...this.bed.rings.keys()].sort((a, b) => a - b)) {
      if (this.traces.some((trace) => trace.row === row)) continue;
      const trace = new Trace(this.bed, row);
      const next = this.traces.find((other) => other.row > row)?.element ?? null;
      this.traces.push(trace);
      this.stack.insertBefore(trace.element, next);
    }
    markFirst(this.traces, this.stack);
  }

  clearTraces() {
    for (const trace of this.traces.splice(0)) trace.remove();
  }

  /**
   * @param {number} now
   * @param {number | null} hubNow
   */
  update(now, hubNow = null) {
    const { info } = this.bed;
    this.banner.update(hubNow);
    this.standby.update();
    setData(this.element, "standby", this.bed.standby?.phase ?? null);
    setText(this.link, info.label);
    setAttribute(this.element, "aria-label", info.label);
    setText(this.patient, patientText(info));
    this.off.update(info.alarms_off);
    setText(this.rate, rateText(this.bed, now));
    setData(this.rate, "look", this.bed.rateLook(now));
    setData(this.rate, "known", this.bed.heartRate(now) === null ? null : "");
    setText(this.limits, limitsText(info.rate_limits));
    setData(this.element, "quality", this.bed.quality(now));
    setData(this.element, "connection", this.bed.connection(now));
    setData(this.element, "absent", this.absent.update(now) && this.bed.standby === null ? "" : null);
    this.showFigures(now, hubNow);
    this.showAlarms(this.bed.activeAlarms());
    for (const trace of this.traces) trace.update(now);
  }

  /**
   * @param {number} now
   * @param {number | null} hubNow
   */
  showFigures(now, hubNow) {
    const { bed, figures } = this;
    const pvcs = bed.pvcsPerMinute(now);
    const connection = bed.connection(now);
    const rhythm = bed.rhythm(now);
    setText(figures.pvc.value, numberOr(bed, now, pvcs === null ? null : number(pvcs)));
    setText(figures.rhythm.value, numberOr(bed, now, rhythm === null ? null : rhythmName(rhythm)));
    setAttribute(figures.rhythm.value, "title", rhythmTitle(rhythm));
    // A rhythm that somebody must come for has the colour of its alarm, as a rate has.
    const called = bed.activeAlarms().find(({ kind, presence }) => kind === rhythm && presence === "On");
    setData(figures.rhythm.value, "look", called?.priority ?? null);
    // How long its alarm has been present: the end of an arrhythmia is known some time after it.
    const age = bed.rhythmAge(hubNow);
    setText(figures.rhythm.title, age === null ? t("Rhythm") : t("for {duration}", { duration: duration(age) }));
    setText(figures.st.value, numberOr(bed, now, stText(bed, this.traces[0]?.row, now)));
    setText(figures.signal.title, replayText(bed) ?? t("Signal"));
    setText(figures.signal.value, connection === "live"
      ? signalText(bed, now) : connectionName(connection));
  }

  /** @param {Alarm[]} active */
  showAlarms(active) {
    const first = active[0];
    this.chip.show(active, this.element);
    this.muted.hidden = this.bed.pause === null;
    this.showAlarm(first);
    this.shown = first?.presence === "Ack" ? undefined : first;
    const visibility = this.shown === undefined ? "hidden" : "";
    if (this.button.style.visibility !== visibility) {
      // The focus goes on to the bed rather than being lost.
      if (visibility === "hidden" && document.activeElement === this.button) this.link.focus();
      this.button.style.visibility = visibility;
    }
    if (this.shown === undefined) return;
    const words = t("Acknowledge {alarm}, {bed}",
      { alarm: alarmTitle(this.shown), bed: this.bed.info.label });
    setAttribute(this.button, "title", hindrance() || words);
    setAttribute(this.button, "aria-label", words);
  }

  /**
   * The alarm in full where there is room, else by the name that monitors have for it.
   * @param {Alarm | undefined} alarm
   */
  showAlarm(alarm) {
    const text = alarm === undefined ? "" : alarmText(alarm);
    const { alarm: chip, more } = this.chip;
    const key = [text, more.textContent, this.bed.info.label, this.patient.textContent,
      this.bed.pause !== null, this.off.element.textContent].join("|");
    if (key === this.fitted) return;
    this.fitted = key;
    setText(chip, text);
    setAttribute(chip, "title", alarm?.presence !== "Ack" ? text : `${text} · ${
      t("by {name} {time}", { name: alarm.acked_by ?? "–", time: timeOfDay(alarm.acked_at) })}`);
    setData(this.element, "tight", null);
    const cut = () => isCut(chip) || isCut(this.who);
    if (alarm !== undefined && (cut() || isCut(this.patient))) {
      setText(chip, alarmText(alarm, shortName(alarm)));
      setData(this.element, "tight", cut() ? "" : null); // the bed's name gives way
    }
    const { clientWidth, scrollWidth } = this.patient;
    setData(this.element, "nameless", clientWidth < Math.min(scrollWidth, PATIENT_PX) ? "" : null);
  }

  /** Acknowledge the alarm that is shown: the others have not been read. */
  async acknowledge() {
    if (this.shown === undefined || this.button.getAttribute("aria-disabled") === "true") return;
    this.button.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
    const { error } = await acknowledge([this.shown]);
    if (error !== null) this.onProblem(error);
    setTimeout(() => this.button.removeAttribute("aria-disabled"), error === null ? BUSY_MS : 0);
  }
}

/**
 * @param {Element} box
 * @returns {boolean}
 */
function isCut({ scrollWidth, clientWidth }) {
  return scrollWidth > clientWidth;
}

/**
 * ST level of a lead, with its sign: "+0.12 mV"; null where it is not known.
 * @param {Bed} bed
 * @param {number | undefined} row
 * @param {number} now
 * @returns {string | null}
 */
function stText(bed, row, now) {
  const level = row === undefined ? null : bed.stLevel(row, now);
  return level === null ? null : ltr(`${signed(level, 2)} mV`);
}
