// How tiles share the wall: columns and rows by the shape that a trace wants. Lengths are in CSS px.

const BEST_SHAPE = 2.9; // width to height of a tile: a trace wants width
const NUMBERS_WIDTH = 150; // of a tile's width, what is not trace
const MARGIN_WIDTH = 46; // the same where the numbers stand below the trace
const STACKED_WIDTH = 400; // a tile that is narrower and high enough has its numbers below
const STACKED_HEIGHT = 140;
const TALL_WIDTH = 560; // the same of a tile with room for numbers that are read from afar
const TALL_HEIGHT = 225;
const LOW_WIDTH = 440; // a tile that is lower has its numbers in two lines
const LOW_HEIGHT = 170;
const READ_FROM_AFAR = 16; // beds: more cannot have large numbers on one screen
const FAR_ROWS = 4; // into which they go
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
    const beside = stacked(tileWidth, tileHeight) !== null ? MARGIN_WIDTH : NUMBERS_WIDTH;
    const short = Math.max(0, Math.log(TRACE_WIDTH / (tileWidth - beside))) * 1.5;
    const far = count <= READ_FROM_AFAR && width > height;
    const small = far ? Math.max(0, Math.log(rows / FAR_ROWS)) * 6 : 0;
    const penalty = shape + tooLow + short + small + 4 * ((columns * rows) / count - 1);
    if (penalty < best.penalty) best = { columns, rows, penalty };
  }
  return best;
}

/**
 * How a tile has its numbers below its trace, by its height; null: it has them beside it.
 * @param {number} width
 * @param {number} height
 * @returns {"low" | "middle" | "tall" | null}
 */
export function stacked(width, height) {
  if (width < TALL_WIDTH && height >= TALL_HEIGHT) return "tall";
  if (height < STACKED_HEIGHT) return null;
  if (height < LOW_HEIGHT) return width < LOW_WIDTH ? "low" : null;
  return width < STACKED_WIDTH ? "middle" : null;
}
