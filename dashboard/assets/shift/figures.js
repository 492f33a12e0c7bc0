// Figures of a shift as people read them: facts as rows of two cells, bars by the hour.

import { reasonName } from "../alarms/reasons.js";
import { make } from "../base/dom.js";
import { LOCALE, ZONE, listed, ltr, measure, number, signed, t, tn } from "../base/i18n.js";
import { alarmName, duration, priorityName } from "../base/words.js";
import { frame, svg } from "../charts/svg.js";
import { recentTime } from "../charts/zone.js";
import { PRIORITIES } from "../list/burden.js";

const WIDTH = 420;
const HEIGHT = 110;
const hour = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/**
 * Rows of a name and a value each.
 * @param {[name: string, value: string][]} rows
 * @returns {HTMLElement}
 */
export function facts(rows) {
  return make("dl.shift-facts", {}, ...rows.map(([name, value]) => make("div", {},
    make("dt", {}, name), make("dd", {}, value))));
}

/**
 * Alarms in words: how many of each priority that there were.
 * @param {AlarmFigures} alarms
 * @returns {string}
 */
export function countText({ count, priorities }) {
  const parts = PRIORITIES.filter((one) => priorities[one] > 0)
    .map((one) => (one === "technical" ? tn("{n} technical", "{n} technical", priorities[one])
      : `${number(priorities[one])} ${priorityName(one)}`));
  return parts.length === 1 ? parts[0] : parts.length === 0 ? number(count) : `${number(count)}: ${listed(parts)}`;
}

/**
 * How many alarms were acknowledged, and how soon.
 * @param {AlarmFigures} alarms
 * @returns {string}
 */
export function ackText({ count, acknowledged, median_ack_s: median, slowest_ack_s: slowest }) {
  const share = t("{n} of {all}", { n: number(acknowledged), all: number(count) });
  return median === null || slowest === null ? share
    : `${share} · ${t("median {median}, longest {longest}", { median: duration(median), longest: duration(slowest) })}`;
}

/**
 * @param {AlarmFigures} alarms
 * @returns {string} empty: no reason was given
 */
export function reasonsText({ reasons }) {
  return listed(Object.entries(reasons)
    .map(([reason, count]) => `${reason === "" ? t("in words") : reasonName(reason)} ${number(count)}`));
}

/**
 * What was measured of a patient.
 * @param {PatientShift} row
 * @returns {[name: string, value: string][]}
 */
export function heartRows({ heart, longest_af_s: longestAf, longest_rr: longestRr, standbys, standby_s: away }) {
  const { rate_mean_bpm: mean, rate_low: low, rate_high: high } = heart;
  /** @type {[string, string][]} */
  const rows = [
    [t("Heart rate"), mean === null || low === null || high === null ? "–"
      : `${t("mean {value}", { value: measure(mean, "bpm") })} · ${ltr(`${number(low.value)}–${number(high.value)}`)}`],
    [t("PVC per hour"), pvcText(heart)],
    [t("Atrial fibrillation"), heart.af_percent === null ? "–" : heart.af_s === 0 ? t("none")
      : `${ltr(`${number(heart.af_percent, 1)} %`)}${longestAf === null ? ""
        : ` · ${t("longest {duration}", { duration: duration(longestAf) })}`}`],
    [t("Longest RR interval"), longestRr === null ? "–" : `${measure(longestRr.value, "s", 2)} · ${recentTime(longestRr.at)}`],
  ];
  if (heart.st.length > 0) rows.push([t("ST level"), listed(heart.st.map(stText))]);
  if (standbys.length > 0) rows.push([t("Standby"), duration(away)]);
  for (const [name, seconds] of gaps(heart)) rows.push([name, duration(seconds)]);
  return rows;
}

/**
 * Ventricular beats per hour; of less than an hour how many there were in which time.
 * @param {HeartFigures} heart
 * @returns {string}
 */
export function pvcText({ pvc_per_hour: rate, quality, beats }) {
  if (rate === null) return "–";
  const usable = quality.good + quality.poor;
  return usable >= 3600 ? number(rate, 1) : t("{n} in {duration}", { n: number(beats.V), duration: duration(usable) });
}

/**
 * Times from which there is no usable signal, the longest first.
 * @param {HeartFigures} heart
 * @returns {[name: string, seconds: number][]}
 */
export function gaps({ quality, no_data_s: noData }) {
  /** @type {[string, number][]} */
  const found = [[t("Not monitored: no data"), noData], [t("Not monitored: leads off"), quality.leadoff],
    [t("Not monitored: flat signal"), quality.flat]];
  return found.filter(([, seconds]) => seconds >= 1).sort((a, b) => b[1] - a[1]);
}

/**
 * @param {{ lead: string, median_mv: number, low_mv: number, high_mv: number }} level
 * @returns {string}
 */
function stText({ lead, median_mv: middle, low_mv: low, high_mv: high }) {
  return ltr(`${lead} ${signed(middle, 2)} mV (${signed(low, 2)} … ${signed(high, 2)})`);
}

/**
 * Ventricular beats by the hour, and what an hour without a bar means.
 * @param {PvcHour[]} hours
 * @param {number} since Unix s
 * @param {number} until Unix s
 * @returns {Element[]}
 */
export function pvcBars(hours, since, until) {
  const rates = hours.map((one) => one.per_hour);
  return [make("h3", {}, t("PVC per hour")), hourBars(t("PVC per hour"), rates, since, until),
    ...(rates.includes(null) ? [make("p.note", {}, t("Grey: too little signal"))] : [])];
}

/**
 * Bars by the hour; an hour without a value has none, and says so.
 * @param {string} label what they show
 * @param {(number | null)[]} values
 * @param {number} since Unix s
 * @param {number} until Unix s
 * @returns {Element}
 */
export function hourBars(label, values, since, until) {
  const top = Math.max(4, ...values.map((value) => value ?? 0));
  const every = Math.max(1, Math.ceil(values.length / 6));
  const plot = frame({ width: WIDTH, height: HEIGHT, x: [0, values.length], y: [0, top], label,
    xText: (place) => hour.format(1000 * (since + 3600 * place)), yText: (value) => number(value), left: 46, right: 22,
    yTicks: 3, top: 8, xAt: values.map((_, place) => place).filter((place) => place % every === 0) });
  for (const [place, value] of values.entries()) {
    const share = Math.min(1, (until - since) / 3600 - place); // the last hour may be cut short
    const from = plot.x(place) + 1;
    const width = Math.max(1, plot.x(place + share) - from - 1);
    const at = recentTime(since + 3600 * place);
    const bar = value === null
      ? svg("rect.unknown", { x: from, width, y: plot.y(top), height: plot.y(0) - plot.y(top) })
      : svg("rect.bar", { x: from, width, y: plot.y(value), height: plot.y(0) - plot.y(value) });
    bar.append(svg("title", {}, `${at}: ${value === null ? t("too little signal") : number(value, 1)}`));
    plot.element.append(bar);
  }
  return plot.element;
}

/**
 * Alarms by kind: how many, how long, how many acknowledged.
 * @param {AlarmFigures} alarms
 * @returns {HTMLElement}
 */
export function kindTable({ kinds }) {
  const names = [t("Alarm"), t("Priority"), t("Count"), t("Longest"), t("Acknowledged")];
  return make("table.kinds", {},
    make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...kinds.map((one) => make("tr", { "data-priority": one.priority },
      make("td.alarm-name", {}, alarmName(one.kind)), make("td", {}, priorityName(one.priority)),
      make("td.number", {}, number(one.count)), make("td.number", {}, duration(one.longest_s)),
      make("td.number", {}, number(one.acknowledged))))));
}
