// A stretch of time that is drawn as a whole and goes where it is clicked: what an hour and a day
// have in common.

import { make, zoomOf } from "../base/dom.js";

/**
 * Priorities of alarms, the gravest last: it is drawn over the others.
 * @type {Priority[]}
 */
export const PRIORITIES = ["technical", "low", "medium", "high"];

/** @template {RecordedHour | RecordedDay} T */
export class Stretch {
  /**
   * @param {string} name what is drawn, for those who do not see it
   * @param {(context: CanvasRenderingContext2D, shown: T, width: number, ratio: number) => void} paint
   *   draws on an empty canvas of so many pixels across, `ratio` of them to one of the page; the
   *   style says how high it is
   * @param {(shown: T, across: number, down: number) => void} onClick called with what is shown, and
   *   the place of a click as shares of width and height
   * @param {(shown: T, at: number) => number} part which part of the drawing shows where the strip is
   */
  constructor(name, paint, onClick, part = () => 0) {
    this.paint = paint;
    this.part = part;
    /** @type {T | null} */
    this.shown = null;
    /** @type {RecordedAlarm[]} */
    this.alarms = [];
    this.at = 0;
    this.canvas = make("canvas", { role: "img", "aria-label": name });
    this.canvas.addEventListener("click", (event) => {
      if (this.shown === null) return;
      const box = this.canvas.getBoundingClientRect();
      onClick(this.shown, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    document.addEventListener("themechange", () => this.draw());
  }

  /**
   * Show it; while only the strip moves, within one part of the drawing, all stays as it is drawn.
   * @param {T | null} shown
   * @param {RecordedAlarm[]} alarms
   * @param {number} at where the strip of ten seconds begins, Unix s
   */
  show(shown, alarms, at) {
    const same = shown !== null && shown === this.shown && alarms === this.alarms
      && this.part(shown, at) === this.part(shown, this.at);
    this.shown = shown;
    this.alarms = alarms;
    this.at = at;
    if (!same) this.draw();
  }

  draw() {
    const ratio = window.devicePixelRatio * zoomOf(this.canvas);
    const width = Math.round(this.canvas.clientWidth * ratio);
    this.canvas.width = width;
    this.canvas.height = Math.round(this.canvas.clientHeight * ratio);
    const context = this.canvas.getContext("2d");
    if (context === null || width === 0 || this.shown === null) return;
    this.paint(context, this.shown, width, ratio);
    this.canvas.dataset.from = String(this.shown.from);
  }
}
