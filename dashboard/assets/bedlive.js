// What stands beside the traces of a bed: large numbers, active alarms, last beats, past alarms.

import { BeatList } from "./beatlist.js";
import { make, setData, setText } from "./dom.js";
import { Handling } from "./handling.js";
import { t } from "./i18n.js";
import {
  alarmName, connectionName, delayText, duration, milliseconds, qualityName, rate, timeOfDay,
} from "./words.js";

const ALARMS_SHOWN = 12;

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
    this.beats = new BeatList(bed, explain);
    this.alarms = make("tbody");
    this.element = make("aside.side", {},
      make("section.numbers", {},
        make("div.main-number", {}, make("span.unit", {}, t("HR bpm")), this.hr),
        make("dl", {}, ...Object.entries(this.figures).map(
          ([name, value]) => make("div", {}, make("dt", {}, FIGURES[name]), value)))),
      this.handling.element,
      this.beats.element,
      section(t("Past alarms"),
        [t("Raised"), t("Alarm"), t("Lasted"), t("Acknowledged")], this.alarms));
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
    this.beats.update();
    fillRows(this.alarms, alarmRows(bed), ALARMS_SHOWN, 4);
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
    for (let j = 0; j < columns; j++) setText(body.rows[i].cells[j], rows[i]?.cells[j] ?? "");
  }
}
