// Keyboard shortcuts of the wall, and the help that lists them. Single keys can be turned off in
// the menu of the traces (WCAG 2.1.4: speech input would press them by accident).

import { GAINS, LEADS, SPEEDS, change, display, step } from "../base/display.js";
import { find, focused, make } from "../base/dom.js";
import { t } from "../base/i18n.js";

const HELP = [
  ["+ −", t("larger, smaller gain")],
  ["f", t("gain that fits each bed")],
  ["> <", t("faster, slower sweep")],
  ["g", t("grid")],
  ["l", t("one, two or three leads")],
  ["← ↑ ↓ →", t("from bed to bed")],
  ["n", t("to the next bed with the most urgent alarm")],
  ["Enter", t("open the bed")],
  ["a", t("acknowledge the alarm shown at the bed in focus")],
  ["s", t("standby of the bed in focus, or its end")],
  ["p", t("pause the audio of all beds, or end the pause")],
  ["?", t("this help")],
];

/**
 * `tiles` gives the tiles as they lie, `pauseAll` is what P does, `nextAlarm` what N does.
 * @param {() => Iterable<HTMLElement>} tiles
 * @param {() => void} pauseAll
 * @param {() => void} nextAlarm
 */
export function installKeys(tiles, pauseAll, nextAlarm) {
  const close = make("button", { type: "submit" }, t("Close"));
  const help = make("dialog.keys", { "aria-label": t("Keyboard shortcuts") },
    make("form", { method: "dialog" }, make("h2", {}, t("Keyboard shortcuts")),
      make("dl", {}, ...HELP.flatMap(([keys, text]) => [
        make("dt", {}, ...keys.split(" ").map((key) => make("kbd", {}, key))),
        make("dd", {}, text)])),
      close));
  document.body.append(help);
  /** @type {Record<string, () => void>} */
  const acts = {
    "+": () => stepGain(1),
    "=": () => stepGain(1),
    "-": () => stepGain(-1),
    f: () => change({ fit: true }),
    ">": () => change({ speed: step(SPEEDS, display().speed, 1) }),
    "<": () => change({ speed: step(SPEEDS, display().speed, -1) }),
    g: () => change({ grid: !display().grid }),
    l: () => change({ leads: LEADS[(LEADS.indexOf(display().leads) + 1) % LEADS.length] }),
    a: () => press("button.ack"),
    s: () => press("button.standby-button"),
    n: nextAlarm,
    p: pauseAll,
    "?": () => help.showModal(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || busy(event.target)) return;
    if (event.key.startsWith("Arrow")) {
      if (move([...tiles()], event.key)) event.preventDefault();
    } else if (display().shortcuts && event.key in acts) {
      event.preventDefault();
      acts[event.key]();
    }
  });
}

/** @param {number} by */
function stepGain(by) {
  change({ fit: false, gain: step(GAINS, display().fit ? 1 : display().gain, by) });
}

/**
 * The tile that has the focus, or one of whose parts has it.
 * @returns {HTMLElement | null}
 */
function tileInFocus() {
  return focused()?.closest(".tile") ?? null;
}

/**
 * Press a button of the tile in focus, if there is one.
 * @param {string} selector
 */
function press(selector) {
  const tile = tileInFocus();
  if (tile !== null) find(tile, selector)?.click();
}

/**
 * Whether the key belongs to what has the focus.
 * @param {EventTarget | null} target
 * @returns {boolean}
 */
function busy(target) {
  return target instanceof Element
    && target.closest("input, select, textarea, dialog, [popover]") !== null;
}

/**
 * Move the focus to the tile beside the one that has it; returns whether there is any.
 * @param {HTMLElement[]} tiles
 * @param {string} key
 * @returns {boolean}
 */
function move(tiles, key) {
  if (tiles.length === 0) return false;
  const current = tileInFocus();
  const next = current === null ? tiles[0] : neighbour(tiles, current, key);
  if (next !== undefined) find(next, "a.label")?.focus();
  return true;
}

/** @type {Record<string, [dx: number, dy: number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The nearest tile in the direction of an arrow, as the tiles lie on the screen.
 * @param {HTMLElement[]} tiles
 * @param {HTMLElement} current
 * @param {string} key
 * @returns {HTMLElement | undefined}
 */
function neighbour(tiles, current, key) {
  const [dx, dy] = STEPS[key];
  const from = current.getBoundingClientRect();
  let best = null;
  for (const tile of tiles) {
    const box = tile.getBoundingClientRect();
    const along = (box.left - from.left) * dx + (box.top - from.top) * dy;
    const across = Math.abs((box.left - from.left) * dy) + Math.abs((box.top - from.top) * dx);
    if (along < 4 || across > 4) continue;
    if (best === null || along < best.along) best = { tile, along };
  }
  // At the end of a row, to the next or the previous one.
  return best?.tile ?? (dx === 0 ? undefined : tiles[tiles.indexOf(current) + dx]);
}
