// Calipers on a strip: drag from one point to another and read time, voltage and rate between them.
// A press that does not move chooses a place; a drag is an interval as well.

import { measure, t } from "../base/i18n.js";
import { make, setText } from "../base/dom.js";
import { svg } from "../charts/svg.js";
import { measured } from "./moving.js";

const SCALE = { mmPerS: 25, mmPerMv: 10 }; // of charts/strip.js: its drawing counts in mm
const HINT = t("Drag over the strip to measure. Arrows and page keys move, n and p go to events.");
const MOVED_MM = 0.8; // less is a click with a hand that shakes

export class Calipers {
  /**
   * Both are told mm of the drawing.
   * @param {(x: number) => void} onPlace
   * @param {(from: number, to: number) => void} onInterval
   */
  constructor(onPlace, onInterval) {
    this.onPlace = onPlace;
    this.onInterval = onInterval;
    this.text = make("p.measured", { role: "status" }, HINT);
  }

  /**
   * Put calipers on a strip.
   * @param {SVGSVGElement} strip
   */
  attach(strip) {
    setText(this.text, HINT);
    const box = svg("rect.caliper", { width: 0, height: 0, x: 0, y: 0 });
    strip.append(box);
    /** @type {DOMPoint | null} */
    let first = null;
    strip.addEventListener("pointerdown", (event) => {
      first = place(strip, event);
      strip.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    strip.addEventListener("pointermove", (event) => {
      if (first === null) return;
      const last = place(strip, event);
      box.setAttribute("x", String(Math.min(first.x, last.x)));
      box.setAttribute("y", String(Math.min(first.y, last.y)));
      box.setAttribute("width", String(Math.abs(last.x - first.x)));
      box.setAttribute("height", String(Math.abs(last.y - first.y)));
      this.tell(measured(last.x - first.x, last.y - first.y, SCALE));
    });
    strip.addEventListener("pointerup", (event) => {
      if (first === null) return;
      const last = place(strip, event);
      if (Math.hypot(last.x - first.x, last.y - first.y) < MOVED_MM) this.onPlace(first.x);
      else if (Math.abs(last.x - first.x) >= MOVED_MM) {
        this.onInterval(Math.min(first.x, last.x), Math.max(first.x, last.x));
      }
      first = null;
    });
    strip.addEventListener("pointercancel", () => { first = null; });
  }

  /** @param {Measured} found */
  tell({ ms, mv, bpm }) {
    const parts = [measure(ms, "ms"), measure(mv, "mV", 2)];
    if (bpm !== null) parts.push(measure(bpm, "bpm"));
    setText(this.text, parts.join(" · "));
  }
}

/**
 * Where a pointer is, in the drawing's mm.
 * @param {SVGSVGElement} strip
 * @param {PointerEvent} event
 * @returns {DOMPoint}
 */
function place(strip, event) {
  const matrix = strip.getScreenCTM();
  const point = new DOMPoint(event.clientX, event.clientY);
  return matrix === null ? point : point.matrixTransform(matrix.inverse());
}
