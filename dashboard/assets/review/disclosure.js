// Full disclosure: an hour at a glance, a row a minute, coloured by the class of the beats, with
// alarms behind it.

import { make, traceColours } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { HOUR_S, ROW_S, STRIP_S, rowsOf, timeAt } from "./moving.js";
import { PRIORITIES, Stretch } from "./stretch.js";

const ROWS = HOUR_S / ROW_S;
const MV_OF_ROW = 2.5; // a row shows so many mV; what is higher runs into its neighbours
const BEFORE_S = 0.25; // of a beat's colour ahead of its R peak
const AFTER_S = 0.35;
const FAINT = 0.22;

/** @extends {Stretch<RecordedHour>} */
export class Disclosure extends Stretch {
  /** @param {(at: number) => void} onChoose called with the time that was clicked */
  constructor(onChoose) {
    super(t("An hour, a row a minute"),
      (context, hour, width) => { this.drawHour(context, hour, width); },
      (hour, across, down) => { onChoose(timeAt(hour.from, across, down)); });
    /** @type {{key: string, hour: RecordedHour | null, drawing: HTMLCanvasElement}} */
    this.traced = { key: "", hour: null, drawing: document.createElement("canvas") };
    this.labels = make("div.minutes", { "aria-hidden": "true" });
    for (let minute = 0; minute < ROWS; minute += 5) {
      const label = make("span", {}, String(minute).padStart(2, "0"));
      label.style.setProperty("--row", String(minute / ROWS));
      this.labels.append(label);
    }
    // Where the strip is lies over the drawing, which need not change while one moves on.
    this.marks = make("div.here", { "aria-hidden": "true" });
    this.element = make("div.disclosure", {}, this.labels, this.canvas, this.marks);
  }

  /**
   * @param {RecordedHour | null} hour
   * @param {RecordedAlarm[]} alarms
   * @param {number} at
   */
  show(hour, alarms, at) {
    super.show(hour, alarms, at);
    const rows = hour === null ? [] : rowsOf(at - hour.from, at - hour.from + STRIP_S);
    while (this.marks.children.length > rows.length) this.marks.lastChild?.remove();
    while (this.marks.children.length < rows.length) this.marks.append(make("span"));
    rows.forEach(({ row, left, right }, i) => {
      const { style } = /** @type {HTMLElement} */ (this.marks.children[i]);
      style.setProperty("--row", String(row / ROWS));
      style.setProperty("--left", String(left));
      style.setProperty("--wide", String(right - left));
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {RecordedHour} hour
   * @param {number} width
   */
  drawHour(context, hour, width) {
    const row = this.canvas.height / ROWS;
    const style = getComputedStyle(document.documentElement);
    context.globalAlpha = FAINT;
    for (const { priority, since, until } of gravest(this.alarms, hour.from)) {
      context.fillStyle = style.getPropertyValue(`--${priority}-text`).trim();
      fill(context, width, row, since - hour.from, until - hour.from);
    }
    context.globalAlpha = 1;
    context.drawImage(this.trace(hour, width, row), 0, 0);
  }

  /**
   * The signal of an hour, drawn once: while one moves on within it nothing of that changes.
   * @param {RecordedHour} hour
   * @param {number} width
   * @param {number} row
   * @returns {HTMLCanvasElement}
   */
  trace(hour, width, row) {
    const colours = traceColours();
    const key = JSON.stringify([width, row, colours]);
    const { drawing } = this.traced;
    if (this.traced.hour === hour && this.traced.key === key) return drawing;
    drawing.width = width;
    drawing.height = this.canvas.height;
    const context = drawing.getContext("2d");
    if (context !== null) trace(context, hour, width, row, colours);
    this.traced = { key, hour, drawing };
    return drawing;
  }
}

/**
 * Fill a stretch of time, which may go over rows.
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} row its height
 * @param {number} since s from the beginning of the hour
 * @param {number} until
 */
function fill(context, width, row, since, until) {
  for (const { row: minute, left, right } of rowsOf(since, until)) {
    context.fillRect(left * width, minute * row, Math.max(1, (right - left) * width), row);
  }
}

/**
 * Draw the signal, coloured by the class of the beats.
 * @param {CanvasRenderingContext2D} context
 * @param {RecordedHour} hour
 * @param {number} width
 * @param {number} row its height
 * @param {ReturnType<typeof traceColours>} colours
 */
function trace(context, hour, width, row, colours) {
  const kinds = classes(hour);
  const middles = medians(hour);
  const column = width / hour.columns;
  for (let i = 0; i < hour.low.length; i++) {
    const low = hour.low[i];
    const high = hour.high[i];
    if (low === null || high === null) continue;
    const at = hour.offset + i;
    const minute = Math.floor(at / hour.columns);
    const middle = minute * row + row / 2;
    const centre = middles[minute] ?? 0;
    const kind = kinds[i];
    context.fillStyle = kind === undefined || kind === "N" ? colours.trace : colours[kind];
    const top = middle - ((high - centre) / MV_OF_ROW) * row;
    const height = Math.max(1, ((high - low) / MV_OF_ROW) * row);
    context.fillRect((at % hour.columns) * column, top, Math.max(1, column), height);
  }
}

/**
 * The gravest priority of each second of an hour, as stretches that do not overlap.
 * @param {RecordedAlarm[]} alarms
 * @param {number} from beginning of the hour
 * @returns {{priority: Priority, since: number, until: number}[]}
 */
export function gravest(alarms, from) {
  const ranks = new Int8Array(HOUR_S).fill(-1);
  for (const { priority, at, until } of alarms) {
    const rank = PRIORITIES.indexOf(priority);
    const last = Math.min(HOUR_S, Math.ceil((until ?? Infinity) - from));
    for (let s = Math.max(0, Math.floor(at - from)); s < last; s++) ranks[s] = Math.max(ranks[s], rank);
  }
  const found = [];
  for (let s = 0, first = 0; s < HOUR_S; s++) {
    if (s + 1 < HOUR_S && ranks[s + 1] === ranks[first]) continue;
    if (ranks[first] >= 0) {
      found.push({ priority: PRIORITIES[ranks[first]], since: from + first, until: from + s + 1 });
    }
    first = s + 1;
  }
  return found;
}

/**
 * The class of the beat in each column; nothing where there is none.
 * @param {RecordedHour} hour
 * @returns {(BeatLabel | undefined)[]}
 */
export function classes(hour) {
  /** @type {(BeatLabel | undefined)[]} */
  const found = new Array(hour.low.length).fill(undefined);
  const perS = hour.columns / ROW_S;
  for (const [at, label] of hour.beats) {
    const first = Math.floor((at - hour.from - BEFORE_S) * perS) - hour.offset;
    const last = Math.ceil((at - hour.from + AFTER_S) * perS) - hour.offset;
    for (let i = Math.max(0, first); i < Math.min(found.length, last); i++) found[i] = label;
  }
  return found;
}

/**
 * The voltage about which each minute is drawn: the median of its columns, mV.
 * @param {RecordedHour} hour
 * @returns {(number | undefined)[]}
 */
export function medians(hour) {
  /** @type {number[][]} */
  const values = [];
  hour.low.forEach((low, i) => {
    const high = hour.high[i];
    if (low === null || high === null) return;
    const minute = Math.floor((hour.offset + i) / hour.columns);
    (values[minute] ??= []).push((low + high) / 2);
  });
  return Array.from(values, (some) => some?.toSorted((a, b) => a - b)[Math.floor(some.length / 2)]);
}
