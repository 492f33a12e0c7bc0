// Alarms of a bed: what was raised, who acknowledged it, and the strip that shows it.

import { ackedText } from "../alarms/reasons.js";
import { recentTime } from "../charts/zone.js";
import { find, focused, make, setText } from "../base/dom.js";
import { showEvidence } from "../charts/evidence.js";
import { look, repeat } from "../charts/history.js";
import { t } from "../base/i18n.js";
import { elsewhere, SpanChoice } from "./spanchoice.js";
import { Paged } from "../charts/paged.js";
import { SYMBOLS, alarmTitle, duration, priorityName, unacknowledged } from "../base/words.js";

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
  /** @type {PastAlarm[]} */
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

  const loop = repeat(async (isNewest) => {
    await whose.load();
    const { alarms } = await look(whose.source, "alarms", whose.query);
    if (!isNewest()) return;
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
   * @param {PastAlarm} alarm
   * @returns {HTMLElement}
   */
  function row(alarm) {
    const button = make("button.link", { type: "button", "data-id": alarm.id }, recentTime(alarm.onset_at ?? alarm.raised_at));
    button.addEventListener("click", () => jump(alarm));
    return make("tr", { "data-priority": alarm.priority, "data-row": alarm.id,
      ...(alarm.id === chosen ? { "data-chosen": "" } : {}) },
      make("td", {}, button),
      make("td.alarm-name", {}, `${SYMBOLS[alarm.priority] ?? ""} ${alarmTitle(alarm)}`.trim(),
        ...elsewhere(alarm.device, device)),
      make("td", {}, priorityName(alarm.priority)),
      make("td", {}, alarm.cleared_at === null ? t("present")
        : duration(alarm.cleared_at - (alarm.onset_at ?? alarm.raised_at))),
      make("td", {}, ackedText(alarm) ?? unacknowledged(alarm)));
  }

  /** @param {PastAlarm} alarm */
  async function jump(alarm) {
    chosen = alarm.id;
    for (const one of body.rows) one.toggleAttribute("data-chosen", one.dataset.row === chosen);
    // The past of a bed that the patient has left is not explained: its signal is not looked for there.
    await showEvidence(strip, whose.source, alarm, () => isOpen && chosen === alarm.id,
      alarm.device === device ? explain : null);
  }

  return () => {
    isOpen = false;
    loop.stop();
  };
}
