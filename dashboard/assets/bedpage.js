// The page of one bed: all leads aligned, large numbers, beats, alarms, delays.

import { make, setData, setText } from "./dom.js";
import { Handling } from "./handling.js";
import { Trace } from "./trace.js";
import {
  alarmName, alarmText, delayText, duration, milliseconds, otherAlarms, qualityName, rate,
  timeOfDay,
} from "./words.js";

const UPDATE_MS = 250;
const BEATS_SHOWN = 12;
const ALARMS_SHOWN = 12;
const UNUSUAL = 0.5; // anomaly from which a beat is unusual for its patient

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
  const more = make("span.more");
  const handling = new Handling(bed, station);
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
    make("div.bed-head", {}, label, patient, alarm, more),
    stack,
    make("aside.side", {},
      make("section.numbers", {},
        make("div.main-number", {}, make("span.unit", {}, "HR bpm"), hr),
        make("dl", {}, ...Object.entries(figures).map(
          ([name, value]) => make("div", {}, make("dt", {}, name), value)))),
      handling.element,
      section("Last beats", ["Time", "Class", "RR", "R peak", "Anomaly"], beats),
      section("Past alarms", ["Raised", "Alarm", "Lasted", "Acknowledged"], alarms)));

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
    const active = bed.activeAlarms();
    setText(label, bed.info.label);
    setText(patient, bed.info.patient);
    setText(hr, rate(bed.heartRate(now)));
    setText(alarm, active.length === 0 ? "" : alarmText(active[0]));
    const others = otherAlarms(active);
    setText(more, others.text);
    setData(more, "priority", others.priority);
    setData(element, "alarm", active[0]?.priority ?? null);
    setData(element, "presence", active[0]?.presence ?? null);
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
    handling.update();
    fillRows(beats, beatRows(bed), BEATS_SHOWN, 5);
    fillRows(alarms, alarmRows(bed), ALARMS_SHOWN, 4);
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
    kind: beat.label ?? "",
    unusual: beat.anomaly !== null && beat.anomaly >= UNUSUAL,
    cells: [
      bed.start === null ? "" : timeOfDay(bed.start + beat.n / bed.playout.fs),
      beat.label ?? "…",
      beat.rr === null ? "–" : milliseconds(beat.rr * 1000),
      beat.amplitude === null ? "–" : `${beat.amplitude.toFixed(2)} mV`,
      beat.label === null ? "…" : beat.anomaly === null ? "–" : beat.anomaly.toFixed(2),
    ],
  }));
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
      alarm.acked_by === null ? "–" : `${alarm.acked_by} ${timeOfDay(alarm.acked_at)}`,
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
