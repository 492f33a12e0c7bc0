// Where on the sheet each lead lies, in millimetres: plain functions, no element is touched.

import { MM_PER_S, rangeOf } from "../charts/paper.js";

export const SECONDS = 10;
export const GAINS = [5, 10, 20]; // mm/mV
export const MARGIN_MM = 8; // for the mark of 1 mV
export const FOOT_MM = 5; // for speed and gain
const WIDTH_MM = MARGIN_MM + SECONDS * MM_PER_S + 2;
const MARK_S = 0.2;
export const MARK_MM = MARK_S * MM_PER_S;
const LEAST_ROW_MM = 12;
const MOST_ROW_MM = 60;
const SPARE_MM = 3;
const QUIET_MV = 0.5; // a sheet whose waves are all smaller is drawn at 20 mm/mV

/** As high as a sheet may be before the gain is halved, mm: it fits beside its panel in a small window. */
const HEIGHTS_MM = /** @type {Record<SheetName, number>} */ (
  { "3x4": 125, "6x2": 170, "12x1": 190, overlay: 120 });

const COLUMNS = [["I", "II", "III"], ["aVR", "aVL", "aVF"], ["V1", "V2", "V3"], ["V4", "V5", "V6"]];
const HALVES = [["I", "II", "III", "aVR", "aVL", "aVF"], ["V1", "V2", "V3", "V4", "V5", "V6"]];

/**
 * Lay out a sheet.
 * @param {TwelveWindow} window
 * @param {SheetWish} wish
 * @param {number} shape height of the place that it gets, as a share of its width
 * @returns {Sheet}
 */
export function layOut(window, wish, shape = 0) {
  const middle = new Map(window.leads.map((lead) => [lead.name, middleOf(lead)]));
  const rows = rowsOf(window, wish);
  const gain = wish.gain ?? fitting(rows, middle, Math.max(HEIGHTS_MM[wish.layout], shape * WIDTH_MM));
  let top = 0;
  const placed = rows.map((cells, i) => {
    const row = placeRow(cells, middle, gain, top, i === rows.length - 1);
    top += row.height;
    return row;
  });
  return { width: WIDTH_MM, height: top + FOOT_MM, rows: placed, gain,
    automatic: wish.gain === null, middle };
}

/**
 * Which leads stand in which row, and for which part of the time.
 * @param {TwelveWindow} window
 * @param {SheetWish} wish
 * @returns {SheetCell[][]}
 */
function rowsOf(window, { layout, rhythm, chosen }) {
  const whole = window.to_n - window.from_n;
  /** @type {(name: string, column: number, columns: number) => SheetCell} */
  const cell = (name, column, columns) => {
    const lead = /** @type {TwelveLead} */ (window.leads.find((one) => one.name === name));
    const [from, to] = [column, column + 1].map((place) => window.from_n + Math.round((whole * place) / columns));
    const width = (SECONDS * MM_PER_S) / columns;
    return { lead, from, to, x: MARGIN_MM + column * width, width };
  };
  const shown = window.leads.map(({ name }) => name).filter((name) => chosen.includes(name));
  if (layout === "overlay") return [shown.map((name) => cell(name, 0, 1))];
  if (layout === "12x1") return shown.map((name) => [cell(name, 0, 1)]);
  const columns = layout === "3x4" ? COLUMNS : HALVES;
  const rows = columns[0].map((_, row) => columns.map((names, column) => cell(names[row], column, columns.length)));
  return layout === "3x4" ? [...rows, [cell(rhythm, 0, 1)]] : rows;
}

/**
 * The largest gain at which the sheet is not too high; 10 mm/mV unless waves are small or large.
 * @param {SheetCell[][]} rows
 * @param {Map<string, number>} middle
 * @param {number} most mm
 * @returns {number}
 */
function fitting(rows, middle, most) {
  const reach = rows.flat().map((cell) => extent([cell], middle)).map(([up, down]) => up + down);
  const quiet = Math.max(0, ...reach) < QUIET_MV;
  const gains = GAINS.toReversed().filter((gain) => gain <= 10 || quiet);
  const height = (/** @type {number} */ gain) => rows.reduce((sum, cells, i) =>
    sum + heightOf(cells, middle, gain, i === rows.length - 1).height, FOOT_MM);
  return gains.find((gain) => height(gain) <= most) ?? GAINS[0];
}

/**
 * How far the leads of a row reach above and below their middle, mV.
 * @param {SheetCell[]} cells
 * @param {Map<string, number>} middle
 * @returns {[up: number, down: number]}
 */
function extent(cells, middle) {
  let up = 0;
  let down = 0;
  for (const { lead, from, to } of cells) {
    const range = rangeOf(lead, [from, to]);
    if (range === null) continue;
    const zero = middle.get(lead.name) ?? 0;
    up = Math.max(up, range[1] - zero);
    down = Math.max(down, zero - range[0]);
  }
  return [up, down];
}

/**
 * @param {SheetCell[]} cells
 * @param {Map<string, number>} middle
 * @param {number} gain
 * @param {boolean} last which always has the mark of 1 mV
 * @returns {{height: number, up: number, marked: boolean, cut: boolean}}
 */
function heightOf(cells, middle, gain, last) {
  const [up, down] = extent(cells, middle).map((mv) => mv * gain);
  const above = last ? Math.max(up, gain) : up;
  const wanted = above + down + SPARE_MM;
  const height = Math.round(Math.min(MOST_ROW_MM, Math.max(LEAST_ROW_MM, Math.ceil(wanted))));
  const spare = Math.max(0, height - above - down);
  return { height, up: above + spare / 2, marked: above + spare / 2 >= gain, cut: wanted > height };
}

/**
 * @param {SheetCell[]} cells
 * @param {Map<string, number>} middle
 * @param {number} gain
 * @param {number} top
 * @param {boolean} last
 * @returns {SheetRow}
 */
function placeRow(cells, middle, gain, top, last) {
  const { height, up, marked, cut } = heightOf(cells, middle, gain, last);
  return { cells, top, height, zero: top + Math.min(up, height - 1), marked, cut };
}

/**
 * The middle voltage of a lead, mV: most of the time nothing happens in an ECG.
 * @param {StripLead} lead
 * @returns {number}
 */
export function middleOf(lead) {
  const all = lead.segments.flatMap(({ adc }) => adc).sort((a, b) => a - b);
  if (all.length === 0) return 0;
  return (all[all.length >> 1] - lead.baseline) / lead.gain;
}
