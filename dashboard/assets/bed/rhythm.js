// Rhythm of a bed: RR tachogram, Poincaré plot, heart rate variability of normal beats.

import { showBurden } from "./burden.js";
import { make, setText } from "../base/dom.js";
import { look, repeat } from "../charts/history.js";
import { measure, number, t } from "../base/i18n.js";
import { frame, path, svg } from "../charts/svg.js";
import { timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

const EVERY_MS = 10_000;
const MINUTES = [5, 15, 60];
const MOST_RR_MS = 4000; // of the axis: longer ones stand at its edge, else a pause would flatten the rest
const MARK_PX = 90; // between two times on the axis
const HEIGHT_PX = 250; // of the tachogram, where there is no more room
const SHARE = 0.33; // of the height of the panel that it takes where there is: the plot below it stays in view

/**
 * Open it in `panel`; returns how to close it.
 * @param {HTMLElement} panel
 * @param {Bed} bed
 * @returns {() => void}
 */
export function open(panel, bed) {
  const message = make("p.outcome", { role: "status" }, t("Loading …"));
  const buttons = MINUTES.map((n) => make("button", { type: "button" }, t("{n} min", { n })));
  const tachogram = make("figure");
  const poincare = make("figure");
  const numbers = make("div");
  const burden = make("section");
  panel.append(
    make("div.panel-head", {}, make("h2", {}, t("Rhythm & HRV")),
      make("div.choices", { role: "group", "aria-label": t("Time shown") }, ...buttons), message),
    make("div.rhythm", {}, tachogram, poincare, make("div.hrv", {}, burden, numbers)));
  let minutes = MINUTES[0];
  /** @type {Rhythm | null} */
  let shown = null;
  let [width, height] = [0, 0]; // of the tachogram, for which it is drawn: its text keeps its size
  const hideBurden = showBurden(burden, bed.info.device);

  const loop = repeat(async (isNewest) => {
    const found = await look(bed.info.device, "rhythm", { minutes });
    if (!isNewest()) return;
    setText(message, found.at.length === 0 ? t("No beats in this time") : "");
    shown = found;
    draw();
    poincare.replaceChildren(...captioned(t("Poincaré plot"), drawPoincare(found)));
    numbers.replaceChildren(...table(found));
  }, (error) => setText(message, error.message), () => EVERY_MS);

  function draw() {
    [width, height] = room();
    if (shown === null || width === 0) return;
    tachogram.replaceChildren(...captioned(t("RR intervals"), drawTachogram(shown, minutes, width, height)));
  }

  /** @returns {[width: number, height: number]} */
  function room() {
    return [tachogram.clientWidth, Math.max(HEIGHT_PX, Math.round(SHARE * panel.clientHeight))];
  }

  const resized = new ResizeObserver(() => {
    const [wide, high] = room();
    if (wide !== width || high !== height) draw();
  });
  resized.observe(tachogram);
  resized.observe(panel);

  /** @param {number} n */
  function choose(n) {
    minutes = n;
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(MINUTES[i] === n)));
    void loop.now();
  }

  buttons.forEach((button, i) => button.addEventListener("click", () => choose(MINUTES[i])));
  buttons[0].setAttribute("aria-pressed", "true");
  return () => {
    loop.stop();
    resized.disconnect();
    hideBurden();
  };
}

/**
 * @param {string} text
 * @param {SVGElement | null} drawing
 * @returns {(HTMLElement | SVGElement)[]}
 */
function captioned(text, drawing) {
  return drawing === null ? [] : [make("figcaption", {}, text), drawing];
}

/**
 * Range of the axis: where nearly all intervals lie, rounded to 100 ms.
 * @param {number[]} rr ms
 * @returns {[low: number, high: number]}
 */
function limits(rr) {
  const sorted = rr.toSorted((a, b) => a - b);
  /** @param {number} share */
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const low = Math.floor((at(0.005) - 40) / 100) * 100;
  return [Math.max(0, low), Math.max(low + 300, Math.min(MOST_RR_MS, Math.ceil((at(0.995) + 40) / 100) * 100))];
}

/**
 * Whole minutes, so many of them at most.
 * @param {number} end
 * @param {number} minutes
 * @param {number} most
 * @returns {number[]}
 */
function minuteMarks(end, minutes, most) {
  const step = 60 * Math.ceil(minutes / Math.max(1, most));
  const last = Math.floor(end / step) * step;
  const count = Math.floor((last - end + 60 * minutes) / step);
  return Array.from({ length: count + 1 }, (_, i) => last - i * step);
}

/**
 * @param {Rhythm} found
 * @param {number} minutes
 * @param {number} width px
 * @param {number} height px
 * @returns {SVGElement | null}
 */
function drawTachogram({ at, rr_ms: rr, clean }, minutes, width, height) {
  const end = at.at(-1);
  if (end === undefined) return null;
  const [low, high] = limits(rr);
  const plot = frame({
    width, height, x: [end - 60 * minutes, end], y: [low, high],
    label: t("RR intervals of the last {n} min", { n: minutes }),
    xText: timeOfDay, yText: (value) => number(value),
    xAt: minuteMarks(end, minutes, Math.min(8, Math.floor(width / MARK_PX))),
  });
  /** @param {number} value */
  const inside = (value) => plot.y(Math.min(high, Math.max(low, value)));
  /** @type {(Point | null)[]} */
  const points = [];
  at.forEach((time, i) => {
    // A beat that comes later than its own interval follows a gap.
    if (i > 0 && time - at[i - 1] > rr[i] / 1000 + 0.02) points.push(null);
    points.push([plot.x(time), inside(rr[i])]);
  });
  const marks = at.map((time, i) => svg(clean[i] ? "circle.clean" : "circle.excluded",
    { cx: plot.x(time), cy: inside(rr[i]), r: clean[i] ? 1.3 : 3 }));
  plot.element.append(svg("path.rr", { d: path(points) }), ...marks,
    svg("text.unit", { x: 50, y: 28 }, "ms"));
  return plot.element;
}

/**
 * @param {Rhythm} found
 * @returns {SVGElement | null}
 */
function drawPoincare({ rr_ms: rr, pairs, variability }) {
  if (pairs.length === 0) return null;
  const [low, high] = limits(pairs.flatMap((i) => [rr[i - 1], rr[i]]));
  const plot = frame({
    width: 436, height: 400, x: [low, high], y: [low, high], bottom: 36, right: 26,
    label: t("Poincaré plot: each normal interval against the one before"),
    xText: (value) => number(value), yText: (value) => number(value), xTicks: 5,
  });
  plot.element.append(
    svg("line.identity", { x1: plot.x(low), y1: plot.y(low), x2: plot.x(high), y2: plot.y(high) }),
    ...pairs.map((i) => svg("circle.pair", { cx: plot.x(rr[i - 1]), cy: plot.y(rr[i]), r: 2 })),
    svg("text.axis", { x: 232, y: 396 }, t("RR before, ms")),
    svg("text.unit", { x: 52, y: 30 }, t("RR, ms")));
  if (variability !== null) {
    const { sd1_ms: sd1, sd2_ms: sd2, mean_nn_ms: mean } = variability;
    const px = plot.x(1) - plot.x(0);
    const py = plot.y(0) - plot.y(1);
    // Drawn in ms along and across the diagonal, then turned into the plot.
    plot.element.append(svg("ellipse.spread", {
      rx: sd2, ry: sd1, "vector-effect": "non-scaling-stroke",
      transform: `translate(${plot.x(mean)} ${plot.y(mean)}) scale(${px} ${-py}) rotate(45)` }));
  }
  return plot.element;
}

/**
 * @param {Rhythm} found
 * @returns {HTMLElement[]}
 */
function table({ variability, intervals, excluded, covered_s: covered, window_s: length }) {
  const share = intervals === 0 ? null : (100 * excluded) / intervals;
  const used = t("{used} of {all} intervals; {share} % left out (ectopic, beside ectopic, artefact)", {
    used: number(intervals - excluded), all: number(intervals),
    share: share === null ? "–" : number(share, 1) });
  const head = make("h3", {}, t("Variability of the last 5 min"));
  const note = make("p.note", {}, t("Task Force 1996; normal-to-normal intervals only. Spectrum: Lomb periodogram, LF 0.04–0.15 Hz, HF 0.15–0.40 Hz."));
  if (variability === null) {
    return [head,
      make("p.lacking", {}, t("Not enough clean beats")),
      make("p.note", {}, t("Clean normal intervals cover {covered} of {length} s; four fifths are needed, and four fifths of all intervals must be clean.",
        { covered: number(covered), length: number(length) })),
      make("p.note", {}, used)];
  }
  const v = variability;
  const rows = [
    [t("Mean NN"), measure(v.mean_nn_ms, "ms"), ""],
    ["SDNN", measure(v.sdnn_ms, "ms", 1), t("overall variability")],
    ["RMSSD", measure(v.rmssd_ms, "ms", 1), t("from beat to beat")],
    ["pNN50", measure(100 * v.pnn50, "%", 1), t("differences above 50 ms")],
    ["SD1", measure(v.sd1_ms, "ms", 1), t("across the diagonal")],
    ["SD2", measure(v.sd2_ms, "ms", 1), t("along the diagonal")],
    ["LF", measure(v.lf_ms2, "ms²"), ""],
    ["HF", measure(v.hf_ms2, "ms²"), ""],
    ["LF/HF", v.lf_hf === null ? "–" : number(v.lf_hf, 2, 2), ""],
  ];
  return [head,
    make("table", {}, make("tbody", {}, ...rows.map(([name, value, meaning]) => make("tr", {},
      make("th", { scope: "row" }, name), make("td", {}, value), make("td.note", {}, meaning))))),
    make("p.note", {}, used), note];
}
