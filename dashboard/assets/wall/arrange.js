// How tiles share the wall: columns and rows by the shape that a trace wants. Lengths are in CSS px.

const BEST_SHAPE = 2.9; // width to height of a tile: a trace wants width
const NUMBERS_WIDTH = 150; // of a tile's width, what is not trace
const MARGIN_WIDTH = 46; // the same where the numbers stand below the trace
const STACKED_WIDTH = 400; // a tile that is narrower and high enough has its numbers below
const STACKED_HEIGHT = 140;
const TRACE_WIDTH = 380; // 4 s at 25 mm/s: less is too short to see a rhythm
const MIN_WIDTH = 250;
export const MIN_HEIGHT = 92;
export const GAP = 6; // between tiles

/**
 * Columns and rows for `count` tiles in an area, judged by shape and by empty places.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @param {number} least
 * @returns {{columns: number, rows: number}}
 */
export function arrange(count, width, height, least = MIN_HEIGHT) {
  let best = { columns: 1, rows: count, penalty: Infinity };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const tileWidth = (width - GAP * (columns - 1)) / columns;
    const tileHeight = (height - GAP * (rows - 1)) / rows;
    if (columns > 1 && tileWidth < MIN_WIDTH) break;
    const shape = Math.abs(Math.log(tileWidth / Math.max(tileHeight, least) / BEST_SHAPE));
    const tooLow = Math.max(0, least / tileHeight - 1) * 16; // who must be scrolled to is unseen
    const beside = stacked(tileWidth, tileHeight) ? MARGIN_WIDTH : NUMBERS_WIDTH;
    const short = Math.max(0, Math.log(TRACE_WIDTH / (tileWidth - beside))) * 1.5;
    const penalty = shape + tooLow + short + 4 * ((columns * rows) / count - 1);
    if (penalty < best.penalty) best = { columns, rows, penalty };
  }
  return best;
}

/**
 * Whether a tile has its numbers below its trace.
 * @param {number} width
 * @param {number} height
 * @returns {boolean}
 */
export function stacked(width, height) {
  return width < STACKED_WIDTH && height >= STACKED_HEIGHT;
}
