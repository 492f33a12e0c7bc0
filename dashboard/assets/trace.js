// A trace on the page: canvas, name of the lead, 1 mV mark, and words when there is no signal.

import { make, setData, setText, traceColours } from "./dom.js";
import { onScale, scale } from "./scale.js";
import { Sweep } from "./sweep.js";

export class Trace {
  constructor(bed, row) {
    this.bed = bed;
    this.row = row;
    this.name = make("span.lead");
    this.mark = make("span.millivolt", { title: "1 mV" });
    this.words = make("span.words");
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.element = make("div.trace", {}, this.mark, this.canvas, this.name, this.words);
    onScale(() => this.layout());
    new ResizeObserver(() => this.layout()).observe(this.element);
  }

  layout() {
    if (this.sweep === undefined) {
      this.sweep = new Sweep(this.canvas, traceColours());
      this.bed.show(this.row, this.sweep);
    } else {
      this.sweep.layout();
    }
    const height = this.sweep.pxPerMv / this.sweep.ratio; // as the trace is drawn
    this.mark.style.height = `${height}px`;
    this.mark.style.setProperty("--millivolt", this.mark.style.height);
    this.mark.title = `1 mV, ${Math.round(height / scale())} mm/mV`;
  }

  /** Bring the words up to date. */
  update(now) {
    setText(this.name, this.bed.info.leads[this.row] ?? "");
    const connection = this.bed.connection(now);
    let words = "";
    if (connection === "offline") words = "Device offline";
    else if (connection === "no-data") words = "No data";
    else if (connection === "waiting") words = "Waiting for data";
    else if (this.bed.leadOff.get(this.row)) words = "Lead off";
    setText(this.words, words);
    setData(this.element, "silent", words ? "" : null);
  }
}
