// A day in one row: heart rate from its lowest to its highest, ventricular and supraventricular
// beats, alarms. A click goes there.

import { make, traceColours } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { HOUR_S } from "./moving.js";
import { PRIORITIES, Stretch } from "./stretch.js";

const MINUTES = 1440;
const HEIGHT_PX = 84; // of page.css
const RATE_PX = 46;
const BEATS_PX = 30;
const LOW_BPM = 30;
const HIGH_BPM = 200;
const MOST_ECTOPIC = 40; // a minute; more fill the row
const FAINT = 0.25;

/** @extends {Stretch<RecordedDay>} */
export class DayStrip extends Stretch {
  /** @param {(at: number) => void} onChoose called with the time that was clicked */
  constructor(onChoose) {
    super(t("A day: heart rate, beats V and S, alarms"),
      (...canvas) => { this.drawDay(...canvas); },
      (day, across) => { onChoose(day.from + across * MINUTES * 60); },
      hourWithin);
    this.hours = make("div.day-hours", { "aria-hidden": "true" },
      ...[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => {
        const label = make("span", {}, String(hour).padStart(2, "0"));
        label.style.setProperty("--hour", String(hour / 24));
        return label;
      }));
    this.element = make("div.day-strip", {}, this.canvas, this.hours);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {RecordedDay} day
   * @param {number} width
   * @param {number} ratio
   */
  drawDay(context, day, width, ratio) {
    const style = getComputedStyle(document.documentElement);
    const colours = traceColours();
    const column = width / MINUTES;
    context.fillStyle = style.getPropertyValue("--link").trim();
    context.globalAlpha = FAINT;
    context.fillRect(hourWithin(day, this.at) * 60 * column, 0, 60 * column, HEIGHT_PX * ratio);
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
 * The hour of a day, counted from its beginning, that a time lies in.
 * @param {RecordedDay} day
 * @param {number} at Unix s
 * @returns {number}
 */
function hourWithin(day, at) {
  return Math.floor((at - day.from) / HOUR_S);
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
