// A day in one row: heart rate from its lowest to its highest, ventricular and supraventricular
// beats, alarms. A click goes there.

import { make, traceColours } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { HOUR_S } from "./moving.js";

const MINUTES = 1440;
const HEIGHT_PX = 84;
const RATE_PX = 46;
const BEATS_PX = 30;
const LOW_BPM = 30;
const HIGH_BPM = 200;
const MOST_ECTOPIC = 40; // a minute; more fill the row
const FAINT = 0.25;
/** @type {Priority[]} */
const PRIORITIES = ["technical", "low", "medium", "high"];

export class DayStrip {
  /** @param {(at: number) => void} onChoose */
  constructor(onChoose) {
    /** @type {RecordedDay | null} */
    this.day = null;
    /** @type {RecordedAlarm[]} */
    this.alarms = [];
    this.at = 0;
    this.canvas = make("canvas", { role: "img", "aria-label": t("A day: heart rate, beats V and S, alarms") });
    this.canvas.addEventListener("click", (event) => {
      if (this.day === null) return;
      const box = this.canvas.getBoundingClientRect();
      onChoose(this.day.from + ((event.clientX - box.left) / box.width) * MINUTES * 60);
    });
    this.hours = make("div.day-hours", { "aria-hidden": "true" },
      ...[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => {
        const label = make("span", {}, String(hour).padStart(2, "0"));
        label.style.setProperty("--hour", String(hour / 24));
        return label;
      }));
    this.element = make("div.day-strip", {}, this.canvas, this.hours);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /**
   * @param {RecordedDay | null} day
   * @param {RecordedAlarm[]} alarms
   * @param {number} at
   */
  show(day, alarms, at) {
    this.day = day;
    this.alarms = alarms;
    this.at = at;
    this.draw();
  }

  draw() {
    const ratio = window.devicePixelRatio;
    const width = Math.round(this.canvas.clientWidth * ratio);
    this.canvas.width = width;
    this.canvas.height = HEIGHT_PX * ratio;
    const context = this.canvas.getContext("2d");
    const { day } = this;
    if (context === null || width === 0 || day === null) return;
    const style = getComputedStyle(document.documentElement);
    const colours = traceColours();
    const column = width / MINUTES;
    context.fillStyle = style.getPropertyValue("--link").trim();
    context.globalAlpha = FAINT;
    const hour = Math.floor((this.at - day.from) / HOUR_S);
    context.fillRect(hour * 60 * column, 0, 60 * column, HEIGHT_PX * ratio);
    context.globalAlpha = 1;
    for (let minute = 0; minute < day.counts.length; minute++) {
      const x = minute * column;
      const wide = Math.max(1, column);
      const low = day.lowest[minute];
      const high = day.highest[minute];
      if (low !== null && high !== null) {
        context.fillStyle = style.getPropertyValue("--rate").trim();
        const top = ofRate(high) * RATE_PX * ratio;
        context.fillRect(x, top, wide, Math.max(ratio, ofRate(low) * RATE_PX * ratio - top));
      }
      let foot = (RATE_PX + BEATS_PX) * ratio;
      for (const [place, label] of /** @type {const} */ ([[2, "V"], [1, "S"]])) {
        const tall = Math.min(1, day.counts[minute][place] / MOST_ECTOPIC) * (BEATS_PX / 2) * ratio;
        context.fillStyle = colours[label];
        context.fillRect(x, foot - tall, wide, tall);
        foot -= tall;
      }
    }
    for (const priority of PRIORITIES) {
      context.fillStyle = style.getPropertyValue(`--${priority}-text`).trim();
      for (const { at, until } of this.alarms.filter((one) => one.priority === priority)) {
        const first = ((at - day.from) / 60) * column;
        const last = (((until ?? at + 60) - day.from) / 60) * column;
        context.fillRect(first, (HEIGHT_PX - 7) * ratio, Math.max(1, last - first), 7 * ratio);
      }
    }
  }
}

/**
 * Beginning of the day, by the clock of who looks, that a time lies in, Unix s.
 * @param {number} at Unix s
 * @returns {number}
 */
export function dayOf(at) {
  const day = new Date(at * 1000);
  day.setHours(0, 0, 0, 0);
  return day.getTime() / 1000;
}

/**
 * Share of the height, from the top, at which a rate is drawn.
 * @param {number} bpm
 * @returns {number}
 */
export function ofRate(bpm) {
  return 1 - Math.min(1, Math.max(0, (bpm - LOW_BPM) / (HIGH_BPM - LOW_BPM)));
}
