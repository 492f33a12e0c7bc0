// A stretch of signal on a millimetre grid: leads stacked, beats named, gaps left blank.

import { t } from "../base/i18n.js";
import { MM_PER_MV, MM_PER_S, grid, pointsOf, rangeOf } from "./paper.js";
import { keepLegible, paths, svg } from "./svg.js";

const LEAST_LANE_MM = 14;
const MOST_LANE_MM = 60;
const SPARE_MM = 4;
const HEAD_MM = 6;
const TEXT = { px: 11, least: 3.4, most: 5.4 }; // mm; more has no room above the leads

/**
 * Draw a strip (see ecg_monitor/ward/alerts/evidence.py). `onBeat(beat)` is called when a beat is
 * chosen; `mark` is the sample index of an onset or of the beat in question.
 * @param {Strip} strip
 * @param {{onBeat?: ((beat: StripBeat) => void) | null, mark?: number | null}} options
 * @returns {SVGElement}
 */
export function drawStrip(strip, { onBeat = null, mark = null } = {}) {
  /** @param {number} n */
  const x = (n) => ((n - strip.from_n) / strip.fs) * MM_PER_S;
  const width = x(strip.to_n);
  const lanes = strip.leads.map(laneOf);
  const height = HEAD_MM + lanes.reduce((sum, one) => sum + one.height, 0);
  const drawing = svg("svg.strip", {
    viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": t("Strip of {n} s, {speed} mm/s, {gain} mm/mV",
      { n: Math.round(width / MM_PER_S), speed: MM_PER_S, gain: MM_PER_MV }),
  }, grid(width, height, HEAD_MM));
  for (const [from, to] of strip.gaps) {
    drawing.append(svg("rect.gap", { x: x(from), width: x(to) - x(from), y: HEAD_MM, height: height - HEAD_MM }));
  }
  if (mark !== null) drawing.append(svg("line.mark", { x1: x(mark), x2: x(mark), y1: 0, y2: height }));
  let top = HEAD_MM;
  for (const lane of lanes) {
    drawing.append(drawLane(lane, top, x));
    top += lane.height;
  }
  for (const beat of strip.beats) drawing.append(label(beat, x(beat.n), mark, onBeat));
  keepLegible(drawing, width, TEXT);
  return drawing;
}

/**
 * How high a lead's lane has to be, and which mV is in its middle.
 * @param {StripLead} lead
 * @returns {Lane}
 */
function laneOf(lead) {
  const [low, high] = rangeOf(lead) ?? [0, 0];
  const wanted = (high - low) * MM_PER_MV + SPARE_MM;
  const height = Math.round(Math.min(MOST_LANE_MM, Math.max(LEAST_LANE_MM, wanted)));
  return { lead, height, centre: (low + high) / 2, cut: (high - low) * MM_PER_MV > height };
}

/**
 * @param {Lane} lane
 * @param {number} top
 * @param {(n: number) => number} x
 * @returns {SVGElement}
 */
function drawLane({ lead, height, centre, cut }, top, x) {
  /** @param {number} value */
  const y = (value) => top + height / 2 - (value - centre) * MM_PER_MV;
  const clip = `lane-${Math.random().toString(36).slice(2)}`;
  return svg("g", {},
    svg("clipPath", { id: clip }, svg("rect", { x: 0, width: "100%", y: top, height })),
    svg("g.line", { "clip-path": `url(#${clip})` }, ...paths(pointsOf(lead, x, y)).map((d) => svg("path", { d }))),
    svg("text.name", { x: 1.2, y: top + 4 }, cut ? `${lead.name} · ${t("cut off")}` : lead.name));
}

/**
 * @param {StripBeat} beat
 * @param {number} x
 * @param {number | null} mark
 * @param {((beat: StripBeat) => void) | null} onBeat
 * @returns {SVGElement}
 */
function label(beat, x, mark, onBeat) {
  const text = svg("text.beat", { x, y: 4.4, "data-kind": beat.label ?? "" }, beat.label ?? "·");
  if (beat.n === mark) text.classList.add("chosen");
  if (onBeat === null) return text;
  const button = svg("g.beat-button", {
    role: "button", tabindex: "0",
    "aria-label": t("Why is this beat {label}?", { label: beat.label ?? "–" }),
  }, svg("rect", { x: x - 3, y: 0, width: 6, height: HEAD_MM, rx: 1 }), text);
  button.addEventListener("click", () => onBeat(beat));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onBeat(beat);
  });
  return button;
}
