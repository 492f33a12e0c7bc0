// Keyboard shortcuts of a page, and the help that lists them, on every page alike. Single keys can be
// turned off in the menu of the traces (WCAG 2.1.4: speech input would press them by accident).

import { GAINS, SPEEDS, change, display, step } from "../base/display.js";
import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";

/** Keys of a page that shows traces. */
export function traceKeys() {
  /** @type {KeyRow[]} */
  const rows = [
    { keys: "+ −", text: t("larger, smaller gain"),
      acts: { "+": () => stepGain(1), "=": () => stepGain(1), "-": () => stepGain(-1) } },
    { keys: "f", text: t("gain that fits each bed"), acts: { f: () => change({ fit: true }) } },
    { keys: "> <", text: t("faster, slower sweep"),
      acts: { ">": () => stepSpeed(1), "<": () => stepSpeed(-1) } },
    { keys: "g", text: t("grid"), acts: { g: () => change({ grid: !display().grid }) } },
  ];
  return rows;
}

/** @param {number} by */
function stepGain(by) {
  change({ fit: false, gain: step(GAINS, display().fit ? 1 : display().gain, by) });
}

/** @param {number} by */
function stepSpeed(by) {
  change({ speed: step(SPEEDS, display().speed, by) });
}

/**
 * The rows of a page and those of all pages: what a page has given a meaning keeps it.
 * @param {KeyRow[]} own
 * @param {KeyRow[]} common
 * @returns {KeyRow[]}
 */
export function merged(own, common) {
  const taken = new Set(own.flatMap(({ keys }) => keys.split(" ")));
  return [...own, ...common.filter(({ keys }) => !keys.split(" ").some((key) => taken.has(key)))];
}

/**
 * Listen to the keys of a page. `own` are those of its view: rows without acts are listed in the help
 * alone, since the view listens itself. `nextAlarm` is what N does.
 * @param {KeyRow[]} own
 * @param {() => void} nextAlarm
 */
export function mountKeys(own, nextAlarm) {
  const rows = merged(own, [
    { keys: "n", text: t("to the next bed with the most urgent alarm"), acts: { n: nextAlarm } },
    ...(location.pathname === "/" ? []
      : [{ keys: "w", text: t("to the wall of all beds"), acts: { w: () => location.assign("/") } }]),
    { keys: "?", text: t("this help"), acts: { "?": () => help.showModal() } },
  ]);
  const close = make("button", { type: "submit" }, t("Close"));
  const help = make("dialog.keys", { "aria-label": t("Keyboard shortcuts") },
    make("form", { method: "dialog" }, make("h2", {}, t("Keyboard shortcuts")),
      make("dl", {}, ...rows.flatMap(({ keys, text }) => [
        make("dt", {}, ...keys.split(" ").map((key) => make("kbd", {}, key))),
        make("dd", {}, text)])),
      close));
  document.body.append(help);
  /** @type {Record<string, () => void>} */
  const acts = Object.assign({}, ...rows.map((row) => row.acts ?? {}));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || busy(event.target)) return;
    if (!display().shortcuts || !Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
  });
}

/**
 * Whether the key belongs to what has the focus. A dialog that has just been closed may have it still,
 * until the browser draws again.
 * @param {EventTarget | null} target
 * @returns {boolean}
 */
export function busy(target) {
  return target instanceof Element && target.checkVisibility()
    && target.closest("input, select, textarea, dialog, [popover]") !== null;
}
