// What the page of devices says in words: states, troubles, reasons of refusals, ages.

import { alarmTitle, duration } from "../base/words.js";
import { listed, ltr, measure, number, t, tn } from "../base/i18n.js";

const DAY_S = 86_400;

/** @type {Record<string, string>} */
const STATES = {
  sends: t("sending"), silent: t("silent"), offline: t("switched off"), never: t("has never sent"),
  refused: t("all packets refused"), turned_away: t("turned away: too many devices"),
};

/** @type {Record<DeviceTrouble, string>} */
const TROUBLES = {
  silent: t("no packets come"), battery: t("battery low"), refused: t("packets are refused"),
  turned_away: t("turned away"), alert: t("technical alarm"), never: t("has never sent"),
  clock: t("its clock is wrong"), odd: t("what it tells cannot be read"),
};

/** Of the reasons that ingest counts (docs/INTEGRATION.md). @type {Record<string, string>} */
const REASONS = {
  version: t("unknown version of the format"), missing: t("a field is missing"),
  type: t("a field is of the wrong type"), range: t("a value is out of range"),
  encoding: t("the packet cannot be decoded"), length: t("wrong number of samples"),
  mismatch: t("fields do not fit together"), retained: t("a packet that the broker had kept"),
  size: t("the packet is too large"), topic: t("unknown topic"),
  fatal: t("the analysis could not cope with the packet"), internal: t("a defect of the system"),
  too_many_devices: t("too many devices"),
};

/**
 * @param {DeviceState} state
 * @returns {string}
 */
export function stateName(state) {
  return STATES[state] ?? state;
}

/**
 * @param {DeviceTrouble} trouble
 * @param {ListedDevice} row
 * @returns {string}
 */
export function troubleName(trouble, row) {
  if (trouble === "alert") {
    return listed([...new Set(row.alerts.map(alarmTitle))]);
  }
  return TROUBLES[trouble];
}

/**
 * @param {string} reason
 * @returns {string}
 */
export function reasonName(reason) {
  return REASONS[reason] ?? reason;
}

/**
 * How long ago something was: "12 s ago", "3 days ago".
 * @param {number} seconds
 * @returns {string}
 */
export function ago(seconds) {
  return t("{time} ago", { time: lasting(seconds) });
}

/**
 * A time that may be days long.
 * @param {number} seconds
 * @returns {string}
 */
export function lasting(seconds) {
  const days = Math.floor(seconds / DAY_S);
  return days < 2 ? duration(seconds) : tn("{n} day", "{n} days", days);
}

/**
 * The charge of a battery; a device that is away says nothing of now.
 * @param {ListedDevice} row
 * @returns {string} empty: it does not tell
 */
export function batteryText({ told: { battery_pct: charge, charging } }) {
  if (charge === null) return charging ? t("charging") : "";
  const share = measure(charge, "%");
  return charging ? t("{charge}, charging", { charge: share }) : share;
}

/**
 * Leads and sampling rate: "II, V1 · 250 Hz".
 * @param {PacketForm | null} form
 * @returns {string} empty: nobody knows
 */
export function signalForm(form) {
  if (form === null) return "";
  return ltr(`${form.leads.join(", ")} · ${number(form.fs, 2)} Hz`);
}

/**
 * How far the clock of a device is off.
 * @param {number} seconds by how much it is behind
 * @returns {string}
 */
export function clockText(seconds) {
  if (Math.abs(seconds) < 2) return t("right");
  const off = lasting(Math.abs(seconds));
  return seconds > 0 ? t("{time} behind", { time: off }) : t("{time} ahead", { time: off });
}
