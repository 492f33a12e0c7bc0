// Alarms of a bed: what was raised, who acknowledged it, and the strip that shows it.

import { dayAndTime } from "../charts/zone.js";
import { find, focused, make, setText } from "../base/dom.js";
import { address, look, repeat } from "../charts/history.js";
import { ltr, number, t } from "../base/i18n.js";
import { SpanChoice } from "./spanchoice.js";
import { Paged } from "../charts/paged.js";
import { drawStrip } from "../charts/strip.js";
import { SYMBOLS, alarmTitle, duration, priorityName, timeOfDay, unacknowledged } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

const EVERY_MS = 10_000;

/**
 * Open it in `panel`; returns how to close it.
 * @param {HTMLElement} panel
 * @param {Bed} bed
 * @param {BedTools} tools
 * @returns {() => void}
 */
export function open(panel, bed, { explain }) {
  const { device } = bed.info;
  const message = make("p.outcome", { role: "status" }, t("Loading …"));
  const body = make("tbody");
  const list = make("div.alarm-list", { tabindex: "0", "aria-label": t("Alarms") },
    make("table", {}, make("thead", {}, make("tr", {},
      ...[t("Began"), t("Alarm"), t("Priority"), t("Lasted"), t("Acknowledged")].map(
        (name) => make("th", { scope: "col" }, name)))), body));
  const strip = make("div.strip-place");
  /** @type {Alarm[]} */
  let found = [];
  const paged = new Paged(() => show());
  list.append(paged.element);
  const whose = new SpanChoice(device, () => {
    chosen = null;
    paged.restart();
    known = "";
    void loop.now();
  });
  panel.append(make("div.panel-head", {}, make("h2", {}, t("Alarm history")), whose.element, message),
    make("div.history", {}, list, strip));
  let isOpen = true;
  /** @type {string | null} */
  let chosen = null;
  let known = "";

  const loop = repeat(async () => {
    await whose.load();
    const span = whose.chosen;
    const { alarms } = await look(whose.source, "alarms", whose.query);
    if (!isOpen || span !== whose.chosen) return;
    setText(message, alarms.length === 0 ? t("No alarm has been raised yet") : "");
    const state = JSON.stringify(alarms);
    if (state === known) return;
    known = state;
    found = alarms;
    show();
    if (alarms.length === 0) strip.replaceChildren();
    else if (chosen === null) void jump(alarms[0]);
  }, (error) => setText(message, error.message), () => EVERY_MS);

  function show() {
    const held = body.contains(focused()) ? focused()?.dataset.id : undefined;
    body.replaceChildren(...found.slice(0, paged.count).map(row));
    paged.update(found.length);
    if (held !== undefined) find(body, `[data-id="${CSS.escape(held)}"]`)?.focus();
  }

  /**
   * @param {Alarm} alarm
   * @returns {HTMLElement}
   */
  function row(alarm) {
    const button = make("button.link", { type: "button", "data-id": alarm.id }, dayAndTime(alarm.onset_at ?? alarm.raised_at));
    button.addEventListener("click", () => jump(alarm));
    return make("tr", { "data-priority": alarm.priority, "data-row": alarm.id,
      ...(alarm.id === chosen ? { "data-chosen": "" } : {}) },
      make("td", {}, button),
      make("td.alarm-name", {}, `${SYMBOLS[alarm.priority] ?? ""} ${alarmTitle(alarm)}`.trim()),
      make("td", {}, priorityName(alarm.priority)),
      make("td", {}, alarm.cleared_at === null ? t("present")
        : duration(alarm.cleared_at - (alarm.onset_at ?? alarm.raised_at))),
      make("td", {}, alarm.acked_by === null ? unacknowledged(alarm)
        : t("{name} {time}", { name: alarm.acked_by, time: timeOfDay(alarm.acked_at) })));
  }

  /** @param {Alarm} alarm */
  async function jump(alarm) {
    chosen = alarm.id;
    for (const one of body.rows) one.toggleAttribute("data-chosen", one.dataset.row === chosen);
    const head = [make("h3", {}, t("{alarm}, {time}", {
      alarm: alarmTitle(alarm), time: timeOfDay(alarm.onset_at ?? alarm.raised_at) }))];
    try {
      const evidence = await look(whose.source, "evidence", { id: alarm.id });
      if (!isOpen || chosen !== alarm.id) return;
      const start = evidence.onset_at === null ? null
        : evidence.onset_at - evidence.onset_n / evidence.fs;
      strip.replaceChildren(...head, ...why(evidence),
        evidence.leads.length === 0 ? make("p.note", {}, t("There was no signal"))
          : drawStrip(evidence, { mark: evidence.onset_n, onBeat: start === null || whose.source !== device ? null
            : ({ n, label }) => explain({ boot: evidence.boot, n, label, at: start + n / evidence.fs }) }),
        make("p.links", {},
          link("JSON", "evidence", alarm), link("FHIR", "fhir", alarm)));
    } catch (error) {
      if (isOpen && chosen === alarm.id) {
        strip.replaceChildren(...head, make("p.note", {}, /** @type {Error} */ (error).message),
          make("p.links", {}, link("FHIR", "fhir", alarm)));
      }
    }
  }

  /**
   * @param {string} name
   * @param {string} what
   * @param {Alarm} alarm
   * @returns {HTMLElement}
   */
  function link(name, what, { id }) {
    const file = `${id.replaceAll("/", "-")}${what === "fhir" ? ".fhir" : ""}.json`;
    return make("a", { href: address(whose.source, what, { id }), download: file },
      t("Save as {format}", { format: name }));
  }

  return () => {
    isOpen = false;
    loop.stop();
  };
}

/**
 * The rule and its numbers, in the unit that the rule names.
 * @param {Evidence} evidence
 * @returns {HTMLElement[]}
 */
function why({ rule, value, limit }) {
  const [, unit = ""] = rule.match(/, (s|ms|mV|bpm)(?![\w/])/) ?? [];
  /** @param {number} one */
  const amount = (one) => ltr(`${number(one, 2)} ${unit}`.trim());
  const parts = [make("span", {}, t(rule))];
  if (value !== null) parts.push(make("span", {}, t("value {value}", { value: amount(value) })));
  if (limit !== null) parts.push(make("span", {}, t("limit {limit}", { limit: amount(limit) })));
  return [make("p.why", {}, ...parts)];
}
