// The review page of a bed: an hour of what was recorded at a glance, ten seconds of it to scale.

import { SpanChoice } from "../bed/spanchoice.js";
import { display } from "../base/display.js";
import { make, onBack, setAddress, setText } from "../base/dom.js";
import { isolate, t } from "../base/i18n.js";
import { alarmName } from "../base/words.js";
import { forgetAhead, read } from "../charts/history.js";
import { drawStrip } from "../charts/strip.js";
import { Wheel } from "../charts/wheel.js";
import { dayAndTime } from "../charts/zone.js";
import { recorded, stripQuery } from "../recordings/asking.js";
import { Exports } from "../recordings/exporting.js";
import { offerKinds } from "../recordings/kinds.js";
import { within } from "../recordings/taking.js";
import { drawBeats, markChosen } from "./beatmarks.js";
import { Calipers } from "./calipers.js";
import { Compare } from "./compare.js";
import { DayStrip, dayOf } from "./day.js";
import { Disclosure } from "./disclosure.js";
import { Editor } from "./editing.js";
import { Forms } from "./forms.js";
import { AlarmVerdicts, Journal, present } from "./journal.js";
import { timeOf } from "./marking.js";
import { HOUR_S, hourOf, longestAlarm, momentOf, moved, nearest, nextEvent, remembering, stepOf } from "./moving.js";

export { ahead } from "../recordings/asking.js";

const NEWEST_S = 60; // what is opened first: the last minute
const JUMP_S = 60; // what leads further is a step of its own in the browser's history

/**
 * The page asks the hub for no bed; alarms sound on it as anywhere.
 * @returns {Subscription}
 */
export function subscription() {
  return { beds: [], leads: 1 };
}

/**
 * @param {HTMLElement} element
 * @returns {KeyRow[]}
 */
export function mount(element) {
  const page = new Review(element, element.dataset.device ?? "");
  void page.start();
  return [
    { keys: "← →", text: t("five seconds back, on") },
    { keys: "↑ ↓", text: t("a minute back, on") },
    { keys: "PageUp PageDown", text: t("an hour back, on") },
    { keys: "n p", text: t("next, previous event") },
    { keys: "[ ]", text: t("previous, next beat") },
    { keys: "Shift N V S F", text: t("call the chosen beat so") },
    { keys: "Delete", text: t("there is no beat") },
    { keys: "Ctrl Z Y", text: t("take back, do again") },
  ];
}

class Review {
  /**
   * @param {HTMLElement} element
   * @param {string} device
   */
  constructor(element, device) {
    this.element = element;
    this.device = device;
    /** @type {RecordedOverview} */
    this.overview = { spans: [], alarms: [] };
    /** @type {RecordedHour | null} */
    this.hour = null;
    this.stale = false; // something was said since the hour was read
    this.wholeFrom = NaN; // of the hour of which all is shown, Unix s
    this.asked = momentOf(location.search); // the address names a moment
    this.at = 0;
    this.turn = 0;
    this.surveys = 0;
    this.wheel = new Wheel((seconds) => this.go(moved(this.overview.spans, this.at, seconds)));
    this.title = make("h1", {}, t("Review of {bed}", { bed: isolate(device) }));
    this.spans = new SpanChoice(device, () => { void this.open(); }, async () => {
      const found = await read(recorded(device, "spans"));
      setText(this.title, t("Review of {bed}", { bed: isolate(found.label) })); // as on the wall
      return found;
    });
    /** @type {RecordedDay | null} */
    this.day = null;
    this.dayStrip = new DayStrip((at) => { void this.go(nearest(this.overview.spans, at)); });
    this.ofKind = remembering((/** @type {RecordedAlarm[]} */ alarms, /** @type {string} */ wanted) =>
      alarms.filter(({ kind }) => wanted === "" || kind === wanted));
    this.compare = new Compare();
    this.disclosure = new Disclosure((at) => { void this.go(nearest(this.overview.spans, at - 2)); });
    this.editor = new Editor(() => ({ device: this.spans.source, query: this.spans.query }),
      () => this.again(), (at) => this.chosen(at), () => this.exports.offer());
    this.verdicts = new AlarmVerdicts(this.editor);
    this.forms = new Forms(this.editor,
      (from) => this.ask("forms", { from, ...this.lead.value ? { lead: this.lead.value } : {} }),
      (at) => { void this.go(nearest(this.overview.spans, at - 2)); });
    this.journal = new Journal((at) => { void this.go(nearest(this.overview.spans, at - 2)); });
    /** @type {{strip: RecordedStrip, drawing: SVGSVGElement} | null} */
    this.shownStrip = null;
    this.exports = new Exports(() => ({ device: this.spans.source, query: this.spans.query }), () => this.takeable());
    this.calipers = new Calipers((x) => this.editor.clicked(this.timeAt(x)),
      (from, to) => this.editor.drawn(this.timeAt(from), this.timeAt(to)));
    this.lead = make("select", { "aria-label": t("Lead of the overview") });
    this.lead.addEventListener("change", () => { this.hour = null; this.wholeFrom = NaN; void this.go(this.at); });
    this.kind = make("select", { "aria-label": t("Kind of event") });
    this.time = make("span.time");
    this.state = make("p.note", { role: "status" }, t("Looking …"));
    this.strip = make("div.strip-place");
    this.bar = make("div.review-bar", {},
      this.button("‹‹", t("Hour before"), () => this.step(-HOUR_S)),
      this.button("‹", t("Five seconds before"), () => this.step(-5)),
      this.time,
      this.button("›", t("Five seconds later"), () => this.step(5)),
      this.button("››", t("Hour later"), () => this.step(HOUR_S)),
      this.lead, this.kind,
      this.button(t("Previous"), t("Previous event"), () => this.event(-1)),
      this.button(t("Next"), t("Next event"), () => this.event(1)),
      this.button(t("Longest"), t("The longest alarm of the kind that is chosen"), () => this.longest()));
  }

  /**
   * @param {string} text
   * @param {string} title
   * @param {() => void} act
   */
  button(text, title, act) {
    const button = make("button", { type: "button", title, "aria-label": title }, text);
    button.addEventListener("click", act);
    return button;
  }

  async start() {
    const bed = `/bed/${encodeURIComponent(this.device)}`;
    this.element.append(
      make("div.review-head", {}, make("a.back", { href: bed }, t("Live")), this.title, this.spans.element,
        make("a.back", { href: "/recordings" }, t("All recordings"))),
      this.bar, this.dayStrip.element, make("div.review-parts", {},
        make("div.review-here", {}, this.strip, this.calipers.text, this.editor.element,
          this.verdicts.element, this.exports.element, this.compare.element, this.state),
        make("div.review-around", {}, this.disclosure.element, this.forms.element, this.journal.element)));
    this.strip.addEventListener("wheel", (event) => this.wheel.turn(event), { passive: false });
    document.addEventListener("keydown", (event) => this.key(event));
    onBack(() => {
      const at = momentOf(location.search);
      if (at !== null) void this.go(nearest(this.overview.spans, at), true);
    });
    this.shown(false);
    try {
      await this.spans.load();
    } catch (error) {
      setText(this.state, /** @type {Error} */ (error).message);
      return;
    }
    this.exports.start();
    await this.open();
    forgetAhead();
  }

  /** @param {boolean} something */
  shown(something) {
    for (const part of [this.bar, this.dayStrip.element, this.strip, this.calipers.text,
      this.editor.element, this.verdicts.element, this.exports.element, this.compare.element,
      this.disclosure.element, this.forms.element]) {
      part.hidden = !something;
    }
  }

  /** Show the newest of the span that is chosen. */
  async open() {
    this.hour = null;
    this.wholeFrom = NaN;
    const mine = ++this.surveys;
    try {
      if (!await this.survey(mine)) return;
    } catch (error) {
      if (mine !== this.surveys) return;
      this.shown(false);
      setText(this.state, /** @type {Error} */ (error).message);
      return;
    }
    const { spans } = this.overview;
    this.shown(spans.length > 0);
    if (spans.length === 0) {
      setText(this.state, t("Nothing is recorded of this bed."));
      return;
    }
    offerKinds(this.kind, this.overview.alarms);
    const asked = this.asked;
    this.asked = null; // once: another patient's past opens at its newest
    await this.go(nearest(spans, asked ?? (spans.at(-1)?.[1] ?? 0) - NEWEST_S));
  }

  /**
   * Ask what there is of the span that is chosen; resolves to whether it still is the newest question.
   * @param {number} mine of the questions
   */
  async survey(mine) {
    const overview = await this.ask("overview", {});
    if (mine !== this.surveys) return false;
    this.overview = overview;
    return true;
  }

  /**
   * @param {string} what
   * @param {Attributes} query
   * @returns {Promise<any>}
   */
  ask(what, query) {
    return read(recorded(this.spans.source, what, { ...query, ...this.spans.query }));
  }

  /**
   * Show the strip that begins at a time, and its hour. The address names it: a jump is a step that Back
   * returns from, moving on a little is not.
   * @param {number} at
   * @param {boolean} back whether Back has led here
   */
  async go(at, back = false) {
    const mine = ++this.turn;
    const jump = !back && this.at > 0 && Math.abs(at - this.at) > JUMP_S;
    setAddress(`${location.pathname}?at=${at.toFixed(1)}`, jump);
    this.at = at;
    setText(this.time, dayAndTime(at));
    this.disclosure.show(this.hour, this.alarms(), at);
    const from = hourOf(at);
    try {
      const strip = await this.ask("strip", stripQuery(at));
      if (mine !== this.turn) return;
      this.draw(strip);
      if (this.stale || this.wholeFrom !== from) await this.readHour(from, mine);
      if (mine !== this.turn) return;
      this.disclosure.show(this.hour, this.alarms(), at); // the day may take longer
      await this.showDay(at, mine);
      if (mine !== this.turn) return;
      setText(this.state, [...new Set([...this.hour?.notes ?? [], ...strip.notes])].join(" · "));
    } catch (error) {
      if (mine === this.turn) setText(this.state, /** @type {Error} */ (error).message);
    }
  }

  /**
   * Read an hour and what was said of it. Whatever an overtaken turn leaves unread the next one reads.
   * @param {number} from
   * @param {number} mine turn
   */
  async readHour(from, mine) {
    if (this.stale) this.day = null;
    const said = this.ask("said", { from });
    said.catch(() => undefined); // where the hour fails first, that is told
    if (this.stale || this.hour?.from !== from) {
      if (!this.stale) setText(this.state, t("Looking …"));
      const hour = await this.ask("hour", { from, ...this.lead.value ? { lead: this.lead.value } : {} });
      if (mine !== this.turn) return;
      this.hour = hour;
      this.leads(hour);
    }
    const { acts } = await said;
    if (mine !== this.turn) return;
    this.journal.show(acts);
    this.forms.show(from);
    this.stale = false;
    this.wholeFrom = from;
  }

  /**
   * @param {number} at
   * @param {number} mine turn
   */
  async showDay(at, mine) {
    const from = dayOf(at);
    if (this.day?.from !== from) {
      const day = await this.ask("day", { from });
      if (mine !== this.turn) return;
      this.day = day;
    }
    this.dayStrip.show(this.day, this.overview.alarms, at);
  }

  /** Something was said of the record: what is shown is asked for again. */
  async again() {
    this.stale = true;
    try {
      if (!await this.survey(++this.surveys)) return;
    } catch (error) {
      setText(this.state, /** @type {Error} */ (error).message);
    }
    await this.go(this.at);
  }

  /** @param {RecordedStrip} strip */
  draw(strip) {
    const drawing = /** @type {SVGSVGElement} */ (drawStrip({ ...strip, beats: [] }));
    drawBeats(drawing, strip, (beat) => this.editor.choose(beat));
    this.shownStrip = { strip, drawing };
    this.strip.replaceChildren(drawing);
    this.calipers.attach(drawing);
    this.editor.show(strip);
    this.compare.show(strip, this.editor.place);
    this.forms.at = strip.start + 2;
    this.verdicts.show(this.overview.alarms, strip.start);
  }

  /** @param {number | null} at */
  chosen(at) {
    if (this.shownStrip === null) return;
    markChosen(this.shownStrip.drawing, this.shownStrip.strip, at);
    this.compare.show(this.shownStrip.strip, at);
  }

  /** @param {number} x mm of the strip */
  timeAt(x) {
    return timeOf(this.shownStrip?.strip ?? { start: this.at }, x);
  }

  /** @param {RecordedHour} hour */
  leads(hour) {
    this.lead.replaceChildren(...hour.leads.map((name) => make("option", { value: name }, name)));
    this.lead.value = hour.lead;
  }

  /**
   * What can be taken away: the interval, the alarms of this strip, the hour and the day shown.
   * @returns {ExportSpan[]}
   */
  takeable() {
    const { spans } = this.overview;
    const chosen = this.editor.interval === null ? t("This strip") : t("The interval");
    const hour = hourOf(this.at);
    const day = dayOf(this.at);
    /** @type {[id: string, name: string, span: [from: number, to: number]][]} */
    const all = [
      ["interval", chosen, this.editor.whole()],
      ...present(this.overview.alarms, this.at).map(({ id, kind, at, until }) => /** @type {[string, string, [number, number]]} */ (
        [id, alarmName(kind), [at, until ?? Infinity]])),
      ["hour", t("The hour shown"), [hour, hour + HOUR_S]],
      ["day", t("The day shown"), [day, day + 24 * HOUR_S]],
    ];
    return all.flatMap(([id, name, [from, to]]) => {
      const found = within(spans, from, to);
      return found === null ? [] : [{ id, name, from: found[0], to: found[1] }];
    });
  }

  alarms() {
    return this.ofKind(this.overview.alarms, this.kind.value);
  }

  /** @param {number} seconds */
  step(seconds) {
    void this.go(moved(this.overview.spans, this.at, seconds));
  }

  /** @param {1 | -1} direction */
  event(direction) {
    const kind = this.kind.value;
    /** @type {ReviewEvent[]} */
    const events = kind.startsWith("beat-")
      ? (this.hour?.beats ?? []).map(([at, label]) => ({ kind: `beat-${label}`, at }))
      : this.overview.alarms;
    const found = nextEvent(events, this.at + 2, kind, direction);
    if (found === null) setText(this.state, t("There is no other."));
    else void this.go(nearest(this.overview.spans, found.at - 2));
  }

  longest() {
    const { alarms, spans } = this.overview;
    const found = longestAlarm(alarms, this.kind.value, spans.at(-1)?.[1] ?? 0);
    if (found === null) setText(this.state, t("There is none."));
    else void this.go(nearest(spans, found.at - 2));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.altKey || this.bar.hidden) return;
    if (event.target instanceof Element && event.target.closest("select, input, textarea, dialog")) return;
    if (this.editor.key(event)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (!display().shortcuts && event.key.length === 1) return;
    const step = stepOf(event.key);
    if (step !== null) this.step(step);
    else if (event.key === "n") this.event(1);
    else if (event.key === "p") this.event(-1);
    else return;
    event.preventDefault();
  }
}
