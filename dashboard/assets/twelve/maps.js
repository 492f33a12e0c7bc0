// The two small charts below the sheet: ST by lead, and what each lead adds to a finding.

import { number, signed, t } from "../base/i18n.js";
import { svg } from "../charts/svg.js";
import { stBars, weights } from "./results.js";

const WIDTH = 420;
const HEIGHT = 104;
const LEFT = 44;
const TOP = 6;
const BOTTOM = 16;
const LEAST_MV = 0.3; // that the axis reaches to

/**
 * ST level of each lead in the order in which leads look at the heart.
 * @param {Findings} found
 * @returns {SVGElement}
 */
export function stMap(found) {
  const bars = stBars(found);
  const most = Math.max(LEAST_MV, ...bars.map(({ level }) => Math.abs(level ?? 0)));
  const { drawing, y, step, x } = plot(bars.map(({ name }) => name), most,
    t("ST level by lead: {levels}", { levels: bars.filter(({ level }) => level !== null)
      .map(({ name, level }) => `${name} ${signed(level ?? 0, 2)}`).join(", ") }));
  drawing.append(...axis(y, most, number(most, 1)));
  bars.forEach(({ level, above, below, beyond }, i) => {
    const left = x(i);
    if (level !== null) drawing.append(bar(left, step, y, level, beyond ? "beyond" : "within"));
    const [from, to] = [left - step * 0.45, left + step * 0.45];
    drawing.append(svg("line.limit", { x1: from, x2: to, y1: y(below), y2: y(below) }),
      above[0] === above[1] ? svg("line.limit", { x1: from, x2: to, y1: y(above[0]), y2: y(above[0]) })
        : svg("rect.limit-band", { x: from, width: to - from, y: y(above[1]), height: y(above[0]) - y(above[1]) }));
  });
  return drawing;
}

/**
 * What each lead adds to a finding, relative to the lead that adds most.
 * @param {string[]} names in standard order
 * @param {number[]} lost log odds without each
 * @param {string} label the finding
 * @returns {SVGElement}
 */
export function leadMap(names, lost, label) {
  const shares = weights(lost);
  const { drawing, y, step, x } = plot(names, 1, t("What each lead adds to {label}: {leads}", { label,
    leads: names.map((name, i) => `${name} ${signed(shares[i], 1)}`).join(", ") }));
  drawing.append(...axis(y, 1, t("for")), svg("text.tick.y", { x: LEFT - 4, y: y(-1) }, t("against")));
  shares.forEach((share, i) => drawing.append(bar(x(i), step, y, share, share > 0 ? "for" : "against")));
  return drawing;
}

/**
 * @param {string[]} names
 * @param {number} most
 * @param {string} label
 */
function plot(names, most, label) {
  const step = (WIDTH - LEFT - 4) / names.length;
  const middle = (TOP + HEIGHT - BOTTOM) / 2;
  /** @param {number} i */
  const x = (i) => LEFT + (i + 0.5) * step;
  /** @param {number} value */
  const y = (value) => middle - (value / most) * (middle - TOP);
  const drawing = svg("svg.chart.map", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    ...names.map((name, i) => svg("text.tick.x", { x: x(i), y: HEIGHT - 3 }, name)));
  return { drawing, x, y, step };
}

/**
 * @param {(value: number) => number} y
 * @param {number} most
 * @param {string} text
 */
function axis(y, most, text) {
  return [svg("line.rule", { x1: LEFT, x2: WIDTH, y1: y(0), y2: y(0) }),
    svg("text.tick.y", { x: LEFT - 4, y: y(most) + 8 }, text)];
}

/**
 * @param {number} x
 * @param {number} step
 * @param {(value: number) => number} y
 * @param {number} value
 * @param {string} kind
 * @returns {SVGElement}
 */
function bar(x, step, y, value, kind) {
  return svg(`rect.${kind}`, { x: x - step * 0.28, width: step * 0.56,
    y: Math.min(y(0), y(value)), height: Math.max(0.8, Math.abs(y(value) - y(0))) });
}
