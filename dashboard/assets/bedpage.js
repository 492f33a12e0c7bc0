// The page of one bed: all leads aligned, large numbers, beats, alarms, delays.

import { make, setData, setText } from "./dom.js";
import { Trace } from "./trace.js";
import {
  SYMBOLS, alarmName, delayText, duration, milliseconds, qualityName, rate, timeOfDay, worst,
} from "./words.js";

const UPDATE_MS = 250;
const BEATS_SHOWN = 12;
const ALARMS_SHOWN = 12;

export function subscription(element) {
  return { beds: [element.dataset.device], leads: "all", history_s: 20 };
}

export function mount(element, station) {
  const device = element.dataset.device;
  const empty = make("p.empty", { role: "status" }, `Waiting for ${device || "a bed"} …`);
  element.append(make("a.back", { href: "/" }, "← All beds"), empty);
  station.addEventListener("bed", ({ detail: bed }) => {
    if (!empty.isConnected || bed.info.device !== device) return;
    empty.remove();
    fill(element, station, bed);
  });
}

function fill(element, station, bed) {
  const label = make("h1");
  const patient = make("span.patient");
  const alarm = make("span.alarm");
  const hr = make("span.rate");
  const figures = {
    "Last RR": make("dd"), Signal: make("dd"), Connection: make("dd"),
    Delay: make("dd"), "Delay p99": make("dd"), Buffer: make("dd"),
  };
  const beats = make("tbody");
  const alarms = make("tbody");
  const stack = make("div.traces");
  const traces = [];
  element.querySelector(".back").after(
    make("div.bed-head", {}, label, patient, alarm),
    stack,
    make("aside.side", {},
      make("section.numbers", {},
        make("div.main-number", {}, make("span.unit", {}, "HR bpm"), hr),
        make("dl", {}, ...Object.entries(figures).map(
          ([name, value]) => make("div", {}, make("dt", {}, name), value)))),
      section("Last beats", ["Time", "Class", "RR", "R peak"], beats),
      section("Alarms of this bed", ["Raised", "Alarm", "Lasted"], alarms)));

  function addTraces() {
    for (const row of [...bed.rings.keys()].sort((a, b) => a - b)) {
      if (traces.some((trace) => trace.row === row)) continue;
      const trace = new Trace(bed, row);
      traces.push(trace);
      stack.append(trace.element);
    }
  }

  function update() {
    const now = performance.now() / 1000;
    const connection = bed.connection(now);
    const present = bed.presentAlarms();
    const first = worst(present);
    setText(label, bed.info.label);
    setText(patient, bed.info.patient);
    setText(hr, rate(bed.heartRate(now)));
    setText(alarm, present.map((one) =>
      `${SYMBOLS[one.priority] ?? ""} ${alarmName(one.kind)}`.trim()).join("  ·  "));
    setData(element, "alarm", first?.priority ?? null);
    setData(element, "connection", connection);
    setData(element, "quality", bed.quality(now));
    const rr = bed.beats.at(-1)?.rr ?? null;
    setText(figures["Last RR"], rr === null || connection !== "live" ? "–" : milliseconds(rr * 1000));
    setText(figures.Signal, qualityName(bed.quality(now)));
    setText(figures.Connection, connection.replace("-", " "));
    setText(figures.Delay, delayText(bed));
    setText(figures["Delay p99"], milliseconds(bed.delays.percentile(0.99)));
    setText(figures.Buffer, bed.playout === null ? "–" : milliseconds(bed.playout.delay * 1000));
    for (const trace of traces) trace.update(now);
    fillRows(beats, beatRows(bed), BEATS_SHOWN, 4);
    fillRows(alarms, alarmRows(bed, station), ALARMS_SHOWN, 3);
  }

  addTraces();
  update();
  station.addEventListener("leads", ({ detail }) => { if (detail === bed) addTraces(); });
  station.addEventListener("alarms", update);
  setInterval(update, UPDATE_MS);
}

function section(title, columns, body) {
  const head = make("thead", {}, make("tr", {}, ...columns.map(
    (name) => make("th", { scope: "col" }, name))));
  return make("section", {}, make("h2", {}, title), make("table", {}, head, body));
}

function beatRows(bed) {
  return bed.beats.slice(-BEATS_SHOWN).reverse().map((beat) => ({
    kind: beat.label,
    cells: [
      bed.start === null ? "" : timeOfDay(bed.start + beat.n / bed.playout.fs),
      beat.label,
      beat.rr === null ? "–" : milliseconds(beat.rr * 1000),
      `${beat.amplitude.toFixed(2)} mV`,
    ],
  }));
}

function alarmRows(bed, station) {
  const now = station.hub.now();
  return bed.alarms.slice(0, ALARMS_SHOWN).map((alarm) => {
    const until = alarm.present ? now : alarm.cleared_at;
    const lasted = until === null || until === undefined
      ? "" : duration(until - (alarm.onset_at ?? alarm.raised_at));
    return {
      kind: alarm.present ? alarm.priority : "past",
      cells: [timeOfDay(alarm.raised_at), alarmName(alarm.kind),
        alarm.present ? `${lasted}, present` : lasted],
    };
  });
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
