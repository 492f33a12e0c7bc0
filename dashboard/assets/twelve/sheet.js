// Draws a laid out sheet: millimetre paper, the mark of 1 mV, leads with their names.

import { measure, t } from "../base/i18n.js";
import { MM_PER_S, grid, pointsOf } from "../charts/paper.js";
import { path, svg } from "../charts/svg.js";
import { FOOT_MM, MARK_MM, MARGIN_MM, SECONDS } from "./layout.js";

const NAME_MM = 3.8;
const OVERLAID_NAME_MM = 20;
const STATES = { derived: t("derived"), off: t("lead off"), missing: t("not measured") };

/**
 * Draw a sheet; its unit is one millimetre.
 * @param {TwelveWindow} window
 * @param {Sheet} sheet
 * @param {{label: string, tint?: number[] | null}} options `tint`: weight of each equal part of the time, -1 to 1
 * @returns {SVGElement}
 */
export function drawSheet(window, sheet, { label, tint = null }) {
  const { width, height } = sheet;
  const paper = height - FOOT_MM;
  const drawing = svg("svg.strip.sheet", {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMin meet", role: "img", "aria-label": label,
  }, grid(width, paper));
  for (const row of sheet.rows) drawing.append(drawRow(window, sheet, row, tint));
  drawing.append(svg("text.scale", { x: MARGIN_MM, y: height - 1.2 }, scaleText(sheet)));
  return drawing;
}

/**
 * Speed and gain, and how the gain came about.
 * @param {Sheet} sheet
 * @returns {string}
 */
export function scaleText({ gain, automatic }) {
  const values = { speed: measure(MM_PER_S, "mm/s"), gain: measure(gain, "mm/mV") };
  return automatic ? t("{speed}, {gain} (automatic)", values) : t("{speed}, {gain}", values);
}

/**
 * @param {TwelveWindow} window
 * @param {Sheet} sheet
 * @param {SheetRow} row
 * @param {number[] | null} tint
 * @returns {SVGElement}
 */
function drawRow(window, sheet, row, tint) {
  const { gain, middle } = sheet;
  const clip = `row-${Math.random().toString(36).slice(2)}`;
  const group = svg("g", {}, svg("clipPath", { id: clip },
    svg("rect", { x: 0, y: row.top, width: sheet.width, height: row.height })));
  if (tint !== null) group.append(shade(window, row, tint));
  if (row.marked) group.append(svg("path.mark-1mv", { d: markPath(row.zero, gain) }));
  const over = row.cells.length > 1 && row.cells.every(({ x }) => x === MARGIN_MM);
  row.cells.forEach((cell, i) => {
    const { lead, from, to, x, width } = cell;
    const zero = middle.get(lead.name) ?? 0;
    /** @param {number} n */
    const xOf = (n) => x + ((n - from) / (to - from)) * width;
    /** @param {number} mv */
    const yOf = (mv) => row.zero - (mv - zero) * gain;
    const points = pointsOf(lead, xOf, yOf, [from, to]);
    /** @type {Attributes} */
    const turn = over ? { "data-turn": i % 6 } : {};
    group.append(svg("path.line", { d: path(points), "clip-path": `url(#${clip})`, "data-lead": lead.name,
      "data-state": lead.state, ...turn }));
    if (!over && x > MARGIN_MM) group.append(svg("line.column", { x1: x, x2: x, y1: row.top + 1, y2: row.top + row.height - 1 }));
    group.append(svg("text.name", { x: x + 1 + (over ? i * OVERLAID_NAME_MM : 0), y: row.top + NAME_MM,
      "data-state": lead.state, ...turn }, nameOf(lead, row.cut)));
    if (points.length === 0 && !over) {
      group.append(svg("line.nothing", { x1: x + 1, x2: x + width - 1, y1: row.zero, y2: row.zero }));
    }
  });
  return group;
}

/**
 * @param {TwelveLead} lead
 * @param {boolean} cut
 * @returns {string}
 */
function nameOf({ name, state }, cut) {
  const words = [name];
  if (state !== "given") words.push(STATES[state]);
  if (cut) words.push(t("cut off"));
  return words.join(" · ");
}

/**
 * The mark of 1 mV, 0.2 s wide.
 * @param {number} zero
 * @param {number} gain
 * @returns {string}
 */
function markPath(zero, gain) {
  return `M1 ${zero}h0.5v${-gain}h${MARK_MM}v${gain}h0.5`;
}

/**
 * The parts of the time that a finding hangs on, behind the traces.
 * @param {TwelveWindow} window
 * @param {SheetRow} row
 * @param {number[]} tint
 * @returns {SVGElement}
 */
function shade(window, row, tint) {
  const group = svg("g.tint");
  const part = (window.to_n - window.from_n) / tint.length;
  const cells = row.cells.every(({ x }) => x === row.cells[0].x) ? row.cells.slice(0, 1) : row.cells;
  for (const { from, to, x } of cells) {
    tint.forEach((weight, i) => {
      const first = Math.max(from, window.from_n + i * part);
      const last = Math.min(to, window.from_n + (i + 1) * part);
      if (last <= first || Math.abs(weight) < 0.05) return;
      const mmPerSample = (SECONDS * MM_PER_S) / (window.to_n - window.from_n);
      group.append(svg(weight > 0 ? "rect.for" : "rect.against", {
        x: x + (first - from) * mmPerSample, y: row.top, width: (last - first) * mmPerSample,
        height: row.height, "fill-opacity": (0.4 * Math.abs(weight)).toFixed(3) }));
    });
  }
  return group;
}
