// The last beats of a bed, newest first; each has a button that tells why it was called so.
//
// A row belongs to its beat and moves down with it: what has the focus is not exchanged for
// another beat in the moment of the press.

import { make, setData, setText } from "../base/dom.js";
import { measure, number, t } from "../base/i18n.js";
import { letterOf } from "../stream/paced.js";
import { milliseconds, timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

const SHOWN = 12;
const COLUMNS = [t("Time"), t("Class"), t("RR"), t("R peak"), t("Anomaly")];
const UNUSUAL = 0.5; // anomaly from which a beat is unusual for its patient

export class BeatList {
  /**
   * `explain(beat)` is called when a beat is chosen.
   * @param {Pick<Bed, "beats" | "start" | "playout">} bed
   * @param {(beat: LiveBeat) => void} explain
   */
  constructor(bed, explain) {
    this.bed = bed;
    this.explain = explain;
    /** @type {Map<LiveBeat, HTMLTableRowElement>} */
    this.rows = new Map(); // beat -> row
    this.body = make("tbody");
    const head = make("tr", {}, ...COLUMNS.map((name) => make("th", { scope: "col" }, name)));
    this.element = make("section.last-beats",
      { tabindex: "0", role: "region", "aria-label": t("Last beats") },
      make("h2", {}, t("Last beats")), make("table", {}, make("thead", {}, head), this.body));
    for (let i = 0; i < SHOWN; i++) this.body.append(emptyRow());
  }

  update() {
    const shown = this.bed.beats.slice(-SHOWN).reverse();
    for (const [beat, row] of this.rows) {
      if (shown.includes(beat)) continue;
      if (row.contains(document.activeElement)) this.element.focus({ preventScroll: true });
      row.remove();
      this.rows.delete(beat);
    }
    shown.forEach((beat, place) => {
      const row = this.rows.get(beat) ?? this.makeRow(beat);
      // Rows that stay are in order: only a new one is put in, since moving loses the focus.
      const there = this.body.rows[place] ?? null; // none: all rows were of beats that are gone
      if (there !== row) this.body.insertBefore(row, there);
      this.show(beat, row);
    });
    // A fixed number of rows, so that nothing below ever moves.
    while (this.body.rows.length > SHOWN) this.body.rows[SHOWN].remove();
    while (this.body.rows.length < SHOWN) this.body.append(emptyRow());
  }

  /**
   * @param {LiveBeat} beat
   * @returns {HTMLTableRowElement}
   */
  makeRow(beat) {
    const row = emptyRow();
    const button = make("button.beat-time", { type: "button" });
    row.cells[0].append(button);
    row.addEventListener("click", () => { if (beat.label !== null) this.explain(beat); });
    this.rows.set(beat, row);
    return row;
  }

  /**
   * @param {LiveBeat} beat
   * @param {HTMLTableRowElement} row
   */
  show(beat, row) {
    const { start, playout } = this.bed;
    const { label, rr, amplitude, anomaly } = beat;
    const button = /** @type {HTMLButtonElement} */ (row.cells[0].firstChild);
    setData(row, "kind", label ?? "");
    setData(row, "unusual", anomaly !== null && anomaly >= UNUSUAL ? "" : null);
    setText(button, start === null || playout === null ? "" : timeOfDay(start + beat.n / playout.fs));
    if (label !== null) button.title = t("Why is this beat {label}?", { label: letterOf(beat) ?? label });
    const texts = [
      letterOf(beat) ?? "…",
      rr === null ? "–" : milliseconds(rr * 1000),
      amplitude === null ? "–" : measure(amplitude, "mV", 2),
      label === null ? "…" : anomaly === null ? "–" : number(anomaly, 2, 2),
    ];
    texts.forEach((text, i) => setText(row.cells[i + 1], text));
  }
}

function emptyRow() {
  return make("tr", {}, ...COLUMNS.map(() => make("td")));
}
