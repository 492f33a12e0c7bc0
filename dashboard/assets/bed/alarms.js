// Alarms of a bed: what was raised, who acknowledged it, and the strip that shows it.

import { dayAndTime } from "./trends.js";
import { make, setText } from "../base/dom.js";
import { address, look, repeat } from "../charts/history.js";
import { ltr, number, t } from "../base/i18n.js";
import { SpanChoice } from "./spanchoice.js";
import { drawStrip } from "../charts/strip.js";
import { SYMBOLS, alarmTitle, duration, priorityName, timeOfDay, unacknowledged } from "../base/words.js";

const EVERY_MS = 10_000;
const MAX_ROWS = 300;

/** Open it in `panel`; returns how to close it. */
export function open(panel, bed, { explain }) {
  const { device } = bed.info;
  const message = make("p.outcome", { role: "status" }, t("Loading …"));
  const body = make("tbody");
  const list = make("div.alarm-list", { tabindex: "0", "aria-label": t("Alarms") },
    make("table", {}, make("thead", {}, make("tr", {},
      ...[t("Began"), t("Alarm"), t("Priority"), t("Lasted"), t("Acknowledged")].map(
        (name) => make("th", { scope: "col" }, name)))), body));
  const strip = make("div.strip-place");
  const whose = new SpanChoice(device, () => {
    chosen = null;
    known = "";
    loop.now();
  });
  panel.append(make("div.panel-head", {}, make("h2", {}, t("Alarm history")), whose.element, message),
    make("div.history", {}, list, strip));
  let open = true;
  let chosen = null;
  let known = "";

  const loop = repeat(async () => {
    await whose.load();
    const span = whose.chosen;
    const { alarms } = await look(whose.source, "alarms", whose.query);
    if (!open || span !== whose.chosen) return;
    setText(message, alarms.length === 0 ? t("No alarm has been raised yet") : "");
    const state = JSON.stringify(alarms);
    if (state === known) return;
    known = state;
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    body.replaceChildren(...alarms.slice(0, MAX_ROWS).map(row));
    if (focused !== null) body.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    if (alarms.length === 0) strip.replaceChildren();
    else if (chosen === null) jump(alarms[0]);
  }, (error) => setText(message, error.message), () => EVERY_MS);

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

  async function jump(alarm) {
    chosen = alarm.id;
    for (const one of body.rows) one.toggleAttribute("data-chosen", one.dataset.row === chosen);
    const head = [make("h3", {}, t("{alarm}, {time}", {
      alarm: alarmTitle(alarm), time: timeOfDay(alarm.onset_at ?? alarm.raised_at) }))];
    try {
      const evidence = await look(whose.source, "evidence", { id: alarm.id });
      if (!open || chosen !== alarm.id) return;
      const start = evidence.onset_at === null ? null
        : evidence.onset_at - evidence.onset_n / evidence.fs;
      strip.replaceChildren(...head, ...why(evidence),
        evidence.leads.length === 0 ? make("p.note", {}, t("There was no signal"))
          : drawStrip(evidence, { mark: evidence.onset_n, onBeat: start === null || whose.source !== device ? null
            : ({ n, label }) => explain({ boot: evidence.boot, n, label, at: start + n / evidence.fs }) }),
        make("p.links", {},
          link("JSON", "evidence", alarm), link("FHIR", "fhir", alarm)));
    } catch (error) {
      if (open && chosen === alarm.id) {
        strip.replaceChildren(...head, make("p.note", {}, error.message),
          make("p.links", {}, link("FHIR", "fhir", alarm)));
      }
    }
  }

  function link(name, what, { id }) {
    const file = `${id.replaceAll("/", "-")}${what === "fhir" ? ".fhir" : ""}.json`;
    return make("a", { href: address(whose.source, what, { id }), download: file },
      t("Save as {format}", { format: name }));
  }

  return () => {
    open = false;
    loop.stop();
  };
}

/** The rule and its numbers, in the unit that the rule names. */
function why({ rule, value, limit }) {
  const [, unit = ""] = rule.match(/, (s|ms|mV|bpm)(?![\w/])/) ?? [];
  const amount = (one) => ltr(`${number(one, 2)} ${unit}`.trim());
  const parts = [make("span", {}, t(rule))];
  if (value !== null) parts.push(make("span", {}, t("value {value}", { value: amount(value) })));
  if (limit !== null) parts.push(make("span", {}, t("limit {limit}", { limit: amount(limit) })));
  return [make("p.why", {}, ...parts)];
}
