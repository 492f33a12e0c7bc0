// A trace on the page: canvas, name of the lead, 1 mV mark, and words when there is no signal.

import { make, setData, setText, traceColours } from "./dom.js";
import { mmPerMv, onScale, scale } from "./scale.js";
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
    const gain = mmPerMv(this.canvas.getBoundingClientRect().height);
    this.mark.style.height = `${gain * scale()}px`;
    this.mark.title = `1 mV, ${gain} mm/mV`;
    if (this.sweep === undefined) {
      this.sweep = new Sweep(this.canvas, traceColours());
      this.bed.show(this.row, this.sweep);
    } else {
      this.sweep.layout();
    }
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
