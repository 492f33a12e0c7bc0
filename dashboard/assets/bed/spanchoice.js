// Chooses whose past is shown: of the patient who is there, of a former one, or from another bed.

import { make } from "../base/dom.js";
import { look } from "../charts/history.js";
import { LOCALE, ZONE, isolate, t } from "../base/i18n.js";
import { bedName } from "../stream/bednames.js";

const moment = new Intl.DateTimeFormat(LOCALE,
  { timeZone: ZONE, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A list to choose from; it shows itself when there is a choice. */
export class SpanChoice {
  /**
   * `onChange()` is called when another span has been chosen; `ask` tells which there are.
   * @param {string} device
   * @param {() => void} onChange
   * @param {() => Promise<{spans: Span[]}>} ask
   */
  constructor(device, onChange, ask = () => look(device, "spans")) {
    this.device = device;
    this.ask = ask;
    /** @type {Span[]} */
    this.spans = [];
    this.select = make("select", { "aria-label": t("Patient whose past is shown"), hidden: "" });
    this.select.addEventListener("change", onChange);
    this.element = this.select;
  }

  /** Ask what there is; what is chosen stays chosen if it is still there. */
  async load() {
    const { chosen } = this;
    const { spans } = await this.ask();
    if (JSON.stringify(spans) === JSON.stringify(this.spans)) return;
    this.spans = spans;
    this.select.replaceChildren(...spans.map((span) => make("option", {}, this.name(span))));
    const place = spans.findIndex((one) => one.device === chosen?.device
      && one.since === chosen?.since && one.until === chosen?.until);
    this.select.selectedIndex = Math.max(0, place);
    this.select.hidden = spans.length < 2;
  }

  /**
   * The span that is chosen, or null before any is known: the present one.
   * @returns {Span | null}
   */
  get chosen() {
    return this.spans[this.select.selectedIndex] ?? null;
  }

  /**
   * Device whose past is asked for.
   * @returns {string}
   */
  get source() {
    return this.chosen?.device ?? this.device;
  }

  /**
   * What a request says of it; nothing of the present span.
   * @returns {Attributes}
   */
  get query() {
    const { chosen } = this;
    return chosen === null || chosen === this.spans[0] ? {} : { within: chosen.since };
  }

  /**
   * @param {Span} span
   * @returns {string}
   */
  name(span) {
    const who = span.patient ? isolate(span.patient) : t("No patient");
    const where = span.device === this.device ? "" : ` · ${isolate(bedName(span.device))}`;
    if (span === this.spans[0] || span.until === null) return t("{patient}, now", { patient: span.patient || who }) + where;
    const until = moment.format(1000 * span.until);
    const time = span.since === 0 ? t("until {time}", { time: until })
      : `${moment.format(1000 * span.since)} – ${until}`;
    return `${who} · ${time}${where}`;
  }
}

/**
 * The name of the bed where something was recorded, if it is not the one that is looked at.
 * @param {string} recorded
 * @param {string} shown
 * @returns {HTMLElement[]}
 */
export function elsewhere(recorded, shown) {
  return recorded === shown ? [] : [make("span.elsewhere", { title: t("Recorded at this bed") }, isolate(bedName(recorded)))];
}
