// How traces are shown on this screen, remembered in the browser; a query such as
// `/?leads=2&speed=12.5&gain=2&grid=1` is for screens that nobody can operate and goes first.

/** @type {number[]} */
export const SPEEDS = [6.25, 12.5, 25, 50]; // mm/s
/** @type {number[]} */
export const GAINS = [0.25, 0.5, 1, 2, 4]; // times 10 mm/mV
/** @type {number[]} */
export const LEADS = [1, 2, 3];

const KEY = "ecg-monitor.display";
/** @type {Record<string, (number | boolean)[]>} */
const CHOICES = { speed: SPEEDS, gain: GAINS, fit: [true, false], leads: LEADS, grid: [false, true],
  shortcuts: [true, false], urgent: [false, true] };
/** @type {Display} */
const DEFAULTS = { speed: 25, gain: 1, fit: true, leads: 1, grid: false, shortcuts: true, urgent: false };

/**
 * Settings from remembered ones and a query; what is not a choice is passed over.
 * @param {Record<string, any> | null} remembered
 * @param {URLSearchParams} query
 * @returns {Display}
 */
export function settingsFrom(remembered, query) {
  const settings = /** @type {Display & Record<string, any>} */ ({ ...DEFAULTS });
  for (const [name, choices] of Object.entries(CHOICES)) {
    const given = query.get(name);
    const asked = given === null ? null : JSON.parse(numeral(given));
    // A switch is 0 or 1 in an address.
    const wanted = typeof settings[name] === "boolean" ? [false, true][asked ?? -1] : asked;
    const known = remembered?.[name];
    if (choices.includes(known)) settings[name] = known;
    if (choices.includes(wanted)) settings[name] = wanted;
  }
  // Who asks for a gain wants that one, not what would fit.
  if (!query.has("fit") && GAINS.includes(Number(query.get("gain") ?? NaN))) settings.fit = false;
  return settings;
}

/**
 * @param {string} text
 * @returns {string}
 */
function numeral(text) {
  return /^\d+(\.\d+)?$/.test(text) ? String(Number(text)) : "null";
}

/**
 * The neighbour of `value` among `choices`, or itself at the end.
 * @param {number[]} choices
 * @param {number} value
 * @param {number} by
 * @returns {number}
 */
export function step(choices, value, by) {
  const place = choices.indexOf(value) + by;
  return choices[Math.min(choices.length - 1, Math.max(0, place))];
}

/**
 * Read a map that this browser has kept, or null: others may have written rubbish there.
 * @param {string} key of the browser's storage
 * @returns {Record<string, any> | null}
 */
export function kept(key) {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? "null");
    return typeof value === "object" ? value : null;
  } catch (error) {
    console.info(`${key} is forgotten:`, error);
    return null;
  }
}

const settings = settingsFrom(kept(KEY), new URLSearchParams(location.search));
/** @type {Set<() => void>} */
const listeners = new Set();

/** The settings in force; not to be changed in place. */
export function display() {
  return settings;
}

/**
 * Change settings: `change({ gain: 2 })`.
 * @param {Partial<Display>} changes
 */
export function change(changes) {
  Object.assign(settings, changes);
  localStorage.setItem(KEY, JSON.stringify(settings));
  redisplay();
}

/**
 * Call `listener` whenever traces have to look different; returns how to stop it.
 * @param {() => void} listener
 * @returns {() => boolean}
 */
export function onDisplay(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Have all traces drawn anew. */
export function redisplay() {
  document.documentElement.dataset.grid = settings.grid ? "on" : "off";
  for (const listener of listeners) listener();
}

document.documentElement.dataset.grid = settings.grid ? "on" : "off";
document.addEventListener("themechange", redisplay);
