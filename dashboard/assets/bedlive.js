// What stands beside the traces of a bed: large numbers, active alarms, last beats, past alarms.

import { make, setData, setText } from "./dom.js";
import { Handling } from "./handling.js";
import { measure, number, t } from "./i18n.js";
import {
  alarmName, connectionName, delayText, duration, milliseconds, qualityName, rate, timeOfDay,
} from "./words.js";

const BEATS_SHOWN = 12;
const ALARMS_SHOWN = 12;
const UNUSUAL = 0.5; // anomaly from which a beat is unusual for its patient

const FIGURES = {
  lastRr: t("Last RR"), signal: t("Signal"), connection: t("Connection"), delay: t("Delay"),
  delay99: t("Delay p99"), buffer: t("Buffer"),
};

export class Side {
  /** `explain(beat)` is called when a beat of the list is chosen. */
  constructor(bed, station, explain) {
    this.bed = bed;
    this.handling = new Handling(bed, station);
    this.hr = make("span.rate");
    this.figures = {
      lastRr: make("dd"), signal: make("dd"), connection: make("dd"),
      delay: make("dd"), delay99: make("dd"), buffer: make("dd"),
    };
    this.beats = make("tbody");
    this.alarms = make("tbody");
    this.element = make("aside.side", {},
      make("section.numbers", {},
        make("div.main-number", {}, make("span.unit", {}, t("HR bpm")), this.hr),
        make("dl", {}, ...Object.entries(this.figures).map(
          ([name, value]) => make("div", {}, make("dt", {}, FIGURES[name]), value)))),
      this.handling.element,
      section(t("Last beats"),
        [t("Time"), t("Class"), t("RR"), t("R peak"), t("Anomaly")], this.beats),
      section(t("Past alarms"),
        [t("Raised"), t("Alarm"), t("Lasted"), t("Acknowledged")], this.alarms));
    this.beats.addEventListener("click", ({ target }) => {
      const beat = this.shownBeats()[[...this.beats.rows].indexOf(target.closest("tr"))];
      if (beat !== undefined && beat.label !== null) explain(beat);
    });
  }

  update(now, connection) {
    const { bed, figures } = this;
    setText(this.hr, rate(bed.heartRate(now)));
    const rr = bed.beats.at(-1)?.rr ?? null;
    setText(figures.lastRr, rr === null || connection !== "live" ? "–" : milliseconds(rr * 1000));
    setText(figures.signal, qualityName(bed.quality(now)));
    setText(figures.connection, connectionName(connection));
    setText(figures.delay, delayText(bed));
    setText(figures.delay99, milliseconds(bed.delays.percentile(0.99)));
    setText(figures.buffer, bed.playout === null ? "–" : milliseconds(bed.playout.delay * 1000));
    this.handling.update();
    fillRows(this.beats, this.beatRows(), BEATS_SHOWN, 5);
    fillRows(this.alarms, alarmRows(bed), ALARMS_SHOWN, 4);
  }

  shownBeats() {
    return this.bed.beats.slice(-BEATS_SHOWN).reverse();
  }

  beatRows() {
    const { bed } = this;
    return this.shownBeats().map((beat) => ({
      kind: beat.label ?? "",
      unusual: beat.anomaly !== null && beat.anomaly >= UNUSUAL,
      cells: [
        bed.start === null ? "" : timeOfDay(bed.start + beat.n / bed.playout.fs),
        beat.label ?? "…",
        beat.rr === null ? "–" : milliseconds(beat.rr * 1000),
        beat.amplitude === null ? "–" : measure(beat.amplitude, "mV", 2),
        beat.label === null ? "…" : beat.anomaly === null ? "–" : number(beat.anomaly, 2, 2),
      ],
    }));
  }
}

function section(title, columns, body) {
  const head = make("thead", {}, make("tr", {}, ...columns.map(
    (name) => make("th", { scope: "col" }, name))));
  return make("section", { tabindex: "0", role: "region", "aria-label": title },
    make("h2", {}, title), make("table", {}, head, body));
}

function alarmRows(bed) {
  const past = bed.alarms.filter((alarm) => alarm.presence === "Off");
  return past.slice(0, ALARMS_SHOWN).map((alarm) => ({
    kind: "past",
    cells: [
      timeOfDay(alarm.raised_at),
      alarmName(alarm.kind),
      alarm.cleared_at === null ? ""
        : duration(alarm.cleared_at - (alarm.onset_at ?? alarm.raised_at)),
      alarm.acked_by === null ? "–"
        : t("{name} {time}", { name: alarm.acked_by, time: timeOfDay(alarm.acked_at) }),
    ],
  }));
}

/** Fill a table body with a fixed number of rows, so that nothing below it ever moves. */
function fillRows(body, rows, count, columns) {
  while (body.rows.length < count) {
    const row = body.insertRow();
    for (let i = 0; i < columns; i++) row.insertCell();
  }
  for (let i = 0; i < count; i++) {
    setData(body.rows[i], "kind", rows[i]?.kind ?? null);
    setData(body.rows[i], "unusual", rows[i]?.unusual ? "" : null);
    for (let j = 0; j < columns; j++) setText(body.rows[i].cells[j], rows[i]?.cells[j] ?? "");
  }
}
