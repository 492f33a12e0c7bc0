// What a reviewer does: a beat or a place is chosen on the strip, or an interval; then it is called
// something. Every act goes to the dashboard at once and can be undone.

import { make, setText } from "../base/dom.js";
import { isolate, t } from "../base/i18n.js";
import { restrict } from "../session/role.js";
import { post } from "../alarms/acts.js";
import { say } from "../base/toast.js";
import { dayAndTime } from "../charts/zone.js";
import { RHYTHMS, SYMBOLS, beatAt, beatText, commands, neighbour } from "./marking.js";
import { STRIP_S } from "./moving.js";

const CLASSES = /** @type {const} */ (["N", "S", "V", "F", "Q"]);

export class Editor {
  /**
   * `done()` is called when something was kept; `chosen(at)` when something is chosen on the strip.
   * @param {() => {device: string, query: Attributes}} whose
   * @param {() => Promise<void>} done
   * @param {(at: number | null) => void} chosen
   * @param {() => void} [told] called when the interval is another
   */
  constructor(whose, done, chosen, told = () => undefined) {
    this.whose = whose;
    this.done = done;
    this.onChosen = chosen;
    this.onTold = () => undefined;
    /** @type {RecordedStrip | null} */
    this.strip = null;
    /** @type {RecordedBeat | null} */
    this.beat = null;
    /** @type {number | null} */
    this.place = null;
    /** @type {[from: number, to: number] | null} what is drawn or pinned; null: the strip */
    this.interval = null;
    this.busy = false;
    this.text = make("span.chosen-text", { role: "status" });
    this.span = make("span.chosen-span", { role: "status" });
    this.rhythm = make("select", { "aria-label": t("Rhythm") },
      ...Object.entries(RHYTHMS).map(([value, name]) => make("option", { value }, name)));
    this.rhythm.value = "(AFIB";
    this.note = make("input", { type: "text", placeholder: t("Note"),
      "aria-label": t("Note") });
    this.was = make("select", { "aria-label": t("Class that is called otherwise") },
      ...CLASSES.map((label) => make("option", {}, label)));
    this.was.value = "V";
    this.becomes = make("select", { "aria-label": t("What they are called") },
      ...SYMBOLS.map((label) => make("option", {}, label)));
    this.becomes.value = "S";
    this.commands = make("code");
    this.element = make("div.review-edit", {},
      make("div.edit-row", {}, this.text, ...SYMBOLS.map((symbol) => this.button(symbol,
        t("Call it {label}: Shift and the letter", { label: symbol }), () => this.call(symbol))),
      this.button(t("Delete"), t("There is no beat: the Delete key"), () => this.remove()),
      this.button(t("Undo"), t("Undo what you did last: Ctrl and Z"), () => this.send("undo", {})),
      this.button(t("Redo"), t("Do it again: Ctrl and Y"), () => this.send("redo", {}))),
      make("div.edit-row", {}, this.span,
        this.button(t("Begin here"), t("The interval begins where this strip does"), () => this.pin(0)),
        this.button(t("End here"), t("The interval ends where this strip does"), () => this.pin(1)),
        this.rhythm, this.button(t("Name the rhythm"), "", () => this.mark(this.rhythm.value)),
        this.note, this.button(t("Note it"), "", () => this.mark("")),
        make("span.edit-class", {}, this.was, " → ", this.becomes,
          this.button(t("All in the interval"), t("All beats of the class in the interval"),
            () => this.relabelClass()))),
      make("details", {}, make("summary", {}, t("Commands that export the interval")),
        make("pre", { dir: "ltr", tabindex: "0" }, this.commands)));
    this.tell();
    this.onTold = told; // whoever is told asks this editor, which is there from now on
  }

  /**
   * @param {string} text
   * @param {string} title
   * @param {() => unknown} act
   */
  button(text, title, act) {
    const button = make("button", { type: "button", ...title ? { title, "aria-label": `${text}: ${title}` } : {} }, text);
    restrict(button);
    button.addEventListener("click", () => { void act(); });
    return button;
  }

  /**
   * A strip is shown: what was chosen stays chosen if it is on it.
   * @param {RecordedStrip} strip
   */
  show(strip) {
    this.strip = strip;
    const at = this.beat?.at ?? this.place;
    const inside = at !== null && at >= strip.start && at < strip.start + STRIP_S;
    if (!inside) this.choose(null);
    else if (this.beat !== null) this.choose(beatAt(strip, at) ?? null, at);
    else this.choose(null, at);
  }

  /**
   * Choose a beat, or a place for one.
   * @param {RecordedBeat | null} beat
   * @param {number | null} place Unix s
   */
  choose(beat, place = null) {
    this.beat = beat;
    this.place = beat === null ? place : beat.at;
    this.onChosen(this.place);
    this.tell();
  }

  /**
   * A place on the strip was clicked.
   * @param {number} at Unix s
   */
  clicked(at) {
    if (this.strip !== null) this.choose(beatAt(this.strip, at), at);
  }

  /**
   * An interval was drawn.
   * @param {number} from Unix s
   * @param {number} to Unix s
   */
  drawn(from, to) {
    this.interval = [from, to];
    this.tell();
  }

  /** @param {0 | 1} end */
  pin(end) {
    if (this.strip === null) return;
    const [from, to] = this.whole();
    const { start } = this.strip;
    this.interval = end === 0 ? [start, Math.max(to, start + STRIP_S)]
      : [Math.min(from, start), start + STRIP_S];
    this.tell();
  }

  /** @returns {[from: number, to: number]} */
  whole() {
    const start = this.strip?.start ?? 0;
    return this.interval ?? [start, start + STRIP_S];
  }

  tell() {
    if (this.beat !== null) setText(this.text, beatText(this.beat));
    else if (this.place !== null) setText(this.text, t("No beat here: call it something to insert one"));
    else setText(this.text, t("Click a beat, or a place where one was missed"));
    const [from, to] = this.whole();
    setText(this.commands, commands(this.whose().device, from, to));
    setText(this.span, this.interval === null ? t("Interval: this strip")
      : t("Interval: {from} – {to}", { from: isolate(dayAndTime(from)), to: isolate(dayAndTime(to)) }));
    this.onTold();
  }

  /**
   * Call what is chosen something: a beat is relabelled, at a place one is inserted.
   * @param {string} value
   */
  call(value) {
    if (this.beat !== null) return this.send("label", { times: [this.beat.at], value });
    if (this.place !== null) return this.send("insert", { time: this.place, value });
    return say(t("choose a beat or a place first"));
  }

  remove() {
    if (this.beat === null) return say(t("choose a beat first"));
    return this.send("delete", { times: [this.beat.at] });
  }

  /** @param {string} value a rhythm; empty: a note */
  async mark(value) {
    const [from, to] = this.whole();
    const { interval, note: { value: text } } = this;
    if (!await this.send("mark", { from, to, value, text })) return;
    if (this.note.value === text) this.note.value = ""; // not what is written meanwhile
    if (this.interval === interval) this.interval = null;
    this.tell();
  }

  async relabelClass() {
    const [from, to] = this.whole();
    await this.send("class", { from, to, was: this.was.value, value: this.becomes.value });
  }

  /**
   * Resolves to whether it was kept.
   * @param {string} what
   * @param {object} fields
   * @returns {Promise<boolean>}
   */
  async send(what, fields) {
    if (this.busy) {
      say(t("what you did before is not done yet"));
      return false;
    }
    this.busy = true;
    this.element.setAttribute("aria-busy", "true");
    const { device, query } = this.whose();
    /** @type {string | null} */
    let wrong;
    try {
      wrong = await post("/recorded/review", { device, do: what, ...query, ...fields });
    } finally {
      this.busy = false; // the next act need not wait until the hour is drawn anew
      this.element.removeAttribute("aria-busy");
    }
    if (wrong !== null) say(wrong);
    else await this.done();
    return wrong === null;
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key meant something
   */
  key({ key, ctrlKey, metaKey, shiftKey }) {
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() === "z" && !shiftKey) void this.send("undo", {});
      else if (key.toLowerCase() === "y" || key.toLowerCase() === "z") void this.send("redo", {});
      else return false;
      return true;
    }
    if (key === "[" || key === "]") {
      const { strip } = this;
      if (strip === null) return false;
      const from = this.place ?? (key === "]" ? strip.start : strip.start + STRIP_S);
      const found = neighbour(strip, from, key === "]" ? 1 : -1);
      if (found !== null) this.choose(found);
      return true;
    }
    if (key === "Escape" && (this.place !== null || this.interval !== null)) {
      this.interval = null;
      this.choose(null);
      return true;
    }
    if (this.place === null) return false;
    if (key === "Delete" || key === "Backspace") void this.remove();
    else if (key === "/" || shiftKey && /** @type {readonly string[]} */ (CLASSES).includes(key)) void this.call(key);
    else return false;
    return true;
  }
}
