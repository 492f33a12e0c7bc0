// True millimetres on this screen, as somebody has measured them (see calibration.js).

import { display, redisplay } from "./display.js";

const KEY = "ecg-monitor.px-per-mm";
export const CSS_PX_PER_MM = 96 / 25.4; // what CSS assumes when nobody has measured
const MM_PER_MV = 10;
const NARROW_SPEEDS = [6.25, 10, 12.5, 25, 50]; // mm/s: 10 beside those that one can choose
const LEAST_S = 6; // of signal that a trace shows: less is too short to see a rhythm

let pxPerMm = stored();

/** @returns {number | null} */
function stored() {
  const value = Number(localStorage.getItem(key()));
  return value > 0.5 && value < 50 ? value : null;
}

/** A browser may be moved between screens: each is told from the others by its size. */
function key() {
  return `${KEY}.${screen.width}x${screen.height}@${window.devicePixelRatio}`;
}

/** CSS pixels per millimetre on this screen. */
export function scale() {
  return pxPerMm ?? CSS_PX_PER_MM;
}

/** Whether somebody has measured this screen. */
export function calibrated() {
  return pxPerMm !== null;
}

/**
 * Keep CSS pixels per millimetre for this screen; null forgets them.
 * @param {number | null} value
 */
export function calibrate(value) {
  if (value === null) localStorage.removeItem(key());
  else localStorage.setItem(key(), String(value));
  pxPerMm = stored();
  redisplay();
}

/**
 * Millimetres per mV: the usual 10 times the gain that was chosen, or times what fits.
 * @param {number} fit
 * @returns {number}
 */
export function mmPerMv(fit) {
  return MM_PER_MV * (display().fit ? fit : display().gain);
}

/**
 * Speed in mm/s for a trace of so many CSS pixels: what was chosen, or slower where that would show
 * less than six seconds.
 * @param {number} width
 * @returns {number}
 */
export function mmPerS(width) {
  const slower = NARROW_SPEEDS.filter((speed) => speed <= display().speed);
  return slower.findLast((speed) => width / (speed * scale()) >= LEAST_S) ?? slower[0];
}

/** On another monitor, or at another zoom, a pixel has another size: traces are drawn anew. */
function watchRatio() {
  matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener("change", () => {
    pxPerMm = stored();
    redisplay();
    watchRatio();
  }, { once: true });
}

watchRatio();
