// The twelve-lead page of a bed: ten seconds on millimetre paper, and what a network says of them.

import { display } from "../base/display.js";
import { find, focusOn, make, setData, setText } from "../base/dom.js";
import { ltr, t } from "../base/i18n.js";
import { read, repeat } from "../charts/history.js";
import { dayAndTime } from "../charts/zone.js";
import { panel, sayNone } from "./findings.js";
import { GAINS, SECONDS, layOut } from "./layout.js";
import { leadMap, stMap } from "./maps.js";
import { bedName } from "../stream/bednames.js";
import { foremost, weights } from "./results.js";
import { drawSheet, scaleText } from "./sheet.js";

const AGAIN_MS = 2000; // after something went wrong
const STANDARD = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
/** @type {Record<SheetName, string>} */
const LAYOUTS = { "3x4": t("3 × 4 and rhythm"), "6x2": ltr("6 × 2"), "12x1": t("One below the other"),
  overlay: t("On top of one another") };

/** @import { Station } from "../stream/station.js" */
/** @import { Ward } from "../stream/ward.js" */

/**
 * The page asks the hub for no bed; alarms sound on it as anywhere.
 * @returns {Subscription}
 */
export function subscription() {
  return { beds: [], leads: 1 };
}

/**
 * @param {HTMLElement} element
 * @param {Station} _station
 * @param {Ward} ward
 * @returns {KeyRow[]}
 */
export function mount(element, _station, ward) {
  const page = new TwelvePage(element, element.dataset.device ?? "");
  page.start();
  ward.addEventListener("change", () => page.name());
  return [{ keys: "← →", text: t("ten seconds back, on") }, { keys: "f", text: t("freeze, or follow again") }];
}

class TwelvePage {
  /**
   * @param {HTMLElement} element
   * @param {string} device
   */
  constructor(element, device) {
    this.element = element;
    this.device = device;
    /** @type {TwelveWindow | null} */
    this.window = null;
    this.following = true;
    this.turn = 0;
    this.title = make("h1");
    this.time = make("span.time");
    this.state = make("p.note", { role: "status" }, t("Looking …"));
    this.place = make("div.sheet-place");
    this.results = make("div.results");
    this.side = make("section.findings", { "aria-labelledby": "findings-head" },
      make("h2", { id: "findings-head" }, t("What the network says")), this.results);
    this.maps = make("div.maps");
    /** @type {Findings | null} */
    this.found = null;
    /** @type {string | null} */
    this.label = null; // that was chosen
    /** @type {LabelWords} */
    this.words = {};
    /** @type {Timer | undefined} */
    this.again = undefined;
    this.layout = choice(t("Layout"), Object.entries(LAYOUTS), () => this.draw());
    this.gain = choice(t("Gain"), [["", t("Automatic gain")],
      ...GAINS.map((gain) => /** @type {[string, string]} */ ([String(gain), `${gain} mm/mV`]))], () => this.draw());
    this.rhythm = choice(t("Rhythm lead"), STANDARD.map((name) => [name, name]), () => this.draw());
    this.rhythm.value = "II";
    this.boxes = STANDARD.map((name) => make("input", { type: "checkbox", value: name }));
    for (const box of this.boxes) {
      box.checked = true;
      box.addEventListener("change", () => this.draw());
    }
    this.leads = make("fieldset.lead-choice", {}, make("legend", {}, t("Leads")),
      ...this.boxes.map((box) => make("label", {}, box, box.value)));
    this.freeze = make("button", { type: "button", "aria-pressed": "false" }, t("Freeze"));
    this.freeze.addEventListener("click", () => this.follow(!this.following));
    this.tinted = make("input", { type: "checkbox" });
    this.tinted.checked = true;
    this.tinted.addEventListener("change", () => this.draw());
    this.loop = /** @type {Loop | null} */ (null);
  }

  start() {
    const bed = `/bed/${encodeURIComponent(this.device)}`;
    const print = make("button", { type: "button" }, t("Print"));
    print.addEventListener("click", () => globalThis.print());
    this.bar = make("div.twelve-bar", {},
      button("‹", t("Ten seconds before"), () => this.step(-1)), this.time,
      button("›", t("Ten seconds later"), () => this.step(1)), this.freeze,
      this.layout, this.gain, this.rhythm,
      make("label.why-choice", {}, this.tinted, t("Why")), print, this.leads);
    this.element.append(
      make("div.twelve-head", {}, make("a.back", { href: bed }, t("Bed")),
        this.title, this.state),
      this.bar, this.place, this.side, this.maps);
    document.addEventListener("keydown", (event) => this.key(event));
    this.name();
    this.follow(true);
  }

  /** Say whose leads they are, by the name that the hub has told meanwhile. */
  name() {
    setText(this.title, t("Twelve leads of {bed}", { bed: bedName(this.device) }));
  }

  /** @param {boolean} on */
  follow(on) {
    this.following = on;
    this.freeze.setAttribute("aria-pressed", on ? "false" : "true");
    setText(this.freeze, on ? t("Freeze") : t("Newest"));
    this.loop?.stop();
    this.loop = null;
    if (!on) return;
    let wait = AGAIN_MS;
    this.loop = repeat(async () => {
      wait = AGAIN_MS;
      await this.load({});
      wait = 1000 * (this.window?.next_s ?? AGAIN_MS / 1000);
    }, (error) => setText(this.state, error.message), () => wait);
  }

  /**
   * Show ten seconds before or after those that are shown.
   * @param {number} by
   */
  step(by) {
    const { window } = this;
    if (window === null) return;
    const n = window.from_n + by * (window.to_n - window.from_n);
    const at = window.start + n / window.fs;
    if (n < 0 || at < window.oldest) {
      setText(this.state, t("Nothing earlier is kept."));
      return;
    }
    this.follow(false);
    this.load({ boot: window.boot, n, at: at.toFixed(3) }).catch((error) => setText(this.state, error.message));
  }

  /** @param {Attributes} query */
  async load(query) {
    const mine = ++this.turn;
    const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const window = await read(`/leads/${encodeURIComponent(this.device)}/window?${asked}`);
    if (mine !== this.turn) return;
    this.window = window;
    this.found = null;
    sayNone(this.results, t("Looking …"));
    this.maps.replaceChildren();
    setText(this.state, "");
    this.draw();
    await this.judge(mine);
  }

  /**
   * Ask what the network says of the ten seconds that are shown.
   * @param {number} mine turn
   */
  async judge(mine) {
    clearTimeout(this.again);
    const { window } = this;
    if (window === null || mine !== this.turn) return;
    const at = window.start + window.from_n / window.fs;
    const asked = new URLSearchParams({ boot: window.boot, n: String(window.from_n), at: at.toFixed(3) });
    try {
      if (Object.keys(this.words).length === 0) {
        this.words = await read(`/leads/words?language=${document.documentElement.lang}`);
      }
      const found = await read(`/leads/${encodeURIComponent(this.device)}/findings?${asked}`);
      if (mine !== this.turn) return;
      this.found = found;
      this.draw();
    } catch (error) {
      if (mine !== this.turn) return;
      sayNone(this.results, /** @type {Error} */ (error).message);
      this.maps.replaceChildren();
      this.again = setTimeout(() => { void this.judge(mine); }, AGAIN_MS);
    }
  }

  /** @param {string} label */
  choose(label) {
    this.label = label;
    this.draw();
    focusOn(find(this.results, `[data-label="${label}"]`));
  }

  /**
   * Draw what the network says; returns the weight of each part of the time for the chosen label.
   * @returns {number[] | null}
   */
  drawFindings() {
    const { found } = this;
    if (found === null) return null;
    const chosen = this.label ?? foremost(found.labels);
    const row = /** @type {LabelResult} */ (found.labels.find(({ label }) => label === chosen));
    this.results.replaceChildren(...panel(found, chosen, this.words, (label) => this.choose(label)));
    this.maps.replaceChildren(
      make("section", {}, make("h2", {}, t("ST 60 ms after the J point, mV")),
        ...found.st_beats === 0 ? [make("p.note", {}, t("Not measured: too few normal beats."))] : [stMap(found),
          make("p.note", {}, t("Lines: limits of the guideline at the J point; in V2 and V3 by age and sex. Mean of {n} beats.",
            { n: found.st_beats }))]),
      make("section", {}, make("h2", {}, t("What each lead adds to {label}", { label: chosen })),
        leadMap(STANDARD, row.leads, chosen),
        make("p.note", {}, t("By leaving each lead out. Behind the traces: the half seconds that speak for it, grey against."))));
    return weights(row.parts);
  }

  draw() {
    const { window } = this;
    const layout = /** @type {SheetName} */ (this.layout.value);
    setData(this.element, "layout", layout);
    this.rhythm.hidden = layout !== "3x4";
    this.leads.hidden = layout !== "12x1" && layout !== "overlay";
    if (window === null) return;
    const time = dayAndTime(window.start + window.from_n / window.fs);
    setText(this.time, time);
    const sheet = layOut(window, { layout, gain: this.gain.value === "" ? null : Number(this.gain.value),
      rhythm: this.rhythm.value, chosen: this.boxes.filter((box) => box.checked).map((box) => box.value) },
    this.place.clientHeight / Math.max(1, this.place.clientWidth));
    const label = [t("ECG of {n} s from {time} on", { n: SECONDS, time }), scaleText(sheet)].join(", ");
    const weighed = this.drawFindings();
    const tint = this.tinted.checked ? weighed : null;
    this.place.replaceChildren(drawSheet(window, sheet, { label, tint }));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("select, input, textarea, dialog")) return;
    if (event.key === "ArrowLeft") this.step(-1);
    else if (event.key === "ArrowRight") this.step(1);
    else if (event.key === "f" && display().shortcuts) this.follow(!this.following);
    else return;
    event.preventDefault();
  }
}

/**
 * @param {string} label
 * @param {[value: string, text: string][]} options
 * @param {() => void} act
 */
function choice(label, options, act) {
  const select = make("select", { "aria-label": label },
    ...options.map(([value, text]) => make("option", { value }, text)));
  select.addEventListener("change", act);
  return select;
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
function button(text, title, act) {
  const made = make("button", { type: "button", title, "aria-label": title }, text);
  made.addEventListener("click", act);
  return made;
}
