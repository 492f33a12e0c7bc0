// One trace on one canvas: the playhead runs left to right, an erase bar runs ahead of it.
//
// Per frame only the newest stretch is stroked and the erase bar's new columns are cleared. Every
// sample has its place by index alone, so late data lands where it belongs, if that is still on
// the screen, and a gap stays blank. Lengths are in device pixels.

import {
  RIBBON_PX, STRIP_PX, drawMark, markReach, ribbonSpan, ribbonStrength,
} from "./marks.js";
import { zoomOf } from "../base/dom.js";
import { mmPerMv, mmPerS, scale } from "../base/scale.js";
import { letterOf } from "../stream/paced.js";

/** @import { SampleRing } from "../stream/ring.js" */

const ERASE_MM = 5;
const LINE_PX = 1.5;
const TELEVISION_PX = 2800; // a window so wide is a screen without scaling of its own: all is drawn larger
const LARGER = 1.8;
const MAX_BEATS = 256;
const PULSE_STRENGTH = 0.5; // a pulse's line must not hide the trace

export class Sweep {
  // What hangs on the canvas's size: see `layout`.
  /** @type {number} */
  width;
  /** @type {number} */
  height;
  /** @type {number} */
  ratio; // device pixels per CSS pixel
  /** @type {number} */
  pixel; // device pixels per pixel of the canvas's style, which is larger on a television
  /** @type {number} */
  grain; // device pixels per pixel of marks and lines
  /** @type {number} */
  pxPerS;
  /** @type {number} */
  pxPerMv;
  fit = 1; // times 10 mm/mV, where the gain is what fits
  marked = true; // whether beats are marked above it, and unusual ones below
  /** @type {number} */
  bar; // width of the erase bar
  /** @type {number} */
  top; // of the trace: marks are above it, the ribbon below its bottom
  /** @type {number} */
  bottom;
  /** @type {number} */
  middle;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {TraceColours} colours
   */
  constructor(canvas, colours) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.colours = colours;
    /** @type {SampleRing | null} */
    this.ring = null;
    /** @type {LiveBeat[]} */
    this.beats = [];
    /** @type {Map<number, number>} */
    this.offsets = new Map(); // number of the sweep -> mV at the middle of the trace
    /** @type {number | null} */
    this.drawnTo = null; // index of the last sample that was drawn
    this.erasedTo = 0; // place up to which the erase bar has come
    this.layout();
  }

  /**
   * Show another stream.
   * @param {SampleRing} ring
   */
  attach(ring) {
    this.ring = ring;
    this.beats = [];
    this.offsets.clear();
    this.blank();
  }

  /** The stream that is shown, while there is one. */
  get stream() {
    if (this.ring === null) throw new Error("this sweep shows no stream");
    return this.ring;
  }

  /** Take on the canvas's size on the page; the trace is drawn anew, at once: a page may be printed. */
  layout() {
    const { drawnTo } = this;
    const ratio = window.devicePixelRatio || 1;
    const pixel = ratio * zoomOf(this.canvas); // device pixels in one that the style speaks of
    const style = this.canvas.style;
    style.width = style.height = style.top = style.left = "";
    const box = this.canvas.getBoundingClientRect();
    // On whole device pixels, else the browser blurs every line.
    style.top = `${(Math.round(box.top * ratio) - box.top * ratio) / pixel}px`;
    style.left = `${(Math.round(box.left * ratio) - box.left * ratio) / pixel}px`;
    this.width = Math.max(1, Math.round(box.width * ratio));
    this.height = Math.max(1, Math.round(box.height * ratio));
    style.width = `${this.width / pixel}px`;
    style.height = `${this.height / pixel}px`;
    this.canvas.width = this.width;
    this.canvas.height = this.height;
    this.ratio = ratio;
    this.pixel = pixel;
    const grain = ratio * (window.innerWidth >= TELEVISION_PX ? LARGER : 1);
    this.grain = grain;
    this.pxPerS = mmPerS(box.width) * scale() * ratio;
    this.pxPerMv = mmPerMv(this.fit) * scale() * ratio;
    this.bar = Math.round(ERASE_MM * scale() * ratio);
    this.top = this.marked ? STRIP_PX * grain : 0;
    this.bottom = Math.max(this.top + 1, this.height - (this.marked ? RIBBON_PX * grain : 0));
    this.middle = (this.top + this.bottom) / 2;
    this.context.lineWidth = LINE_PX * grain;
    this.context.lineJoin = "round";
    this.context.lineCap = "round";
    this.context.textAlign = "left"; // whatever the page's direction
    this.context.font = `600 ${12 * grain}px system-ui, "DejaVu Sans", sans-serif`;
    this.offsets.clear();
    this.drawnTo = null;
    if (drawnTo !== null && this.ring !== null) this.redraw(drawnTo);
  }

  blank() {
    this.context.clearRect(0, 0, this.width, this.height);
    this.drawnTo = null;
  }

  /**
   * Bring the canvas up to the playhead.
   * @param {number} playhead
   */
  draw(playhead) {
    if (this.ring === null) return;
    const newest = Math.floor(playhead);
    const { drawnTo } = this;
    const stretch = drawnTo === null ? Infinity : newest - drawnTo;
    if (drawnTo === null || stretch < -1 || this.place(stretch) > this.width / 2) {
      this.redraw(newest);
      return;
    }
    if (stretch <= 0) return;
    const sweep = this.sweepOf(newest);
    if (!this.offsets.has(sweep)) this.chooseOffset(sweep, newest);
    this.erase(this.place(newest) + this.bar);
    this.markPulses(drawnTo, newest);
    this.strokeTrace(drawnTo, newest);
    for (const beat of this.beats) {
      if (beat.n > drawnTo && beat.n <= newest) this.markBeat(beat);
    }
    this.drawnTo = newest;
  }

  /**
   * Whether any of the last seconds that were drawn did not fit.
   * @param {number} seconds
   * @returns {boolean}
   */
  cutFor(seconds) {
    if (this.ring === null || this.drawnTo === null) return false;
    const range = this.ring.range(Math.max(0, this.drawnTo - Math.round(seconds * this.ring.fs)), this.drawnTo);
    return range !== null
      && (this.y(range.high, this.drawnTo) < this.top || this.y(range.low, this.drawnTo) > this.bottom);
  }

  /**
   * Draw what has arrived late into its place, if that is still on the screen.
   * @param {number} n0
   * @param {number} n1
   */
  fill(n0, n1) {
    if (this.drawnTo === null) return;
    const from = Math.max(n0 - 1, this.oldest());
    const to = Math.min(n1, this.drawnTo);
    if (to <= from) return;
    this.markPulses(from, to);
    this.strokeTrace(from, to);
  }

  /**
   * Mark a beat, by dots until its label is known: now if its place has been swept, else when the playhead gets there.
   * @param {LiveBeat} beat
   */
  addBeat(beat) {
    this.beats.push(beat);
    if (this.beats.length > MAX_BEATS) this.beats.splice(0, MAX_BEATS / 2);
    if (this.drawnTo !== null && beat.n <= this.drawnTo && beat.n >= this.oldest()) {
      this.markBeat(beat);
    }
  }

  /**
   * A beat that may be marked already has got its label.
   * @param {LiveBeat} beat
   */
  nameBeat(beat) {
    if (!this.marked || !this.beats.includes(beat)) return;
    if (this.drawnTo === null || beat.n > this.drawnTo || beat.n < this.oldest()) return;
    const [left, right] = markReach(null);
    const x = Math.round(this.x(beat.n));
    this.context.clearRect(x - left * this.grain, 0, (left + right) * this.grain, this.top);
    this.markBeat(beat);
  }

  /**
   * Draw the whole screen anew up to sample `newest`.
   * @param {number} newest
   */
  redraw(newest) {
    this.blank();
    this.erasedTo = Math.floor(this.place(newest) + this.bar);
    this.drawnTo = newest;
    const sweep = this.sweepOf(newest);
    this.offsets.set(sweep - 1, this.chooseOffset(sweep, newest));
    const from = Math.max(0, this.oldest());
    this.markPulses(from - 1, newest);
    this.strokeTrace(from, newest);
    for (const beat of this.beats) {
      if (beat.n >= from && beat.n <= newest) this.markBeat(beat);
    }
  }

  /**
   * @param {number} n
   * @returns {number}
   */
  place(n) {
    return (n / this.stream.fs) * this.pxPerS;
  }

  /**
   * @param {number} n
   * @returns {number}
   */
  sweepOf(n) {
    return Math.floor(this.place(n) / this.width);
  }

  /** Oldest sample that is still on the screen, clear of the erase bar. */
  oldest() {
    const left = this.place(this.drawnTo ?? 0) - this.width + this.bar + 2 * this.ratio;
    return Math.ceil((left / this.pxPerS) * this.stream.fs);
  }

  /**
   * @param {number} n
   * @returns {number}
   */
  x(n) {
    const place = this.place(n);
    return place - Math.floor(place / this.width) * this.width;
  }

  /**
   * @param {number} value
   * @param {number} n
   * @returns {number}
   */
  y(value, n) {
    const offset = this.offsets.get(this.sweepOf(n)) ?? 0;
    return this.middle - (value - offset) * this.pxPerMv;
  }

  /** @param {number} place */
  erase(place) {
    const to = Math.floor(place);
    let from = this.erasedTo;
    while (from < to) {
      const x = ((from % this.width) + this.width) % this.width;
      const length = Math.min(to - from, this.width - x);
      this.context.clearRect(x, 0, length, this.height);
      from += length;
    }
    this.erasedTo = to;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  strokeTrace(from, to) {
    const { context, stream } = this;
    context.save();
    context.beginPath();
    context.rect(0, this.top, this.width, this.bottom - this.top);
    context.clip();
    context.strokeStyle = this.colours.trace;
    context.beginPath();
    let pen = false;
    let lastX = 0;
    let lastY = 0;
    for (let n = from; n <= to; n++) {
      const value = stream.at(n);
      if (Number.isNaN(value)) {
        pen = false;
        continue;
      }
      const x = this.x(n);
      const y = this.y(value, n);
      if (pen && x < lastX) {
        context.lineTo(x + this.width, y); // over the right edge, and in again at the left
        context.moveTo(lastX - this.width, lastY);
      }
      if (pen) context.lineTo(x, y);
      else context.moveTo(x, y);
      pen = true;
      lastX = x;
      lastY = y;
    }
    context.stroke();
    context.restore();
  }

  /**
   * Draw a thin line at each pacemaker pulse after sample `from` up to `to`.
   * @param {number} from
   * @param {number} to
   */
  markPulses(from, to) {
    const context = this.context;
    context.fillStyle = this.colours.Q;
    context.globalAlpha = PULSE_STRENGTH;
    for (const n of this.stream.pulses) {
      if (n <= from || n > to) continue;
      const x = Math.round(this.x(n));
      for (let y = this.top; y < this.bottom; y += 6 * this.ratio) {
        context.fillRect(x - this.ratio / 2, y, this.ratio, 3 * this.ratio);
      }
    }
    context.globalAlpha = 1;
  }

  /** @param {LiveBeat} beat */
  markBeat(beat) {
    if (!this.marked) return;
    const x = Math.round(this.x(beat.n));
    drawMark(this.context, x, beat.label, this.colours, this.grain, this.pxPerS, letterOf(beat));
    this.colourRibbon(beat);
  }

  /**
   * Colour a beat's share of the ribbon, as far as it is on the screen.
   * @param {LiveBeat} beat
   */
  colourRibbon(beat) {
    const span = ribbonSpan(beat, this.stream.fs);
    if (span === null || beat.anomaly === null || this.drawnTo === null) return;
    const left = Math.round(this.place(Math.max(span.from, this.oldest(), 0)));
    const right = Math.round(Math.min(this.place(span.to), this.erasedTo));
    const context = this.context;
    context.globalAlpha = ribbonStrength(beat.anomaly);
    context.fillStyle = this.colours.anomaly;
    for (let at = left; at < right;) {
      const x = at - Math.floor(at / this.width) * this.width;
      const length = Math.min(right - at, this.width - x);
      context.fillRect(x, this.bottom + this.ratio, length, this.height - this.bottom - this.ratio);
      at += length;
    }
    context.globalAlpha = 1;
  }

  /**
   * Which mV is at the middle during a sweep: 0, unless the trace would leave the screen. It
   * changes between sweeps only, so that no trace ever bends.
   * @param {number} sweep
   * @param {number} newest
   */
  chooseOffset(sweep, newest) {
    const seconds = this.width / this.pxPerS;
    const { stream } = this;
    const range = stream.range(Math.max(0, Math.floor(newest - seconds * stream.fs)), newest);
    const room = (this.bottom - this.top) / 2 / this.pxPerMv;
    const former = this.offsets.get(sweep - 1) ?? 0;
    let offset = former;
    if (range !== null) {
      /** @param {number} level */
      const fits = (level) => range.low >= level - room && range.high <= level + room;
      if (fits(0)) offset = 0;
      else if (range.high - range.low > 2 * room) offset = range.mean;
      else if (!fits(former)) offset = (range.low + range.high) / 2;
    }
    this.offsets.set(sweep, offset);
    this.offsets.delete(sweep - 2);
    return offset;
  }
}
