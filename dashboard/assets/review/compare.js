// Two times beside each other at one scale, or one over the other with their R peaks aligned.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { drawStrip } from "../charts/strip.js";
import { path, svg } from "../charts/svg.js";
import { dayAndTime } from "../charts/zone.js";
import { MM_PER_S } from "./marking.js";
import { STRIP_S } from "./moving.js";

const MM_PER_MV = 10;
const AROUND_S = 2; // of the R peak that is aligned on

export class Compare {
  constructor() {
    /** @type {RecordedStrip | null} what is held */
    this.held = null;
    /** @type {RecordedStrip | null} what is looked at */
    this.shown = null;
    this.place = /** @type {number | null} */ (null);
    this.hold = make("button", { type: "button" }, t("Hold for comparison"));
    this.hold.addEventListener("click", () => { this.held = this.held === null ? this.shown : null; this.draw(); });
    this.over = make("input", { type: "checkbox" });
    this.over.addEventListener("change", () => this.draw());
    this.overLabel = make("label", {}, this.over, " ", t("One over the other, R on R"));
    this.caption = make("span.compare-caption");
    this.place_ = make("div.strip-place");
    this.element = make("div.compare", {},
      make("div.edit-row", {}, this.hold, this.overLabel, this.caption), this.place_);
    this.draw();
  }

  /**
   * @param {RecordedStrip} strip
   * @param {number | null} chosen time of the beat that is chosen, Unix s
   */
  show(strip, chosen) {
    this.shown = strip;
    this.place = chosen;
    this.draw();
  }

  draw() {
    const { held, shown } = this;
    this.hold.textContent = held === null ? t("Hold for comparison") : t("Let go");
    this.overLabel.hidden = held === null;
    this.caption.textContent = held === null ? "" : t("Held: {time}", { time: dayAndTime(held.start) });
    if (held === null || shown === null) this.place_.replaceChildren();
    else this.place_.replaceChildren(this.over.checked ? overlay(held, shown, this.place) : drawStrip(held));
  }
}

/**
 * The time that a strip is aligned on: of the beat chosen, or of the one nearest its middle.
 * @param {Pick<RecordedStrip, "start" | "beats">} strip
 * @param {number | null} chosen Unix s
 * @returns {number}
 */
export function anchor({ start, beats }, chosen = null) {
  if (chosen !== null && chosen >= start && chosen < start + STRIP_S) return chosen;
  const middle = start + STRIP_S / 2;
  const present = beats.filter((beat) => beat.symbol !== "");
  return present.toSorted((a, b) => Math.abs(a.at - middle) - Math.abs(b.at - middle))[0]?.at ?? middle;
}

/**
 * Points of a lead about a time, in mm from its left: null where there is no sample.
 * @param {RecordedStrip} strip
 * @param {StripLead} lead
 * @param {number} at Unix s
 * @param {number} base mm at which 0 mV is drawn
 * @returns {(Point | null)[]}
 */
export function points(strip, lead, at, base) {
  /** @type {(Point | null)[]} */
  const found = [];
  for (const { n, adc } of lead.segments) {
    adc.forEach((value, i) => {
      const s = strip.start + (n + i - strip.from_n) / strip.fs - at;
      if (Math.abs(s) <= AROUND_S) {
        found.push([(s + AROUND_S) * MM_PER_S, base - ((value - lead.baseline) / lead.gain) * MM_PER_MV]);
      }
    });
    found.push(null);
  }
  return found;
}

/**
 * @param {RecordedStrip} held
 * @param {RecordedStrip} shown
 * @param {number | null} chosen
 * @returns {SVGElement}
 */
function overlay(held, shown, chosen) {
  const width = 2 * AROUND_S * MM_PER_S;
  const lane = 36;
  const both = shown.leads.filter(({ name }) => held.leads.some((one) => one.name === name));
  const drawing = svg("svg.strip.overlay", {
    viewBox: `0 0 ${width} ${lane * both.length}`, role: "img", "aria-label": t("Two times, one over the other"),
  });
  both.forEach((lead, i) => {
    const other = /** @type {StripLead} */ (held.leads.find(({ name }) => name === lead.name));
    const base = lane * (i + 0.6);
    drawing.append(
      svg("path.held", { d: path(points(held, other, anchor(held), base)) }),
      svg("path.line", { d: path(points(shown, lead, anchor(shown, chosen), base)) }),
      svg("text.name", { x: 1.2, y: lane * i + 4 }, lead.name));
  });
  drawing.append(svg("line.chosen-place", { x1: width / 2, x2: width / 2, y1: 0, y2: lane * both.length }));
  return drawing;
}
