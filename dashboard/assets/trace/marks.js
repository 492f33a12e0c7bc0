// Marks of beats above a trace, and the ribbon of anomaly below it.
//
// Classes differ in shape as well as in colour, so that they can be told apart without seeing
// colours: N a tick, S a ring, V a triangle that points down, F a diamond, Q a square. The letter
// stands beside the shape where there is room. A beat whose class is not yet decided is three dots: a
// tick would say that it is normal.

export const STRIP_PX = 15; // height above the trace, for the marks, CSS px
export const RIBBON_PX = 4; // height below the trace, for the anomaly
const MIDDLE_PX = 7;
const RADIUS_PX = 4.5;
const DOT_PX = 2;
const DOTS = [-1.75, 0, 1.75]; // where the middle of each is, in dots
const ROOM_FOR_LETTERS = 60; // CSS px per second of sweep
const UNUSUAL = 0.5; // the score's threshold
const MAX_RR_S = 2; // a beat's share of the ribbon is half the RR interval each way, at most half this

/**
 * Draw the mark of a beat with its place at `x`; `label` is null until it is known. `letter` stands
 * beside it.
 * @param {Drawing} context
 * @param {number} x
 * @param {BeatLabel | null} label
 * @param {TraceColours} colours
 * @param {number} ratio device pixels per pixel of the mark
 * @param {number} pxPerS
 * @param {string | null} letter
 */
export function drawMark(context, x, label, colours, ratio, pxPerS, letter = label) {
  context.fillStyle = context.strokeStyle = colours[label ?? "N"] ?? colours.N;
  if (label === null) {
    const dot = DOT_PX * ratio;
    for (const off of DOTS) context.fillRect(x + off * dot - dot / 2, MIDDLE_PX * ratio, dot, dot);
    return;
  }
  if (label === "N") {
    context.fillRect(x - ratio / 2, 3 * ratio, ratio, 6 * ratio);
    return;
  }
  const r = RADIUS_PX * ratio;
  const y = MIDDLE_PX * ratio;
  context.beginPath();
  if (label === "S") context.arc(x, y, r - ratio, 0, 2 * Math.PI);
  else outline(context, SHAPES[label] ?? SHAPES.Q, x, y, r);
  if (label === "S") {
    const width = context.lineWidth;
    context.lineWidth = 2 * ratio;
    context.stroke();
    context.lineWidth = width;
  } else {
    context.fill();
  }
  if (pxPerS / ratio >= ROOM_FOR_LETTERS) context.fillText(letter ?? "", x + r + 2 * ratio, y + 4 * ratio);
}

/** @type {Record<string, Point[]>} */
const SHAPES = {
  V: [[-1, -0.9], [1, -0.9], [0, 1]],
  F: [[0, -1.1], [1, 0], [0, 1.1], [-1, 0]],
  Q: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
};

/**
 * @param {Drawing} context
 * @param {Point[]} points
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
function outline(context, points, x, y, r) {
  for (const [i, [dx, dy]] of points.entries()) {
    if (i === 0) context.moveTo(x + dx * r, y + dy * r);
    else context.lineTo(x + dx * r, y + dy * r);
  }
  context.closePath();
}

/**
 * CSS pixels left and right of a beat's place that its mark may have painted.
 * @param {BeatLabel | null} label
 * @returns {[left: number, right: number]}
 */
export function markReach(label) {
  if (label === null) return [2.25 * DOT_PX + 1, 2.25 * DOT_PX + 1];
  return label === "N" ? [1, 1] : [RADIUS_PX + 1, RADIUS_PX + 13];
}

/**
 * First and last sample of a beat's share of the ribbon, or null if it has no score.
 * @param {Pick<LiveBeat, "n" | "rr" | "anomaly">} beat
 * @param {number} fs
 * @returns {{from: number, to: number} | null}
 */
export function ribbonSpan({ n, rr, anomaly }, fs) {
  if (anomaly === null || anomaly === undefined || rr === null) return null;
  const half = (Math.min(rr, MAX_RR_S) / 2) * fs;
  return { from: n - half, to: n + half };
}

/**
 * How strongly a score shows, 0 to 1: faint below the threshold, full well above it.
 * @param {number} anomaly
 * @returns {number}
 */
export function ribbonStrength(anomaly) {
  return anomaly < UNUSUAL ? 0.3 * anomaly : Math.min(1, 0.55 + (anomaly - UNUSUAL) * 0.9);
}
