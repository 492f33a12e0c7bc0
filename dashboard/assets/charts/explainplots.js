// The drawings of an explanation.

import { number, t } from "../base/i18n.js";
import { band, frame, path, svg } from "./svg.js";

const WIDTH = 620;
const LEAST_SCALE = 0.5; // log odds at which shading is full, unless some stretch has more

/**
 * The beat on a lead over the patient's normal one, shaded where the class hangs on it.
 * @param {Explanation} answer
 * @param {number} lead
 * @returns {SVGElement}
 */
export function drawBeat(answer, lead) {
  const { window, normal, saliency, fs, before_s: before } = answer;
  const signal = window[lead];
  const all = [...signal, ...(normal === null ? [] : [...normal.low[lead], ...normal.high[lead]])];
  const plot = beatFrame(-before, signal.length / fs - before, all, 250,
    t("This beat against the normal one"));
  /** @type {(values: number[]) => Point[]} */
  const points = (values) => values.map((value, i) => [plot.x(i / fs - before), plot.y(value)]);
  if (saliency !== null) plot.element.append(shading(saliency, fs, before, plot));
  if (normal !== null) {
    plot.element.append(
      svg("path.band", { d: band(points(normal.high[lead]), points(normal.low[lead])) }),
      svg("path.normal", { d: path(points(normal.median[lead])) }));
  }
  plot.element.append(svg("path.mean", { d: path(points(signal)) }));
  plot.element.dataset.kind = answer.label;
  return plot.element;
}

/**
 * The beat, what the autoencoder made of it, and the residual below.
 * @param {Explanation} answer
 * @param {Rebuilt} rebuilt
 * @returns {SVGElement}
 */
export function drawRebuilt({ window, fs, before_s: whole }, rebuilt) {
  const { reconstruction, residual, before_s: before } = rebuilt;
  const from = Math.round((whole - before) * fs);
  const signal = window[0].slice(from, from + reconstruction.length);
  const low = Math.min(...signal, ...reconstruction);
  const high = Math.max(...signal, ...reconstruction);
  const drop = low - Math.max(...residual) - 0.1 * (high - low);
  const all = [...signal, ...reconstruction, ...residual.map((one) => one + drop)];
  const plot = beatFrame(-before, signal.length / fs - before, all, 280,
    t("This beat, its reconstruction and the residual"));
  /** @type {(values: number[]) => Point[]} */
  const points = (values) => values.map((value, i) => [plot.x(i / fs - before), plot.y(value)]);
  plot.element.append(
    svg("line.rule", { x1: plot.x(-before), x2: plot.x(signal.length / fs - before), y1: plot.y(drop), y2: plot.y(drop) }),
    svg("path.residual", { d: path(points(residual.map((one) => one + drop))) }),
    svg("path.mean", { d: path(points(signal)) }),
    svg("path.rebuilt", { d: path(points(reconstruction)) }));
  return plot.element;
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number[]} values
 * @param {number} height
 * @param {string} label
 * @returns {Plot}
 */
function beatFrame(from, to, values, height, label) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = 0.06 * Math.max(high - low, 0.3);
  const plot = frame({ width: WIDTH, height, x: [from, to], y: [low - room, high + room], label,
    xText: (value) => number(value * 1000), yText: (value) => number(value, 1, 1), xTicks: 8 });
  plot.element.append(svg("text.unit", { x: 50, y: 28 }, "mV"),
    svg("text.axis", { x: WIDTH - 10, y: height - 28, "text-anchor": "end" }, "ms"));
  return plot;
}

/**
 * Columns behind the trace: for the class in its colour, against it hatched in grey.
 * @param {number[]} saliency
 * @param {number} fs
 * @param {number} before
 * @param {Plot} plot
 * @returns {SVGElement}
 */
function shading(saliency, fs, before, plot) {
  const most = Math.max(LEAST_SCALE, ...saliency.map(Math.abs));
  const columns = [];
  const step = 2;
  for (let i = 0; i + step <= saliency.length; i += step) {
    const strength = saliency[i] / most;
    if (Math.abs(strength) < 0.06) continue;
    const x = plot.x(i / fs - before);
    columns.push(svg(strength > 0 ? "rect.for" : "rect.against", {
      x, width: plot.x((i + step) / fs - before) - x + 0.2, y: 8, height: "100%",
      "fill-opacity": (0.55 * Math.abs(strength)).toFixed(3) }));
  }
  return svg("g.saliency", { "clip-path": "inset(0 0 24px 0)" }, ...columns);
}
