// One patient of a shift: how they came and went, what was measured, raised, written and changed.

import { reasonText } from "../alarms/reasons.js";
import { standbyReason } from "../alarms/standby.js";
import { make } from "../base/dom.js";
import { isolate, listed, ltr, number, t } from "../base/i18n.js";
import { alarmName, timeOfDay } from "../base/words.js";
import { recentTime } from "../charts/zone.js";
import { changeText, entryText } from "../patient/words.js";
import { ackText, countText, facts, heartRows, kindTable, pvcBars, reasonsText } from "./figures.js";

/**
 * @param {PatientShift} row
 * @param {ShiftReport} report
 * @param {number} place its place in the report
 * @returns {HTMLElement}
 */
export function patientSection(row, report, place) {
  const { stretch, alarms, heart } = row;
  const label = labelOf(report, stretch.device);
  const head = make("h2", {}, make("a", { href: `/bed/${encodeURIComponent(stretch.device)}` }, make("bdi", {}, label)),
    " · ", make("bdi", {}, whoText(row)));
  const patient = stretch.name !== "" && stretch.patient !== "" ? make("span.note", {}, make("bdi", {}, stretch.patient)) : "";
  const left = make("div", {}, facts(heartRows(row)));
  if (heart.beats.V > 0) {
    left.append(...pvcBars(heart.pvc_hours, report.since, report.until));
  }
  /** @type {[string, string][]} */
  const rows = [[t("Alarms"), countText(alarms)]];
  if (alarms.count > 0) rows.push([t("Acknowledged"), ackText(alarms)]);
  if (alarms.carried > 0) rows.push([t("There when the shift began"), number(alarms.carried)]);
  const reasons = reasonsText(alarms);
  if (reasons !== "") rows.push([t("Reasons"), reasons]);
  const right = make("div", {}, facts(rows), ...(alarms.count > 0 ? [kindTable(alarms)] : []));
  return make("article.shift-patient", { id: `row-${place}` }, make("div.patient-head", {}, head, patient),
    ...legs(row, report), make("div.shift-columns", {}, left, right),
    ...list(t("What was said of alarms"), alarms.words.map((one) => said(one.by, one.at,
      `${alarmName(one.kind)}: ${reasonText({ reason: one.reason, reason_text: one.text })}`))),
    ...list(t("Standby"), row.standbys.map((one) => said(one.by, one.since,
      `${standbyReason(one)}, ${ltr(`${timeOfDay(one.since)}–${timeOfDay(one.until)}`)}`))),
    ...list(t("Notes"), row.notes.map((one) => said(one.by, one.at, one.text))),
    ...list(t("Limits changed"), row.changes.flatMap((one) => {
      const told = changeText(one, report.rules, one.category);
      return told === null ? [] : [said(one.by, one.at, t("{name}: {old} → {new}", { name: told.name, old: told.old, new: told.new }))];
    })));
}

/**
 * Who a row is about.
 * @param {PatientShift} row
 * @returns {string}
 */
export function whoText({ stretch }) {
  return stretch.stay === "" ? t("No patient admitted") : stretch.name || stretch.patient;
}

/**
 * What a bed is called.
 * @param {ShiftReport} report
 * @param {string} device
 * @returns {string}
 */
export function labelOf({ labels }, device) {
  return labels[device] ?? device;
}

/**
 * Where they were, if not all the time at one bed, and how they came and went.
 * @param {PatientShift} row
 * @param {ShiftReport} report
 * @returns {HTMLElement[]}
 */
function legs({ stretch }, report) {
  const parts = stretch.moves.map(({ what, at, by, other }) => `${recentTime(at)} ${listed([entryText({
    what, at, who: by, patient: stretch.patient, other: other === "" ? "" : labelOf(report, other) }), isolate(by)])}`);
  const whole = stretch.legs.length === 1 && stretch.legs[0].since <= report.since
    && stretch.legs[0].until >= report.until;
  if (!whole) {
    parts.unshift(listed(stretch.legs.map(({ device, since, until }) => t("{bed} from {since} to {until}", {
      bed: labelOf(report, device), since: recentTime(since), until: recentTime(until) }))));
  }
  return parts.length === 0 ? [] : [make("p.note.legs", {}, parts.join(" · "))];
}

/**
 * @param {string} by
 * @param {number} at
 * @param {string} text
 * @returns {HTMLElement}
 */
function said(by, at, text) {
  return make("li", {}, make("span", { dir: "auto" }, text), " ",
    make("small", {}, t("{name}, {time}", { name: by, time: recentTime(at) })));
}

/**
 * @param {string} title
 * @param {HTMLElement[]} rows
 * @returns {HTMLElement[]}
 */
function list(title, rows) {
  return rows.length === 0 ? [] : [make("h3", {}, title), make("ul.said", {}, ...rows)];
}

/**
 * The patients with the most alarms of high priority, then of all, each a link to its part of the report.
 * @param {ShiftReport} report
 * @returns {HTMLElement}
 */
export function worstList(report) {
  return make("ol.worst", {}, ...report.worst.map((place) => {
    const row = report.rows[place];
    const text = `${labelOf(report, row.stretch.device)} · ${whoText(row)}`;
    return make("li", {}, make("a", { href: `#row-${place}` }, make("bdi", {}, text)), " ",
      make("span.note", {}, countText(row.alarms)));
  }));
}
