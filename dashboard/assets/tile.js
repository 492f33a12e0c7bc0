// One bed on the wall.

import { make, setData, setText } from "./dom.js";
import { Trace } from "./trace.js";
import { alarmText, delayText, otherAlarms, qualityName, rate } from "./words.js";

export class Tile {
  constructor(bed) {
    this.bed = bed;
    this.traces = [];
    this.label = make("span.label");
    this.patient = make("span.patient");
    this.muted = make("span.muted", { role: "img", "aria-label": "Audio paused", title: "Audio paused" });
    this.alarm = make("span.alarm");
    this.more = make("span.more");
    this.rate = make("span.rate");
    this.quality = make("span");
    this.delay = make("span");
    this.stack = make("div.traces");
    this.element = make("a.tile", { href: `/bed/${encodeURIComponent(bed.info.device)}` },
      make("div.tile-head", {}, this.label, this.patient,
        this.muted, this.alarm, this.more),
      this.stack,
      make("div.numbers", {},
        make("span.unit", {}, "HR"), this.rate, make("span.unit", {}, "bpm"),
        make("dl", {},
          make("div", {}, make("dt", {}, "Signal"), make("dd", {}, this.quality)),
          make("div", {}, make("dt", {}, "Delay"), make("dd", {}, this.delay)))));
    this.addTraces();
  }

  /** Show the leads that have begun to arrive. */
  addTraces() {
    for (const row of [...this.bed.rings.keys()].sort((a, b) => a - b)) {
      if (this.traces.some((trace) => trace.row === row)) continue;
      const trace = new Trace(this.bed, row);
      this.traces.push(trace);
      this.stack.append(trace.element);
    }
  }

  update(now) {
    const { info } = this.bed;
    setText(this.label, info.label);
    setText(this.patient, info.patient);
    setText(this.rate, rate(this.bed.heartRate(now)));
    const quality = this.bed.quality(now);
    setText(this.quality, qualityName(quality));
    setData(this.element, "quality", quality);
    const connection = this.bed.connection(now);
    setText(this.delay, connection === "live" ? delayText(this.bed) : "–");
    setData(this.element, "connection", connection);
    const active = this.bed.activeAlarms();
    const first = active[0];
    setData(this.element, "alarm", first?.priority ?? null);
    setData(this.element, "presence", first?.presence ?? null);
    setText(this.alarm, first === undefined ? "" : alarmText(first));
    // An acknowledged alarm may outrank the one that is shown: its colour shows it.
    const others = otherAlarms(active);
    setText(this.more, others.text);
    setData(this.more, "priority", others.priority);
    this.muted.hidden = this.bed.pause === null;
    for (const trace of this.traces) trace.update(now);
  }
}
