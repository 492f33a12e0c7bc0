// Which devices are shown, in which order, and what about them needs somebody. Pure.

import { byName } from "../base/i18n.js";

/** A refusal so long ago, s, still asks for somebody. */
export const REFUSED_LATELY_S = 600;
/** By how much a clock may be off without a word, s: as `ecg-monitor check` does. */
export const CLOCK_S = 60;

/** @type {DeviceOrder[]} */
export const ORDERS = ["trouble", "label", "device", "state", "battery", "make", "refused", "unit"];
/** @type {DeviceState[]} */
export const STATES = ["sends", "silent", "offline", "never", "refused", "turned_away"];

/** The gravest first. @type {DeviceTrouble[]} */
const GRAVITY = ["silent", "alert", "battery", "turned_away", "refused", "clock", "odd", "never"];

/**
 * What about a device needs somebody, the gravest first. A device that has said that it is off
 * needs nobody, unless it has a patient.
 * @param {ListedDevice} row
 * @param {number} now Unix s
 * @returns {DeviceTrouble[]}
 */
export function troublesOf(row, now) {
  /** @type {Set<DeviceTrouble>} */
  const found = new Set();
  const { state, told, form, refusal } = row;
  if (state === "silent" || (state === "offline" && row.admitted)) found.add("silent");
  if (state === "never" || state === "turned_away") found.add(state);
  if (state === "refused" || (refusal !== null && row.known && now - refusal.at <= REFUSED_LATELY_S)) {
    found.add("refused");
  }
  if (state === "sends") {
    if (told.battery_low) found.add("battery");
    if (form !== null && Math.abs(form.clock_off_s) > CLOCK_S) found.add("clock");
  }
  if (row.alerts.length > 0) found.add("alert");
  if (told.odd.length > 0) found.add("odd");
  return GRAVITY.filter((one) => found.has(one));
}

/**
 * Whether a device has a place in the system, and so a bed with pages; refused as all its packets may be.
 * @param {Pick<ListedDevice, "known" | "admitted" | "state">} row
 * @returns {boolean}
 */
export function isLetIn({ known, admitted, state }) {
  return known || admitted || state === "never";
}

/**
 * How many of its packets were refused.
 * @param {ListedDevice} row
 * @returns {number}
 */
export function refusedOf({ refused }) {
  return Object.values(refused).reduce((sum, one) => sum + one, 0);
}

/**
 * Maker, model and firmware, as far as they are told.
 * @param {ListedDevice} row
 * @returns {string}
 */
export function makeOf({ told: { maker, model, firmware } }) {
  return [`${maker} ${model}`.trim(), firmware].filter((one) => one !== "").join(" · ");
}

/**
 * Whether a device is among those asked for.
 * @param {ListedDevice} row
 * @param {DeviceFilter} filter
 * @param {number} now Unix s
 * @returns {boolean}
 */
export function matches(row, { unit, state, trouble, words }, now) {
  if (unit !== "" && row.unit !== unit) return false;
  if (state !== "" && row.state !== state) return false;
  if (trouble && troublesOf(row, now).length === 0) return false;
  const { serial } = row.told;
  const leads = row.form?.leads.join(" ") ?? "";
  const text = `${row.label} ${row.device} ${makeOf(row)} ${serial} ${leads}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/**
 * The devices in the order asked for; those that are alike by the names of their beds.
 * @param {ListedDevice[]} rows
 * @param {Pick<DeviceFilter, "sort" | "down">} order
 * @param {number} now Unix s
 * @param {(id: string) => string} unitName
 * @returns {ListedDevice[]}
 */
export function sorted(rows, { sort, down }, now, unitName) {
  const keyed = rows.map((row) => ({ row, key: keyOf(row, sort, now, unitName) }));
  const sign = down ? -1 : 1;
  keyed.sort((a, b) => sign * compared(a.key, b.key) || byName(a.row.label, b.row.label)
    || byName(a.row.device, b.row.device));
  return keyed.map(({ row }) => row);
}

/**
 * @param {string | number} a
 * @param {string | number} b
 * @returns {number}
 */
function compared(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : byName(String(a), String(b));
}

/**
 * @param {ListedDevice} row
 * @param {DeviceOrder} sort
 * @param {number} now
 * @param {(id: string) => string} unitName
 * @returns {string | number}
 */
function keyOf(row, sort, now, unitName) {
  switch (sort) {
    case "label": return row.label;
    case "device": return row.device;
    case "state": return 1e12 * STATES.indexOf(row.state) - (row.state === "sends" ? 0 : row.last_at ?? 0);
    case "battery": return row.told.battery_pct ?? 101;
    case "make": return makeOf(row) || "\uffff"; // after those that tell it
    case "refused": return -refusedOf(row);
    case "unit": return row.unit === "" ? "\uffff" : unitName(row.unit);
    default: {
      const [gravest] = troublesOf(row, now);
      return gravest === undefined ? GRAVITY.length : GRAVITY.indexOf(gravest);
    }
  }
}

/**
 * What an address asks for: `?device=bed-3&state=silent&trouble`.
 * @param {string} search
 * @returns {DeviceFilter}
 */
export function filterOf(search) {
  const asked = new URLSearchParams(search);
  const sort = /** @type {DeviceOrder} */ (asked.get("sort") ?? "");
  const state = /** @type {DeviceState} */ (asked.get("state") ?? "");
  return {
    device: asked.get("device") ?? "", unit: asked.get("unit") ?? "",
    state: STATES.includes(state) ? state : "", trouble: asked.has("trouble"),
    words: asked.get("words") ?? "", sort: ORDERS.includes(sort) ? sort : "trouble", down: asked.has("down"),
  };
}

/**
 * The query by which `filterOf` finds the same.
 * @param {DeviceFilter} filter
 * @returns {string} empty where all is as at first
 */
export function queryOf({ trouble, sort, down, ...texts }) {
  const query = new URLSearchParams(Object.entries(texts).filter(([, text]) => text !== ""));
  if (trouble) query.set("trouble", "");
  if (sort !== "trouble") query.set("sort", sort);
  if (down) query.set("down", "");
  return query.size === 0 ? "" : `?${query}`;
}
