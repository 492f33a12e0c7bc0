// The wall: tiles that lay themselves out so that all beds fit on the screen if they can.

import { GAP, MIN_HEIGHT, arrange, stacked } from "./arrange.js";
import { display, onDisplay } from "../base/display.js";
import { byId, focused, make, setData } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { wallKeys } from "./keys.js";
import { mountPauseAll } from "../alarms/pauseall.js";
import { say } from "../base/toast.js";
import { Tile } from "./tile.js";
import { byPlace, byUrgencyOf } from "./order.js";
import { mountChoice } from "../units/choice.js";
import { unitOf } from "../units/selection.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */
/** @import { Ward } from "../stream/ward.js" */

const PHONE_WIDTH = 520; // a view so narrow is scrolled: tiles need not all fit
const PHONE_HEIGHT = 164;
const FINGER_HEIGHT = 22; // what a tile's head needs more where fingers press its buttons
const HUGE_HEIGHT = 380; // a tile from here on has room for numbers that are read from afar
const HUGE_WIDTH = 800;
const UPDATE_MS = 250;
const STILL_MS = 3000; // tiles do not move under the hand of who has just pointed or typed

/**
 * What the wall asks of the hub; `/?leads=2` shows two leads per bed, `/?unit=ID` those of a care unit.
 * @returns {Subscription}
 */
export function subscription() {
  const unit = unitOf(location.search);
  return { beds: "all", leads: display().leads, history_s: 20, ...(unit === null ? {} : { unit }) };
}

/**
 * @param {HTMLElement} element
 * @param {Station} station
 * @param {Ward} ward
 * @returns {KeyRow[]}
 */
export function mount(element, station, ward) {
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
    element.style.setProperty("--columns", `repeat(${columns}, minmax(0, 1fr))`);
    element.style.setProperty("--rows", `repeat(${rows}, minmax(${least}px, 1fr))`);
    const height = Math.max(least, (element.clientHeight - GAP * (rows - 1)) / rows);
    const width = (element.clientWidth - GAP * (columns - 1)) / columns;
    element.style.setProperty("--tile", `${height}px`); // type grows with it (tile.css)
    element.style.setProperty("--tile-width", `${width}px`);
    setData(element, "stacked", stacked(width, height - finger));
    const room = height - finger;
    element.dataset.size = room < 112 ? "tiny" : room < 140 ? "small" : room < 230 ? "medium"
      : room < HUGE_HEIGHT || width < HUGE_WIDTH ? "large" : "huge";
  }

  /**
   * Put the tile in its place; a bed is known by its device's name until it tells its label.
   * @param {Tile} tile
   */
  function place(tile) {
    const sorted = inOrder();
    const next = sorted[sorted.indexOf(tile) + 1]?.element ?? null;
    if (tile.element.isConnected && tile.element.nextElementSibling === next) return;
    element.insertBefore(tile.element, next);
  }

  /** @returns {Tile[]} */
  function inOrder() {
    const order = display().urgent ? byUrgencyOf([...tiles.keys()]) : byPlace;
    return [...tiles.values()].sort((a, b) => order(a.bed, b.bed));
  }

  /** Put all tiles in their places, when beds stand by urgency and alarms have changed. */
  function arrangeAll() {
    const held = focused();
    /** @type {Element | null} */
    let next = element.querySelector(".tile");
    for (const tile of inOrder()) {
      if (tile.element === next) next = tile.element.nextElementSibling;
      else element.insertBefore(tile.element, next);
    }
    if (held !== focused()) held?.focus({ preventScroll: true }); // what is moved loses it
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
  station.addEventListener("gone", ({ detail: bed }) => {
    tiles.get(bed)?.element.remove();
    tiles.delete(bed);
    if (tiles.size === 0) element.append(empty);
    layout();
  });
  station.addEventListener("leads", ({ detail: bed }) => tiles.get(bed)?.addTraces());

  let { leads, urgent } = display();
  let touchedAt = -Infinity;
  for (const action of ["pointermove", "pointerdown", "keydown"]) {
    element.addEventListener(action, () => { touchedAt = performance.now(); });
  }
  onDisplay(() => {
    if (urgent !== display().urgent) arrangeAll();
    ({ urgent } = display());
    if (leads === display().leads) return;
    leads = display().leads;
    for (const tile of tiles.values()) tile.clearTraces();
    station.chooseLeads(leads);
  });

  function update() {
    const now = performance.now() / 1000;
    for (const tile of tiles.values()) tile.update(now, station.hub.now());
    if (urgent && performance.now() - touchedAt > STILL_MS) arrangeAll();
  }
  station.addEventListener("alarms", update);
  setInterval(update, UPDATE_MS);
  new ResizeObserver(layout).observe(element);
  mountChoice(ward, station.hub, empty);
  const pauseAll = mountPauseAll(ward, station.hub, byId("hub-state"));
  return wallKeys(() => element.querySelectorAll(".tile"), pauseAll);
}
