// Millimetre paper and what is written on it: drawings whose unit is one millimetre.

import { svg } from "./svg.js";

export const MM_PER_S = 25;
export const MM_PER_MV = 10;

/**
 * The lines of millimetre paper, every fifth one bold.
 * @param {number} width mm
 * @param {number} height mm, of the whole drawing
 * @param {number} head mm above the paper
 * @returns {SVGElement}
 */
export function grid(width, height, head = 0) {
  const lines = { fine: "", bold: "" };
  for (let mm = 0; mm <= width; mm++) lines[mm % 5 ? "fine" : "bold"] += `M${mm} ${head}V${height}`;
  for (let mm = head; mm <= height; mm++) {
    lines[(mm - head) % 5 ? "fine" : "bold"] += `M0 ${mm}H${width}`;
  }
  return svg("g.mm", {}, svg("path.fine", { d: lines.fine }), svg("path.bold", { d: lines.bold }));
}

/**
 * The places of a lead's samples, with a null wherever there is a hole.
 * @param {StripLead} lead
 * @param {(n: number) => number} x mm of a sample index
 * @param {(mv: number) => number} y mm of a voltage
 * @param {[from: number, to: number]} span sample indices, the last one excluded
 * @returns {(Point | null)[]}
 */
export function pointsOf(lead, x, y, [from, to] = [-Infinity, Infinity]) {
  /** @type {(Point | null)[]} */
  const points = [];
  for (const { n, adc } of lead.segments) {
    const first = Math.max(0, from - n);
    const last = Math.min(adc.length, to - n);
    for (let i = first; i < last; i++) points.push([x(n + i), y((adc[i] - lead.baseline) / lead.gain)]);
    if (last > first) points.push(null);
  }
  return points;
}

/**
 * Lowest and highest voltage of a lead within a span, mV; null if there is none.
 * @param {StripLead} lead
 * @param {[from: number, to: number]} span sample indices, the last one excluded
 * @returns {[low: number, high: number] | null}
 */
export function rangeOf(lead, [from, to] = [-Infinity, Infinity]) {
  let low = Infinity;
  let high = -Infinity;
  for (const { n, adc } of lead.segments) {
    const last = Math.min(adc.length, to - n);
    for (let i = Math.max(0, from - n); i < last; i++) {
      const mv = (adc[i] - lead.baseline) / lead.gain;
      low = Math.min(low, mv);
      high = Math.max(high, mv);
    }
  }
  return low > high ? null : [low, high];
}
