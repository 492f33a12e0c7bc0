// Keyboard shortcuts of the wall: those of its tiles.

import { LEADS, change, display } from "../base/display.js";
import { find, focused } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { busy, traceKeys } from "../header/keys.js";

/**
 * Listen to the arrows, and return the keys of the wall. `tiles` gives the tiles as they lie,
 * `pauseAll` is what P does.
 * @param {() => Iterable<HTMLElement>} tiles
 * @param {() => void} pauseAll
 * @returns {KeyRow[]}
 */
export function wallKeys(tiles, pauseAll) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || busy(event.target)) return;
    if (event.key.startsWith("Arrow") && move([...tiles()], event.key)) event.preventDefault();
  });
  return [
    ...traceKeys(),
    { keys: "l", text: t("one, two or three leads"),
      acts: { l: () => change({ leads: LEADS[(LEADS.indexOf(display().leads) + 1) % LEADS.length] }) } },
    { keys: "← ↑ ↓ →", text: t("from bed to bed") },
    { keys: "Enter", text: t("open the bed") },
    { keys: "a", text: t("acknowledge the alarm shown at the bed in focus"), acts: { a: () => press("button.ack") } },
    { keys: "s", text: t("standby of the bed in focus, or its end"), acts: { s: () => press("button.standby-button") } },
    { keys: "p", text: t("pause the audio of all beds, or end the pause"), acts: { p: pauseAll } },
  ];
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
