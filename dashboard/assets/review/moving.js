// Where one goes on the review page, as plain functions of time: no element is touched.

export const HOUR_S = 3600;
export const ROW_S = 60;
export const STRIP_S = 10;
const STEPS_S = /** @type {Record<string, number>} */ ({
  ArrowLeft: -STRIP_S / 2, ArrowRight: STRIP_S / 2, ArrowUp: -ROW_S, ArrowDown: ROW_S,
  PageUp: -HOUR_S, PageDown: HOUR_S,
});

/**
 * Beginning of the hour that a time lies in.
 * @param {number} at
 * @returns {number}
 */
export function hourOf(at) {
  return Math.floor(at / HOUR_S) * HOUR_S;
}

/**
 * The moment that the address of the page names, Unix s; null if it names none.
 * @param {string} search
 * @returns {number | null}
 */
export function momentOf(search) {
  const at = Number(new URLSearchParams(search).get("at") ?? NaN);
  return Number.isFinite(at) && at > 0 ? at : null;
}

/**
 * How far a key goes, s; null if it goes nowhere.
 * @param {string} key
 * @returns {number | null}
 */
export function stepOf(key) {
  return STEPS_S[key] ?? null;
}

/**
 * The time nearest to `at` at which a strip can begin: within the stretches that are recorded.
 * @param {[from: number, to: number][]} spans
 * @param {number} at
 * @returns {number}
 */
export function nearest(spans, at) {
  let best = at;
  let off = Infinity;
  for (const [from, to] of spans) {
    const last = Math.max(from, to - STRIP_S);
    const inside = Math.min(last, Math.max(from, at));
    if (Math.abs(inside - at) < off) {
      off = Math.abs(inside - at);
      best = inside;
    }
  }
  return best;
}

/**
 * Where a step leads: over a hole to the next that is recorded, so that no key is without effect.
 * @param {[from: number, to: number][]} spans
 * @param {number} at
 * @param {number} step
 * @returns {number}
 */
export function moved(spans, at, step) {
  const wanted = at + step;
  const inside = spans.some(([from, to]) => wanted >= from && wanted < to);
  const there = nearest(spans, wanted);
  if (inside && there !== at) return there;
  const beyond = step > 0 ? spans.find(([from]) => from > wanted)?.[0]
    : spans.findLast(([, to]) => to < wanted)?.[1];
  return nearest(spans, beyond ?? wanted);
}

/**
 * The next event of a kind after a time, or the one before it; an empty kind is any.
 * @param {ReviewEvent[]} events in order of time
 * @param {number} at
 * @param {string} kind
 * @param {1 | -1} direction
 * @returns {ReviewEvent | null}
 */
export function nextEvent(events, at, kind, direction) {
  const wanted = events.filter((one) => kind === "" || one.kind === kind);
  return (direction === 1 ? wanted.find((one) => one.at > at + 1e-3)
    : wanted.findLast((one) => one.at < at - 1e-3)) ?? null;
}

/**
 * The alarm of a kind that lasted longest; an empty kind is any. One that goes on lasts until `now`.
 * @param {RecordedAlarm[]} alarms
 * @param {string} kind
 * @param {number} now Unix s
 * @returns {RecordedAlarm | null}
 */
export function longestAlarm(alarms, kind, now) {
  /** @param {RecordedAlarm} one */
  const lasted = ({ at, until }) => (until ?? now) - at;
  return alarms.filter((one) => kind === "" || one.kind === kind)
    .toSorted((a, b) => lasted(b) - lasted(a))[0] ?? null;
}

/**
 * Where a stretch of time lies in the hour's drawing: a part of each row that it goes over.
 * @param {number} since s from the beginning of the hour
 * @param {number} until
 * @returns {{row: number, left: number, right: number}[]} `left` and `right` are shares of the width
 */
export function rowsOf(since, until) {
  const first = Math.max(0, since) / ROW_S;
  const last = Math.min(HOUR_S, until) / ROW_S;
  const found = [];
  for (let row = Math.floor(first); row < last; row++) {
    found.push({ row, left: Math.max(0, first - row), right: Math.min(1, last - row) });
  }
  return found;
}

/**
 * The same function, which answers what it was asked last without computing it again.
 * @template {unknown[]} Asked
 * @template Found
 * @param {(...asked: Asked) => Found} compute
 * @returns {(...asked: Asked) => Found}
 */
export function remembering(compute) {
  /** @type {{asked: Asked, found: Found} | null} */
  let last = null;
  return (...asked) => {
    if (last === null || asked.some((one, i) => one !== last?.asked[i])) last = { asked, found: compute(...asked) };
    return last.found;
  };
}

/**
 * The time at a place of the hour's drawing.
 * @param {number} from beginning of the hour
 * @param {number} x share of its width
 * @param {number} y share of its height
 * @returns {number}
 */
export function timeAt(from, x, y) {
  const rows = HOUR_S / ROW_S;
  const row = Math.min(rows - 1, Math.max(0, Math.floor(y * rows)));
  return from + row * ROW_S + Math.min(1, Math.max(0, x)) * ROW_S;
}

/**
 * What lies between two points of a strip.
 * @param {number} mmX
 * @param {number} mmY
 * @param {{mmPerS: number, mmPerMv: number}} scale
 * @returns {Measured}
 */
export function measured(mmX, mmY, { mmPerS, mmPerMv }) {
  const ms = Math.round(Math.abs(mmX / mmPerS) * 1000);
  return { ms, mv: Math.abs(mmY / mmPerMv), bpm: ms < 100 ? null : Math.round(60_000 / ms) };
}
