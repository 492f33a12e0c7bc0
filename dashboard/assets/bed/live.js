// What stands beside the traces of a bed: large numbers, active alarms, last beats, past alarms.

import { BeatList } from "./beatlist.js";
import { make, setAttribute, setData, setText } from "../base/dom.js";
import { Handling } from "../alarms/handling.js";
import { ackedText } from "../alarms/reasons.js";
import { look } from "../charts/history.js";
import { number, t } from "../base/i18n.js";
import { rhythmName, rhythmTitle } from "../stream/rhythms.js";
import {
  alarmTitle, connectionName, duration, limitsText, milliseconds, numberOr, rateText, replayText, signalText,
  timeOfDay, unacknowledged,
} from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */

const ALARMS_SHOWN = 12;
const RETRY_MS = 5000;

/** @type {Record<string, string>} */
const FIGURES = {
  rhythm: t("Rhythm"), pvc: t("PVC/min"), lastRr: t("Last RR"), qrs: t("QRS"), pr: t("PR"),
  qt: t("QT"), qtc: t("QTc"), signal: t("Signal"), connection: t("Connection"),
};
/** @type {("qrs" | "pr" | "qt" | "qtc")[]} */
const INTERVALS = ["qrs", "pr", "qt", "qtc"];

export class Side {
  /**
   * `explain(beat)` is called when a beat of the list is chosen.
   * @param {Bed} bed
   * @param {Station} station
   * @param {(beat: LiveBeat) => void} explain
   */
  constructor(bed, station, explain) {
    this.bed = bed;
    this.station = station;
    this.handling = new Handling(bed, station);
    this.hr = make("span.rate");
    this.limits = make("span.rate-limits", { title: t("Alarm limits of the heart rate") });
    /** @type {Record<string, HTMLElement>} */
    this.figures = Object.fromEntries(
      Object.keys(FIGURES).map((name) => [name, make("dd", { "data-figure": name })]));
    this.since = 0; // Unix time since which the present patient is there, s
    /** @type {string | null} */
    this.askedFor = null; // name of the patient of whom that was asked
    this.beats = new BeatList(bed, explain);
    this.alarms = make("tbody");
    this.none = make("p.note", { hidden: "" }, t("No alarm has ended yet"));
    this.past = section(t("Past alarms"),
      [t("Began"), t("Alarm"), t("Lasted"), t("Acknowledged")], this.alarms);
    this.past.append(this.none);
    this.table = /** @type {HTMLElement} */ (this.past.querySelector("table"));
    this.element = make("aside.side", {},
      make("section.numbers", {},
        make("div.main-number", {}, make("span.unit", {}, t("HR bpm"), " ", this.limits), this.hr),
        make("dl", {}, ...Object.entries(this.figures).map(
          ([name, value]) => make("div", {}, make("dt", {}, FIGURES[name]), value)))),
      this.handling.element,
      this.beats.element,
      this.past);
  }

  /**
   * @param {number} now
   * @param {string} connection
   */
  update(now, connection) {
    const { bed, figures } = this;
    setText(this.hr, rateText(bed, now));
    setData(this.hr, "look", bed.rateLook(now));
    setData(this.hr, "known", bed.heartRate(now) === null ? null : "");
    setText(this.limits, limitsText(bed.info.rate_limits));
    const rr = connection !== "live" || bed.withheld(now) ? null : bed.beats.at(-1)?.rr ?? null;
    const pvcs = bed.pvcsPerMinute(now);
    const rhythm = bed.rhythm(now);
    setText(figures.rhythm, numberOr(bed, now, rhythm === null ? null : this.rhythmText(rhythm)));
    setAttribute(figures.rhythm, "title", rhythmTitle(rhythm));
    setText(figures.pvc, numberOr(bed, now, pvcs === null ? null : number(pvcs)));
    setText(figures.lastRr, numberOr(bed, now, rr === null ? null : milliseconds(rr * 1000)));
    for (const name of INTERVALS) {
      const value = bed.interval(name, now);
      setText(figures[name], numberOr(bed, now, value === null ? null : milliseconds(value)));
    }
    setText(figures.signal, signalText(bed, now));
    setText(figures.connection, (connection === "live" ? replayText(bed) : null) ?? connectionName(connection));
    void this.learnSince();
    this.handling.update();
    this.beats.update();
    const ended = alarmRows(bed, this.since);
    fillRows(this.alarms, ended, ALARMS_SHOWN, 4);
    this.none.hidden = ended.length > 0;
    this.table.hidden = ended.length === 0;
  }

  /**
   * A rhythm, with the time for which its alarm has been present: one that has long been told may
   * have ended since the analysis could tell.
   * @param {string} rhythm
   * @returns {string}
   */
  rhythmText(rhythm) {
    const age = this.bed.rhythmAge(this.station.hub.now());
    return age === null ? rhythmName(rhythm)
      : t("{name} {time}", { name: rhythmName(rhythm), time: duration(age) });
  }

  /** Past alarms are those of the patient who is there: since when is asked whenever another is. */
  async learnSince() {
    const { device, patient } = this.bed.info;
    if (patient === this.askedFor) return;
    this.askedFor = patient;
    try {
      this.since = (await look(device, "spans")).spans[0].since;
    } catch (error) {
      console.info("whose past it is:", error);
      setTimeout(() => { this.askedFor = null; }, RETRY_MS);
    }
  }
}

/**
 * @param {string} title
 * @param {string[]} columns
 * @param {HTMLElement} body
 * @returns {HTMLElement}
 */
function section(title, columns, body) {
  const head = make("thead", {}, make("tr", {}, ...columns.map(
    (name) => make("th", { scope: "col" }, name))));
  return make("section", { tabindex: "0", role: "region", "aria-label": title },
    make("h2", {}, title), make("table", {}, head, body));
}

/**
 * @param {Bed} bed
 * @param {number} since
 * @returns {TextRow[]}
 */
function alarmRows(bed, since) {
  const past = bed.alarms.filter((alarm) => alarm.presence === "Off" && alarm.why !== "standby"
    && alarm.raised_at >= since);
  return past.slice(0, ALARMS_SHOWN).map((alarm) => ({
    kind: "past",
    cells: [
      timeOfDay(alarm.onset_at ?? alarm.raised_at),
      alarmTitle(alarm),
      alarm.cleared_at === null ? ""
        : duration(alarm.cleared_at - (alarm.onset_at ?? alarm.raised_at)),
      ackedText(alarm) ?? unacknowledged(alarm),
    ],
  }));
}

/**
 * Fill a table body with a fixed number of rows, so that nothing below it ever moves.
 * @param {HTMLTableSectionElement} body
 * @param {TextRow[]} rows
 * @param {number} count
 * @param {number} columns
 */
function fillRows(body, rows, count, columns) {
  while (body.rows.length < count) {
    const row = body.insertRow();
    for (let i = 0; i < columns; i++) row.insertCell();
  }
  for (let i = 0; i < count; i++) {
    setData(body.rows[i], "kind", rows[i]?.kind ?? null);
    for (let j = 0; j < columns; j++) setText(body.rows[i].cells[j], rows[i]?.cells[j] ?? "");
  }
}
