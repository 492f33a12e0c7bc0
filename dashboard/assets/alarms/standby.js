// Standby of a bed: the patient is away (see ecg_monitor/ward/alerts/standby.py). The bed says so where
// its signal would be: what nobody is monitored at must not look like a patient who is well.

import { BUSY_MS, post, seen } from "./acts.js";
import { find, make, setAttribute, setData, setText } from "../base/dom.js";
import { t, tn } from "../base/i18n.js";
import { confirm } from "../patient/dialog.js";
import { hindrance, restrict } from "../session/role.js";
import { countdown, timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

/** @type {Record<string, string>} */
const REASONS = {
  imaging: t("Imaging"), theatre: t("Theatre"), bathroom: t("Bathroom"), care: t("Care at the bed"),
  other: t("Other reason"),
};
const MINUTES = [15, 30, 60]; // the server allows 1 to 60
/** @type {Record<string, string>} */
const WHY = {
  signal: t("the signal is back"), alarm: t("a new alarm"), time: t("the time is up"),
  unused: t("the signal has not gone"),
};

/**
 * @param {{ reason: string }} standby
 * @returns {string}
 */
export function standbyReason({ reason }) {
  return REASONS[reason] ?? reason;
}

/**
 * That a bed is monitored again, since when and why.
 * @param {Resumed} resumed
 * @returns {string}
 */
export function resumedText({ at, why, by }) {
  return t("Monitored again since {time}: {why}", {
    time: timeOfDay(at), why: WHY[why] ?? t("by {name}", { name: by }) });
}

/** What lies over a bed's traces while it is in standby, and for a while after. */
export class StandbyBanner {
  /** @param {Bed} bed */
  constructor(bed) {
    this.bed = bed;
    this.title = make("strong");
    this.detail = make("span");
    this.element = make("div.standby", { hidden: "" }, this.title, this.detail);
  }

  /**
   * `now` is the hub's clock, or null.
   * @param {number | null} now
   */
  update(now) {
    const { standby, resumed } = this.bed;
    this.element.hidden = standby === null && resumed === null;
    if (standby === null) {
      if (resumed === null) return;
      setData(this.element, "phase", "Resumed");
      setText(this.title, t("Monitoring"));
      setText(this.detail, resumedText(resumed));
      return;
    }
    setData(this.element, "phase", standby.phase);
    setText(this.title, standby.phase === "Away" ? t("STANDBY") : t("STANDBY, still connected"));
    setText(this.detail, [
      standbyReason(standby), now === null ? "" : countdown(standby.until - now),
      t("until {time}", { time: timeOfDay(standby.until) }), t("by {name}", { name: standby.by }),
    ].filter((text) => text !== "").join(" · "));
  }
}

/** The button that puts a bed in standby, or ends it; without `text` it shows a sign alone. */
export class StandbyButton {
  /**
   * @param {Bed} bed
   * @param {(error: string) => void} onProblem
   * @param {string} text
   */
  constructor(bed, onProblem, text = "") {
    this.bed = bed;
    this.onProblem = onProblem;
    this.text = text;
    this.words = make("span");
    this.element = restrict(make("button.standby-button", { type: "button" },
      make("i", { "aria-hidden": "true" }), this.words));
    this.element.addEventListener("click", () => this.press());
    setData(this.element, "sign", text === "" ? "" : null);
    this.update();
  }

  update() {
    const away = this.bed.standby !== null;
    const { label } = this.bed.info;
    const words = away ? t("Resume monitoring, {bed}", { bed: label })
      : t("Standby, {bed}", { bed: label });
    setData(this.element, "on", away ? "" : null);
    setAttribute(this.element, "title", hindrance() || words);
    setAttribute(this.element, "aria-label", words);
    if (this.text !== "") setText(this.words, away ? t("Resume monitoring") : this.text);
  }

  async press() {
    const { element, bed } = this;
    if (element.getAttribute("aria-disabled") === "true") return;
    if (bed.standby === null) {
      await ask(bed);
      element.focus();
      return;
    }
    element.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
    const error = await post("/alerts/standby-end", { device: bed.info.device });
    if (error !== null) this.onProblem(error);
    setTimeout(() => element.removeAttribute("aria-disabled"), error === null ? BUSY_MS : 0);
  }
}

/**
 * Ask for the reason and the time, then put the bed in standby.
 * @param {Bed} bed
 * @returns {Promise<boolean>}
 */
function ask(bed) {
  const reasons = choice(t("Reason for the standby"), "reason", Object.entries(REASONS));
  const times = choice(t("At most"), "minutes",
    MINUTES.map((n) => [String(n), tn("{n} minute", "{n} minutes", n)]));
  const lines = [
    make("p", {}, t("Lead off, no data and noise of this bed make no sound until the signal is back or the time is up. Then it is monitored again by itself.")),
    make("p", {}, t("Alarms of the heart always sound; a new one ends the standby.")),
    reasons, times,
  ];
  return confirm(t("Standby, {bed}", { bed: bed.info.label }), lines, t("Begin standby"), () => {
    /** @param {HTMLElement} fieldset */
    const value = (fieldset) => /** @type {HTMLInputElement} */ (find(fieldset, "input:checked")).value;
    return post("/alerts/standby", {
      device: bed.info.device,
      seconds: Number(value(times)) * 60,
      reason: value(reasons),
      seen: seen(bed.activeAlarms().filter((alarm) => alarm.presence !== "Ack")),
    });
  });
}

/**
 * One of several, as radio buttons; the first is chosen.
 * @param {string} legend
 * @param {string} name
 * @param {[value: string, text: string][]} options
 * @returns {HTMLFieldSetElement}
 */
function choice(legend, name, options) {
  return make("fieldset.standby-choice", {}, make("legend", {}, legend),
    ...options.map(([value, text], i) => make("label", {},
      make("input", { type: "radio", name, value, ...(i === 0 ? { checked: "" } : {}) }), text)));
}
