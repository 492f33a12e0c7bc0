// A trace on the page: canvas, name of the lead, 1 mV mark, and words when there is no signal.

import { display, onDisplay } from "../base/display.js";
import { make, setAttribute, setData, setText, traceColours } from "../base/dom.js";
import { ltr, measure, number, signed, t } from "../base/i18n.js";
import { RIBBON_PX, STRIP_PX } from "./marks.js";
import { rhythmName } from "../stream/rhythms.js";
import { scale } from "../base/scale.js";
import { Sweep } from "./sweep.js";
import { qualityName } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

const MARKS_MV = [1, 0.5, 0.2, 0.1]; // the mark shows the greatest of these that fits
const USUAL = 10; // mm/mV
const CUT_FOR_S = 3; // so long is it said that a trace was cut
const NAME_PX = 4; // what the lead's name needs of the room above the mark
const TALL_PX = 56; // from this height on the scale has a line of its own below the mark
const SCALE_PX = 20; // what that line needs

export class Trace {
  /**
   * @param {Bed} bed
   * @param {number} row
   */
  constructor(bed, row) {
    this.bed = bed;
    this.row = row;
    this.name = make("span.lead");
    this.gain = make("span.gain");
    this.mark = make("span.millivolt");
    this.level = make("span.level", { title: t("ST mV") });
    this.words = make("span.words");
    this.canvas = make("canvas", { role: "img" });
    this.element = make("div.trace", { dir: "ltr", "data-first": "" }, this.mark, this.canvas,
      make("span.lead-line", {}, this.name, this.gain), this.level, this.words);
    this.scaled = { factor: "", mark: "", speed: "" }; // the last two where they are not as usual
    /** @type {Sweep | null} */
    this.sweep = null; // made when the size is known
    this.stop = onDisplay(() => this.layout());
    this.first = true;
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(this.element);
  }

  /**
   * Whether it is the first of its stack: beats are marked and the scale is told once, above all leads.
   * @param {boolean} first
   */
  lead(first) {
    if (this.first === first) return;
    this.first = first;
    setData(this.element, "first", first ? "" : null);
    this.layout();
  }

  remove() {
    this.stop();
    this.observer.disconnect();
    if (this.sweep !== null) this.bed.hide(this.row, this.sweep);
    this.bed.fit.forget(this.row);
    this.element.remove();
  }

  layout() {
    let { sweep } = this;
    if (sweep === null) {
      sweep = new Sweep(this.canvas, traceColours());
      this.sweep = sweep;
      if (!this.first) {
        sweep.marked = false;
        sweep.layout();
      }
      this.bed.fit.give(this.row, (sweep.bottom - sweep.top) / sweep.ratio / scale());
      this.bed.fit.update(this.bed.rings, performance.now() / 1000, false);
      sweep.fit = this.bed.fit.factor;
      sweep.layout();
      this.bed.show(this.row, sweep);
    } else {
      sweep.colours = traceColours();
      sweep.marked = this.first;
      sweep.fit = this.bed.fit.factor;
      sweep.layout();
      this.bed.fit.give(this.row, (sweep.bottom - sweep.top) / sweep.ratio / scale());
    }
    const { pxPerMv, ratio, pixel, grain, top, bottom, middle } = sweep;
    const millivolt = pxPerMv / pixel; // as the trace is drawn
    const height = (bottom - top) / pixel;
    const tall = height >= TALL_PX;
    setData(this.element, "tall", tall ? "" : null);
    const room = height - NAME_PX - (tall ? SCALE_PX : 0);
    const shown = MARKS_MV.find((mv) => mv * millivolt <= room) ?? MARKS_MV[MARKS_MV.length - 1];
    const mmPerMv = pxPerMv / ratio / scale();
    this.mark.style.height = `${shown * millivolt}px`;
    this.element.style.setProperty("--millivolt", this.mark.style.height);
    const text = Number(mmPerMv.toFixed(2));
    const speed = sweep.pxPerS / ratio / scale();
    this.mark.title = t("{mv} mV, {mm} mm/mV", { mv: shown, mm: text });
    setData(this.element, "mmPerMv", String(text));
    setData(this.element, "mmPerS", String(Number(speed.toFixed(2))));
    this.scaled = { factor: ltr(`×${number(text / USUAL, 2)}`),
      mark: shown === 1 ? "" : measure(shown, "mV", 1),
      speed: speed < display().speed - 0.01 ? ltr(`${number(speed, 2)} mm/s`) : "" };
    const style = this.canvas.style;
    style.setProperty("--mm", `${scale() * ratio / pixel}px`);
    style.setProperty("--grid-y", `${middle / pixel}px`);
    style.setProperty("--plot", `${STRIP_PX * grain / pixel}px ${RIBBON_PX * grain / pixel}px`);
  }

  /**
   * What stands beside the mark of 1 mV.
   * @param {Record<string, string>} parts
   */
  tellScale(parts) {
    const told = Object.entries(parts).filter(([, text]) => text !== "");
    const key = told.map(([, text]) => text).join(" · ");
    if (this.gain.title === key) return;
    this.gain.title = key;
    this.gain.replaceChildren(...told.map(([name, text]) => make(`span.${name}`, {}, text)));
  }

  /**
   * @param {string} text
   * @returns {string}
   */
  titled(text) {
    const { label, leads } = this.bed.info;
    return t("{lead} of {bed}: {text}", { lead: leads[this.row] ?? "", bed: label, text });
  }

  /**
   * What a trace shows, for those who do not see it.
   * @param {number} now
   * @returns {string}
   */
  spoken(now) {
    const heartRate = this.bed.heartRate(now);
    const rhythm = this.bed.rhythm(now);
    return this.titled([
      heartRate === null ? t("no heart rate") : measure(heartRate, "bpm"),
      rhythm === null ? null : rhythmName(rhythm),
      t("signal {quality}", { quality: qualityName(this.bed.quality(now)) }),
    ].filter((text) => text !== null).join(", "));
  }

  /**
   * Bring the words up to date.
   * @param {number} now
   */
  update(now) {
    setText(this.name, this.bed.info.leads[this.row] ?? "");
    const { fit, rings } = this.bed;
    fit.update(rings, now, this.bed.heartRate(now) !== null);
    if (this.sweep !== null && display().fit && this.sweep.fit !== fit.factor) this.layout();
    const cut = this.sweep?.cutFor(CUT_FOR_S) ?? false;
    this.tellScale({ ...this.scaled, cut: cut ? t("cut off") : "" });
    const connection = this.bed.connection(now);
    let words = "";
    if (connection === "offline") words = t("Device offline");
    else if (connection === "late") words = t("Data come late");
    else if (connection === "no-data") words = t("No data");
    else if (connection === "waiting") words = t("Waiting for data");
    else if (this.bed.leadOff.get(this.row)) words = t("Lead off");
    setText(this.words, words);
    const level = this.bed.stLevel(this.row, now);
    setText(this.level, words || level === null ? "" : ltr(`ST ${signed(level, 2)} mV`));
    setData(this.element, "silent", words ? "" : null);
    setAttribute(this.canvas, "aria-label", words ? this.titled(words) : this.spoken(now));
  }
}

/**
 * Tell the traces of a stack which of them is the first.
 * @param {Trace[]} traces
 * @param {HTMLElement} stack
 */
export function markFirst(traces, stack) {
  const first = stack.querySelector(".trace");
  for (const trace of traces) trace.lead(trace.element === first);
}
