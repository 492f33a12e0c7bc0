// True millimetres on this screen, as somebody has measured them (see calibration.js).

import { display, redisplay } from "./display.js";

const KEY = "ecg-monitor.px-per-mm";
export const CSS_PX_PER_MM = 96 / 25.4; // what CSS assumes when nobody has measured
const MM_PER_MV = 10;
const LOW_TRACE_MM = 30; // lower than this, most patients' QRS would not fit at full size

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
 * Millimetres per mV for a trace of so many CSS pixels: the usual 10, or half of it where that
 * would not fit, times the gain that was chosen.
 * @param {number} height
 * @returns {number}
 */
export function mmPerMv(height) {
  const usual = height / scale() < LOW_TRACE_MM ? MM_PER_MV / 2 : MM_PER_MV;
  return usual * display().gain;
}
