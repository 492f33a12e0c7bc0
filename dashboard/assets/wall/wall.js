// The wall: tiles that lay themselves out so that all beds fit on the screen if they can.

import { display, onDisplay } from "../base/display.js";
import { byId, make, setData } from "../base/dom.js";
import { byName, t } from "../base/i18n.js";
import { installKeys } from "./keys.js";
import { mountPauseAll } from "../alarms/pauseall.js";
import { say } from "../base/toast.js";
import { Tile } from "./tile.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */
/** @import { Ward } from "../stream/ward.js" */
/** @import { Summary } from "../header/summary.js" */

const BEST_SHAPE = 2.9; // width to height of a tile: a trace wants width
const NUMBERS_WIDTH = 150; // of a tile's width, what is not trace
const MARGIN_WIDTH = 46; // the same where the numbers stand below the trace
const STACKED_WIDTH = 400; // a tile that is narrower and high enough has its numbers below
const STACKED_HEIGHT = 140;
const TRACE_WIDTH = 380; // 4 s at 25 mm/s: less is too short to see a rhythm
const MIN_WIDTH = 250;
const MIN_HEIGHT = 92;
const PHONE_WIDTH = 520; // a view so narrow is scrolled: tiles need not all fit
const PHONE_HEIGHT = 164;
const FINGER_HEIGHT = 22; // what a tile's head needs more where fingers press its buttons
const HUGE_HEIGHT = 380; // a tile from here on has room for numbers that are read from afar
const HUGE_WIDTH = 800;
const GAP = 6;
const UPDATE_MS = 250;

/**
 * What the wall asks of the hub; `/?leads=2` shows two leads per bed.
 * @returns {Subscription}
 */
export function subscription() {
  return { beds: "all", leads: display().leads, history_s: 20 };
}

/**
 * Columns and rows for `count` tiles in an area, judged by shape and by empty places.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @param {number} least
 * @returns {{columns: number, rows: number}}
 */
export function arrange(count, width, height, least = MIN_HEIGHT) {
  let best = { columns: 1, rows: count, penalty: Infinity };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const tileWidth = (width - GAP * (columns - 1)) / columns;
    const tileHeight = (height - GAP * (rows - 1)) / rows;
    if (columns > 1 && tileWidth < MIN_WIDTH) break;
    const shape = Math.abs(Math.log(tileWidth / Math.max(tileHeight, least) / BEST_SHAPE));
    const tooLow = Math.max(0, least / tileHeight - 1) * 16; // who must be scrolled to is unseen
    const beside = stacked(tileWidth, tileHeight) ? MARGIN_WIDTH : NUMBERS_WIDTH;
    const short = Math.max(0, Math.log(TRACE_WIDTH / (tileWidth - beside))) * 1.5;
    const penalty = shape + tooLow + short + 4 * ((columns * rows) / count - 1);
    if (penalty < best.penalty) best = { columns, rows, penalty };
  }
  return best;
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {boolean}
 */
function stacked(width, height) {
  return width < STACKED_WIDTH && height >= STACKED_HEIGHT;
}

/**
 * @param {HTMLElement} element
 * @param {Station} station
 * @param {Ward} ward
 * @param {Summary} summary
 */
export function mount(element, station, ward, summary) {
  /** @type {Map<Bed, Tile>} */
  const tiles = new Map(); // bed -> Tile
  const fingers = matchMedia("(pointer: coarse)");
  const empty = make("p.empty", { role: "status" }, t("Waiting for the first bed …"));
  element.append(make("h1.heard", {}, t("Beds")), empty);

  function layout() {
    if (tiles.size === 0) return;
    const finger = fingers.matches ? FINGER_HEIGHT : 0;
    const least = (element.clientWidth < PHONE_WIDTH ? PHONE_HEIGHT : MIN_HEIGHT) + finger;
    const { columns, rows } = arrange(tiles.size, element.clientWidth, element.clientHeight, least);
    element.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    element.style.gridTemplateRows = `repeat(${rows}, minmax(${least}px, 1fr))`;
    const height = Math.max(least, (element.clientHeight - GAP * (rows - 1)) / rows);
    const width = (element.clientWidth - GAP * (columns - 1)) / columns;
    setData(element, "stacked", stacked(width, height) ? "" : null);
    const room = height - finger;
    element.dataset.size = room < 112 ? "tiny" : room < 140 ? "small" : room < 230 ? "medium"
      : room < HUGE_HEIGHT || width < HUGE_WIDTH ? "large" : "huge";
  }

  /**
   * Put the tile in its place; a bed is known by its device's name until it tells its label.
   * @param {Tile} tile
   */
  function place(tile) {
    const sorted = [...tiles.values()].sort((a, b) => byLabel(a.bed, b.bed));
    const next = sorted[sorted.indexOf(tile) + 1]?.element ?? null;
    if (tile.element.isConnected && tile.element.nextElementSibling === next) return;
    element.insertBefore(tile.element, next);
  }

  station.addEventListener("bed", ({ detail: bed }) => {
    const known = tiles.get(bed);
    const tile = known ?? new Tile(bed, say);
    if (known === undefined) {
      empty.remove();
      tiles.set(bed, tile);
    }
    place(tile);
    if (known === undefined) layout();
    tile.update(performance.now() / 1000, station.hub.now());
  });
  station.addEventListener("leads", ({ detail: bed }) => tiles.get(bed)?.addTraces());

  let { leads } = display();
  onDisplay(() => {
    if (leads === display().leads) return;
    leads = display().leads;
    for (const tile of tiles.values()) tile.clearTraces();
    station.chooseLeads(leads);
  });

  function update() {
    const now = performance.now() / 1000;
    for (const tile of tiles.values()) tile.update(now, station.hub.now());
  }
  station.addEventListener("alarms", update);
  setInterval(update, UPDATE_MS);
  new ResizeObserver(layout).observe(element);
  const pauseAll = mountPauseAll(ward, station.hub, byId("hub-state"));
  installKeys(() => element.querySelectorAll(".tile"), pauseAll, () => summary.goToMostUrgent());
}

/**
 * @param {Bed} a
 * @param {Bed} b
 * @returns {number}
 */
function byLabel(a, b) {
  return byName(a.info.label, b.info.label) || byName(a.info.device, b.info.device);
}
