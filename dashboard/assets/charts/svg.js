// Small helpers for drawings in SVG: colours come from the style sheet, so they follow the theme.

const CHART_TEXT = { px: 12, least: 12, most: 16 }; // more has no room beside the axes
const LETTER_PX = 7.5; // most that a digit takes of such a text
const PIECE = 200; // points: the browser strokes a path anew for each tile of the page that it touches
const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Make an SVG element: `svg("path.trace", { d }, child)`.
 * @param {string} selector
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElement}
 */
export function svg(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElementNS(NAMESPACE, tag);
  if (classes.length > 0) element.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Path through points [x, y]; a null breaks it.
 * @param {(Point | null)[]} points
 * @returns {string}
 */
export function path(points) {
  let d = "";
  let pen = "M";
  for (const point of points) {
    if (point === null) {
      pen = "M";
      continue;
    }
    d += `${pen}${point[0].toFixed(2)} ${point[1].toFixed(2)}`;
    pen = "L";
  }
  return d;
}

/**
 * The same line as of `path`, as several paths: each repeats the last stretch of the one before, so
 * that no joint shows.
 * @param {(Point | null)[]} points
 * @returns {string[]}
 */
export function paths(points) {
  const found = [];
  for (let i = 0; i < points.length; i += PIECE) found.push(path(points.slice(Math.max(0, i - 2), i + PIECE)));
  return found;
}

/**
 * Closed path between two lines of points.
 * @param {Point[]} upper
 * @param {Point[]} lower
 * @returns {string}
 */
export function band(upper, lower) {
  return `${path([...upper, ...lower.toReversed()])}Z`;
}

/**
 * Round steps that divide a range into at most `most` parts: [first, ..., last].
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @returns {number[]}
 */
export function ticks(low, high, most) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw * 0.999) ?? NaN;
  const found = [];
  const first = Math.ceil(low / step - 1e-9) + 0; // a sum is never the -0 that would get a minus
  for (let i = first; i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

/**
 * Keep the text of a drawing at a size that can be read, however narrow the place to which the
 * drawing is scaled: `--letters` becomes its size in the drawing's own units.
 * @param {SVGElement} drawing
 * @param {number} width of the drawing, in its units
 * @param {{px: number, least: number, most: number}} text size that is wanted, px of the page; least
 *   and largest size that the drawing has room for, in its units
 */
export function keepLegible(drawing, width, { px, least, most }) {
  new ResizeObserver(([{ contentRect }]) => {
    const wanted = px * width / Math.max(1, contentRect.width);
    drawing.style.setProperty("--letters", `${Math.min(most, Math.max(least, wanted)).toFixed(2)}px`);
  }).observe(drawing);
}

/**
 * Where the middle of a text must be for all of it to be within a drawing: the last mark of an axis
 * may stand at its very edge.
 * @param {number} x where it is wanted
 * @param {string} text
 * @param {number} width of the drawing
 * @returns {number}
 */
export function within(x, text, width) {
  return Math.min(x, width - 0.5 * LETTER_PX * text.length);
}

/**
 * A frame with axes: `frame({ width, height, x: [low, high], y: [low, high], label })`. Returns
 * {element, x(value), y(value)}; lengths are in px of a drawing that is scaled to its place.
 * @param {FrameOptions} options
 * @returns {Plot}
 */
export function frame({ width, height, x, y, label, xText, yText, left = 44, bottom = 24, top = 16,
  right = 10, xTicks = 8, yTicks = 5, xAt = ticks(...x, xTicks) }) {
  /** @param {number} value */
  const xOf = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - right);
  /** @param {number} value */
  const yOf = (value) => height - bottom - ((value - y[0]) / (y[1] - y[0])) * (height - top - bottom);
  const element = svg("svg.chart", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const value of ticks(...y, yTicks)) {
    element.append(
      svg("line.rule", { x1: left, x2: width - right, y1: yOf(value), y2: yOf(value) }),
      svg("text.tick.y", { x: left - 6, y: yOf(value) + 4 }, yText(value)));
  }
  for (const value of xAt) {
    element.append(
      svg("line.rule", { x1: xOf(value), x2: xOf(value), y1: top, y2: height - bottom }),
      svg("text.tick.x", { x: within(xOf(value), xText(value), width), y: height - bottom + 16 }, xText(value)));
  }
  keepLegible(element, width, CHART_TEXT);
  return { element, x: xOf, y: yOf };
}
