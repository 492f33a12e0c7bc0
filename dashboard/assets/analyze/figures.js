// The drawings of a study: trend, averaged beats, unusual beats beside what was expected of them.

import { number, t } from "../base/i18n.js";
import { band, frame, path, svg } from "../charts/svg.js";
import { clock } from "./words.js";

const TREND = { width: 1100, height: 240 };
const SMALL = { width: 330, height: 220 };
const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600];
const LEAST_RATE = 20;
const MOST_RATE = 250; // shorter intervals are no rate of a heart, and would squeeze the others

/**
 * Heart rate as a band, RR intervals as rates of single beats in the colours of their classes.
 * A press goes to that moment.
 * @param {StudyTrend} trend
 * @param {number} duration_s
 * @param {(at_s: number) => void} go
 * @returns {SVGElement}
 */
export function drawTrend({ step_s, rate, rr }, duration_s, go) {
  const beats = rr.map(([at, interval, label]) => ({ at, bpm: 60 / interval, label }));
  const most = Math.min(MOST_RATE, 10 + Math.max(120, ...rate.map(([, , high]) => high), ...beats.map(({ bpm }) => bpm)));
  const plot = frame({ ...TREND, x: [0, duration_s], y: [LEAST_RATE, most],
    label: t("Heart rate and single RR intervals over the recording"),
    xText: clock, yText: (value) => number(value), xAt: marks(duration_s) });
  const dots = beats.filter(({ bpm }) => bpm >= LEAST_RATE && bpm <= most).map(({ at, bpm, label }) => (
    svg("circle.beat-dot", { cx: plot.x(at).toFixed(1), cy: plot.y(bpm).toFixed(1), r: label === "N" ? 1.2 : 2, "data-kind": label })));
  const bands = stretches(rate).map((part) => {
    /** @type {(i: 1 | 2) => Point[]} */
    const line = (i) => part.flatMap((one) => [[plot.x(one[0] * step_s), plot.y(one[i])],
      [plot.x(Math.min(duration_s, (one[0] + 1) * step_s)), plot.y(one[i])]]);
    const middle = part.map((one) => /** @type {Point} */ (
      [plot.x((one[0] + 0.5) * step_s), plot.y((one[1] + one[2]) / 2)]));
    return svg("g", {}, svg("path.rate-band", { d: band(line(2), line(1)) }), svg("path.rate-line", { d: path(middle) }));
  });
  plot.element.append(...dots, ...bands, svg("text.unit", { x: 50, y: 14 }, t("bpm")));
  plot.element.classList.add("trend");
  plot.element.addEventListener("click", (event) => {
    const box = plot.element.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * TREND.width;
    const share = (x - plot.x(0)) / (plot.x(duration_s) - plot.x(0));
    if (share >= 0 && share <= 1) go(share * duration_s);
  });
  return plot.element;
}

/**
 * Steps in a row.
 * @param {[step: number, low: number, high: number][]} rate
 * @returns {[step: number, low: number, high: number][][]}
 */
export function stretches(rate) {
  /** @type {[step: number, low: number, high: number][][]} */
  const found = [];
  for (const one of rate) {
    const last = found.at(-1);
    if (last !== undefined && last[last.length - 1][0] === one[0] - 1) last.push(one);
    else found.push([one]);
  }
  return found;
}

/**
 * Round times for an axis, ten at most.
 * @param {number} duration_s
 * @returns {number[]}
 */
export function marks(duration_s) {
  const step = STEPS_S.find((one) => duration_s / one <= 10) ?? Math.ceil(duration_s / 10 / 3600) * 3600;
  return Array.from({ length: Math.floor(duration_s / step) + 1 }, (_, i) => i * step);
}

/**
 * @param {StudyAverage} average
 * @param {string} lead
 * @param {[low: number, high: number]} range of all classes, mV
 * @returns {SVGElement | null} null: no beat of the class could be averaged on that lead
 */
export function drawAverage({ label, fs, before_s: before, leads }, lead, range) {
  const drawn = leads.find(({ name }) => name === lead);
  if (drawn === undefined) return null;
  const plot = small(-before, drawn.median.length / fs - before, range,
    t("Averaged beat of class {label}, {n} beats", { label, n: drawn.used }));
  const points = along(plot, fs, before);
  plot.element.dataset.kind = label;
  plot.element.append(
    svg("path.band", { d: band(points(drawn.high), points(drawn.low)) }),
    svg("path.mean", { d: path(points(drawn.median)) }));
  return plot.element;
}

/**
 * Lowest and highest voltage of the averaged beats on a lead.
 * @param {StudyAverage[]} averages
 * @param {string} lead
 * @returns {[low: number, high: number]}
 */
export function rangeOf(averages, lead) {
  const all = averages.flatMap(({ leads }) => leads.filter(({ name }) => name === lead)
    .flatMap(({ low, high }) => [Math.min(...low), Math.max(...high)]));
  return [Math.min(-0.2, ...all), Math.max(0.4, ...all)];
}

/**
 * A beat over ms from its R peak, with what the autoencoder made of it; one of a table over its
 * samples, whose rate the table does not tell.
 * @param {{ window: number[], rebuilt?: number[], fs?: number, before_s?: number }} beat
 * @param {string} label
 * @returns {SVGElement}
 */
export function drawUnusual({ window, rebuilt = [], fs, before_s: before = 0 }, label) {
  const all = [...window, ...rebuilt];
  const room = 0.05 * (Math.max(...all) - Math.min(...all) || 1);
  const rate = fs ?? 1;
  const plot = small(-before, window.length / rate - before, [Math.min(...all) - room, Math.max(...all) + room], label, fs !== undefined);
  const points = along(plot, rate, before);
  plot.element.append(svg("path.mean", { d: path(points(window)) }));
  if (rebuilt.length > 0) plot.element.append(svg("path.rebuilt", { d: path(points(rebuilt)) }));
  return plot.element;
}

/**
 * @param {number} from
 * @param {number} to
 * @param {[low: number, high: number]} range
 * @param {string} label
 * @param {boolean} timed whether x is in s, or counts samples
 * @returns {Plot}
 */
function small(from, to, range, label, timed = true) {
  const plot = frame({ ...SMALL, x: [from, to], y: range, label, xText: (value) => number(timed ? value * 1000 : value),
    yText: (value) => number(value, 1, 1), xTicks: 5 });
  if (timed) plot.element.append(svg("text.axis", { x: SMALL.width - 12, y: SMALL.height - 28, "text-anchor": "end" }, "ms"));
  return plot;
}

/**
 * @param {Plot} plot
 * @param {number} fs
 * @param {number} before
 * @returns {(values: number[]) => Point[]}
 */
function along(plot, fs, before) {
  return (values) => values.map((value, i) => [plot.x(i / fs - before), plot.y(value)]);
}
