// The trends of a bed: what was measured by the minute, on time axes that move together.

import { make, setText, zoomOf } from "../base/dom.js";
import { look, repeat } from "../charts/history.js";
import { t } from "../base/i18n.js";
import { colours, faint, plotly, plotWords } from "../charts/plot.js";
import { axisTime, offsetAt, zoneOfAxis } from "../charts/zone.js";
import { SpanChoice } from "./spanchoice.js";
import { alarmName } from "../base/words.js";
import { reviewAddress } from "../patient/words.js";

/** @import { Bed } from "../stream/bed.js" */

const RANGES = [
  { s: 600, name: () => t("10 min") }, { s: 3600, name: () => t("1 h") },
  { s: 8 * 3600, name: () => t("8 h") }, { s: 24 * 3600, name: () => t("24 h") },
  { s: 7 * 86400, name: () => t("7 days") },
];
const FAST_MS = 10_000;
const SLOW_MS = 60_000;
const LEAD_COLOURS = ["link", "beat-v", "rate", "beat-f", "beat-s", "medium"];
const ROW_GAP = 0.2;
const RATE_AXIS = "y2"; // of the second graph
const LEAST_PX = 560; // of all graphs together
const HIDDEN = "rgba(0, 0, 0, 0)"; // told beside the pointer, not drawn
const MAX_LINES = 150; // alarms drawn through all graphs: more would hide them

/**
 * Open the trends in `panel`; returns how to close them.
 * @param {HTMLElement} panel
 * @param {Bed} bed
 * @param {BedTools} tools
 * @returns {() => void}
 */
export function open(panel, bed, { plotly: address, now }) {
  const buttons = RANGES.map(({ name }) => make("button", { type: "button" }, name()));
  const message = make("p.outcome", { role: "status" }, t("Loading …"));
  const place = /** @type {PlotlyElement} */ (make("div.plot", { dir: "ltr" }));
  const whose = new SpanChoice(bed.info.device, () => choose(range));
  panel.append(
    make("div.panel-head", {}, make("h2", {}, t("Trends")),
      make("div.choices", { role: "group", "aria-label": t("Time shown") }, ...buttons),
      whose.element, message),
    place);
  let range = RANGES[1];
  /** @type {Trend | null} */
  let data = null;
  /** @type {PlotlyLibrary | null} */
  let library = null;
  let following = true; // until somebody zooms or pans

  const loop = repeat(async (isNewest) => {
    library ??= await plotly(address);
    await whose.load();
    const span = whose.chosen;
    // The hub's clock: that of this computer may be hours ahead of it.
    const until = span?.until ?? now() ?? data?.now ?? Date.now() / 1000;
    const found = await look(whose.source, "trend", { since: Math.max(0, until - range.s), ...whose.query });
    if (!isNewest()) return;
    data = found;
    draw();
  }, (error) => setText(message, error.message), () => (range.s <= 3600 ? FAST_MS : SLOW_MS));

  function draw() {
    if (data === null || library === null) return;
    const empty = data.at.length === 0;
    setText(message, empty ? t("Nothing has been recorded in this time yet") : "");
    const fresh = place.data === undefined;
    // Plotly draws in pixels that nothing has enlarged, else it would mistake where the mouse is.
    const zoom = zoomOf(panel);
    const room = panel.getBoundingClientRect().bottom - place.getBoundingClientRect().top;
    const height = Math.max(LEAST_PX * zoom, room - (panel.scrollTop + 15) * zoom);
    // Limits are those of now: only the present span is held against them.
    const present = whose.chosen === null || whose.chosen.until === null;
    const limits = present ? bed.info.rate_limits : /** @type {[null, null]} */ ([null, null]);
    const { traces, layout } = figure(data, range.s, height, limits, zoom);
    if (!following) layout.xaxis = { ...layout.xaxis, range: place.layout?.xaxis.range };
    library.react(place, traces, layout, { displaylogo: false, responsive: true, ...plotWords(),
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "resetScale2d"] });
    if (fresh) {
      place.on?.("plotly_click", ({ points: [point] = [] }) => {
        const at = point?.customdata ?? data?.at[point?.pointIndex ?? -1];
        if (typeof at === "number") location.assign(reviewAddress(whose.source, at));
      });
      place.on?.("plotly_relayout", (change) => {
        if ("xaxis.range[0]" in change || "xaxis.range" in change) following = false;
        if ("xaxis.autorange" in change) choose(range);
      });
    }
  }

  /** @param {typeof RANGES[number]} wanted */
  function choose(wanted) {
    range = wanted;
    following = true;
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(RANGES[i] === range)));
    void loop.now();
  }

  buttons.forEach((button, i) => button.addEventListener("click", () => choose(RANGES[i])));
  buttons[1].setAttribute("aria-pressed", "true");
  document.addEventListener("themechange", draw);
  addEventListener("resize", draw); // Plotly itself would fit the width alone
  return () => {
    loop.stop();
    removeEventListener("resize", draw);
    document.removeEventListener("themechange", draw);
    if (library !== null && place.data !== undefined) library.purge(place);
  };
}

/**
 * Traces and layout of all graphs.
 * @param {Trend} data
 * @param {number} seconds
 * @param {number} height
 * @param {[number | null, number | null]} limits of the heart rate, bpm
 * @param {number} zoom how much larger the page is drawn
 * @returns {{traces: object[], layout: Record<string, any>}}
 */
function figure(data, seconds, height, limits, zoom) {
  const c = colours("panel", "line", "text", "muted", "rate", "trace", "link", "beat-v", "beat-s",
    "beat-f", "high", "medium", "low");
  const offset = offsetAt(data.now);
  const localTime = (/** @type {number} */ at) => axisTime(at, offset);
  const zone = zoneOfAxis(data.now - seconds, data.now);
  const x = data.at.map(localTime);
  const rows = graphs(data, c, x, localTime);
  const heights = rows.map((row) => row.height);
  const total = heights.reduce((sum, one) => sum + one, 0) + ROW_GAP * (rows.length - 1);
  /** @type {object[]} */
  const traces = [];
  /** @type {object[]} */
  const annotations = [];
  /** @type {Record<string, object | string | number | boolean>} */
  const layout = {
    paper_bgcolor: "rgba(0, 0, 0, 0)", plot_bgcolor: "rgba(0, 0, 0, 0)",
    font: { color: c.muted, family: "system-ui, sans-serif", size: 12 * zoom },
    margin: { l: 56 * zoom, r: 14, t: 42 * zoom, b: 12 }, showlegend: false, hovermode: "x unified",
    hoverlabel: { bgcolor: c.panel, bordercolor: c.line, font: { color: c.text } },
    height,
    dragmode: "pan", uirevision: "trends",
    xaxis: { type: "date", ...(zone === "" ? {} : { title: { text: zone, standoff: 4 } }), range: [localTime(data.now - seconds), localTime(data.now)],
      gridcolor: c.line, linecolor: c.line, zeroline: false,
      anchor: "free", side: "top", position: 1, // in view however many graphs there are
      showspikes: true, spikethickness: 1, spikecolor: c.muted, spikemode: "across" },
    shapes: [...lines(data, c, localTime), ...limitLines(limits, c)], annotations,
  };
  let top = 1;
  rows.forEach((row, i) => {
    const bottom = Math.max(0, top - row.height / total);
    const name = i === 0 ? "" : String(i + 1);
    layout[`yaxis${name}`] = { domain: [bottom, top], tickangle: 0,
      gridcolor: c.line, zeroline: false, fixedrange: true, rangemode: "tozero", nticks: 4,
      automargin: false, ...row.axis };
    for (const { legend: _, ...trace } of row.traces) traces.push({ ...trace, xaxis: "x", yaxis: `y${name}` });
    // Above the first one the times stand: its name is in the margin.
    annotations.push(...(i === 0 ? [{ text: t("Alarms"), showarrow: false, xref: "paper", yref: "paper",
      x: 0, y: (top + bottom) / 2, xanchor: "right", yanchor: "middle", xshift: -6 }] : legend(row, top, c, zoom)));
    top = bottom - ROW_GAP / total;
  });
  return { traces, layout };
}

/**
 * @param {Trend} data
 * @param {Record<string, string>} c
 * @param {string[]} x
 * @param {(at: number) => string} localTime
 * @returns {Graph[]}
 */
function graphs(data, c, x, localTime) {
  /**
   * @param {string} name
   * @param {Column} y
   * @param {string} colour
   */
  const line = (name, y, colour) => ({ name, x, y, mode: "lines+markers", connectgaps: false,
    line: { color: colour, width: 1.6 }, marker: { size: lone(y), color: colour },
    legend: colour !== HIDDEN });
  const none = { hoverinfo: "skip", line: { width: 0 } };
  const leads = Object.entries(data.st);
  /** @type {Graph[]} */
  const rows = [
    { title: "", height: 0.3, traces: alarms(data, c, localTime),
      axis: { showticklabels: false, showgrid: false, range: [-1, 1], rangemode: "normal" } },
    { title: t("HR bpm"), height: 1.25, axis: { rangemode: "normal" }, traces: [
      ...envelope(x, data.hr_low, data.hr_high, faint(c.rate, 0.22), none),
      line(t("HR, median"), data.hr, c.rate),
      line(t("lowest"), data.hr_low, HIDDEN),
      line(t("highest"), data.hr_high, HIDDEN)] },
    { title: t("Intervals ms"), height: 1, axis: {}, traces: [
      line(t("PR"), data.pr_ms, c["beat-s"]), line(t("QRS"), data.qrs_ms, c.trace),
      line(t("QT"), data.qt_ms, c.muted), line(t("QTc"), data.qtc_ms, c.link)] },
    { title: t("Beats / h"), height: 1, axis: {}, traces: [
      line(t("PVC per hour"), data.pvc_h, c["beat-v"]),
      line(t("SVE per hour"), data.sve_h, c["beat-s"])] },
    { title: t("Anomaly"), height: 0.8, axis: { range: [0, 1] }, traces: [
      line(t("highest"), data.anomaly_high, faint(c["beat-f"], 0.45)),
      line(t("mean"), data.anomaly, c["beat-f"])] },
    { title: "%", height: 0.8, axis: { range: [0, 105] }, traces: [
      line(t("Good signal"), data.good, c.trace),
      line(t("Atrial fibrillation"), data.af, c.link)] },
  ];
  if (leads.length > 0) {
    rows.splice(4, 0, { title: t("ST mV"), height: 1, axis: { range: symmetric(data.st) },
      traces: leads.map(([lead, y], i) => line(`ST ${lead}`, y, c[LEAD_COLOURS[i % LEAD_COLOURS.length]])) });
  }
  return rows;
}

/**
 * Range of the ST axis: levels of a tenth of a millivolt must not look like mountains.
 * @param {Trend["st"]} st
 * @returns {[number, number]}
 */
function symmetric(st) {
  const most = Math.max(...Object.values(st).flat().map((level) => Math.abs(level ?? 0)));
  const limit = Math.max(0.2, 1.1 * most);
  return [-limit, limit];
}

/**
 * What a graph shows, and the names of its lines in their colours, above it.
 * @param {Graph} graph
 * @param {number} top
 * @param {Record<string, string>} c
 * @param {number} zoom how much larger the page is drawn
 * @returns {object[]}
 */
function legend({ title, traces }, top, c, zoom) {
  let at = 8 * zoom;
  const heading = title === "" ? [] : [{ name: title, line: { color: c.text } }];
  const named = traces.filter(({ legend: shown }) => shown);
  return [...heading, ...named].map(({ name = "", line: stroke }) => {
    const entry = { text: name, font: { color: full(stroke?.color ?? c.text), size: 12 * zoom }, showarrow: false, xref: "paper",
      yref: "paper", x: 0, y: top, xshift: at, xanchor: "left", yanchor: "bottom", yshift: 0 };
    at += (18 + 7 * name.length) * zoom;
    return entry;
  });
}

/**
 * A faint colour at its full strength: a text must be read.
 * @param {string} colour
 * @returns {string}
 */
function full(colour) {
  return colour.replace(/, [\d.]+\)$/, ", 1)");
}

/**
 * A band between two lines; each stretch without a gap is one of its own.
 * @param {string[]} x
 * @param {Column} low
 * @param {Column} high
 * @param {string} colour
 * @param {object} none
 * @returns {GraphTrace[]}
 */
function envelope(x, low, high, colour, none) {
  /** @type {GraphTrace[]} */
  const traces = [];
  let from = 0;
  for (let i = 0; i <= x.length; i++) {
    if (i < x.length && low[i] !== null) continue;
    if (i - from > 1) {
      const part = x.slice(from, i);
      traces.push({ x: [...part, ...part.toReversed()],
        y: [...high.slice(from, i), ...low.slice(from, i).toReversed()],
        mode: "lines", fill: "toself", fillcolor: colour, ...none });
    }
    from = i + 1;
  }
  return traces;
}

/**
 * Size of markers: a value between two gaps would be no line.
 * @param {Column} y
 * @returns {number[]}
 */
function lone(y) {
  return y.map((value, i) => (value !== null && (y[i - 1] ?? null) === null
    && (y[i + 1] ?? null) === null ? 5 : 0));
}

/**
 * Alarms: a mark where each began, and a bar for as long as its condition was there.
 * @param {Trend} data
 * @param {Record<string, string>} c
 * @param {(at: number) => string} localTime
 * @returns {GraphTrace[]}
 */
function alarms(data, c, localTime) {
  /** @type {Record<string, string>} */
  const colour = { high: c.high, medium: c.medium, low: c.low, technical: c.low };
  const shape = { high: "triangle-up", medium: "diamond", low: "circle", technical: "square-open" };
  const began = data.alarms.map((one) => one.onset_at ?? one.raised_at);
  const bars = Object.keys(colour).flatMap((priority) => {
    const spans = data.alarms.flatMap((one, i) => one.priority !== priority ? []
      : [localTime(began[i]), localTime(one.cleared_at ?? data.now), null]);
    return spans.length === 0 ? [] : { x: spans, y: spans.map((at) => (at === null ? null : 0)), mode: "lines", hoverinfo: "skip",
      connectgaps: false, line: { color: faint(colour[priority], 0.45), width: 9 } };
  });
  return [{
    name: t("Alarms"), mode: "markers", x: began.map(localTime), y: began.map(() => 0), customdata: began,
    text: data.alarms.map(({ kind }) => alarmName(kind)), legend: data.alarms.length > 0,
    line: { color: c.muted }, hovertemplate: "%{text}<extra></extra>",
    marker: { size: 10, color: data.alarms.map(({ priority }) => colour[priority]),
      symbol: data.alarms.map(({ priority }) => shape[priority]) },
  }, ...bars];
}

/**
 * The limits of the heart rate that hold now, in its graph.
 * @param {[number | null, number | null]} limits bpm
 * @param {Record<string, string>} c
 * @returns {object[]}
 */
function limitLines(limits, c) {
  return limits.filter((limit) => limit !== null).map((limit) => ({
    type: "line", xref: "paper", yref: RATE_AXIS, x0: 0, x1: 1, y0: limit, y1: limit, layer: "below",
    line: { color: c.muted, width: 1, dash: "dash" } }));
}

/**
 * @param {Trend} data
 * @param {Record<string, string>} c
 * @param {(at: number) => string} localTime
 * @returns {object[]}
 */
function lines(data, c, localTime) {
  /** @type {Record<string, string>} */
  const colour = { high: c.high, medium: c.medium };
  return data.alarms.filter(({ priority }) => priority in colour).slice(0, MAX_LINES).map((one) => ({
    type: "line", xref: "x", yref: "paper", y0: 0, y1: 1, layer: "below",
    x0: localTime(one.onset_at ?? one.raised_at), x1: localTime(one.onset_at ?? one.raised_at),
    line: { color: faint(colour[one.priority], 0.45), width: 1 } }));
}
