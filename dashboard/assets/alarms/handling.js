// The active alarms of one bed and what can be done about them.
//
// An alarm keeps its place in the list while it is active, so that no button moves under the hand
// that is about to press it; one that is new takes a free place. Whoever presses a button acts on
// what is shown: the alarms' identities and priorities are sent along.

import { PAUSE_S, post, seen } from "./acts.js";
import { make, setAttribute, setData, setText } from "../base/dom.js";
import { ltr, number, t } from "../base/i18n.js";
import { restrict } from "../session/role.js";
import { alarmTitle, alarmText, countdown, duration, timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */

const PLACES = 4; // kept free, so that nothing below moves until there are more
const BUSY_MS = 1000; // the hub tells the outcome sooner than that
const TOLD_MS = 8000;

export class Handling {
  /**
   * @param {Bed} bed
   * @param {Station} station
   */
  constructor(bed, station) {
    this.bed = bed;
    this.station = station;
    /** @type {AlarmPlace[]} */
    this.places = [];
    this.all = restrict(make("button", { type: "button" }, t("Acknowledge all")));
    this.all.addEventListener("click", () => this.acknowledge(this.all, this.unacknowledged()));
    this.audio = restrict(make("button", { type: "button" }));
    this.audio.addEventListener("click", () => this.pauseOrResume());
    this.list = make("ul.active-alarms");
    this.message = make("p.outcome", { role: "status", "aria-live": "polite" });
    this.element = make("section.handling", { "aria-label": t("Active alarms"), tabindex: "-1" },
      make("div.section-head", {}, make("h2", {}, t("Alarms")), this.all, this.audio),
      this.list, this.message);
    for (let i = 0; i < PLACES; i++) this.addPlace();
  }

  /** @returns {AlarmPlace} */
  addPlace() {
    const name = make("strong");
    const detail = make("span.detail");
    const button = restrict(make("button", { type: "button" }, t("Acknowledge")));
    const element = make("li", {}, make("div", {}, name, detail), button);
    /** @type {AlarmPlace} */
    const place = { alarm: null, name, detail, button, element };
    button.addEventListener("click", () => {
      if (place.alarm !== null) void this.acknowledge(button, [place.alarm]);
    });
    this.list.append(place.element);
    this.places.push(place);
    return place;
  }

  /** @returns {Alarm[]} */
  unacknowledged() {
    return this.bed.activeAlarms().filter((alarm) => alarm.presence !== "Ack");
  }

  update() {
    const active = this.bed.activeAlarms();
    const byId = new Map(active.map((alarm) => [alarm.id, alarm]));
    for (const place of this.places) place.alarm = byId.get(place.alarm?.id ?? "") ?? null;
    for (const alarm of active) {
      if (this.places.some((place) => place.alarm?.id === alarm.id)) continue;
      const free = this.places.find((place) => place.alarm === null) ?? this.addPlace();
      free.alarm = alarm;
    }
    while (this.places.length > PLACES && this.places.at(-1)?.alarm === null) {
      this.places.pop()?.element.remove();
    }
    const now = this.station.hub.now();
    for (const place of this.places) this.show(place, now);
    show(this.all, this.unacknowledged().length > 1, this.audio);
    const { pause } = this.bed;
    setText(this.audio, pause === null ? t("Pause audio 2 min")
      : t("Resume audio ({left})", { left: now === null ? "…" : countdown(pause.until - now) }));
    setData(this.audio, "paused", pause === null ? null : "");
    this.audio.title = pause === null ? this.audio.getAttribute("aria-description") ?? ""
      : t("Paused by {name}", { name: pause.by });
    const quiet = this.bed.standby === null ? t("No active alarm")
      : t("Standby: technical alarms make no sound and are not shown");
    this.element.dataset.empty = active.length === 0 ? quiet : "";
  }

  /**
   * @param {AlarmPlace} place
   * @param {number | null} now
   */
  show({ alarm, element, name, detail, button }, now) {
    setData(element, "priority", alarm?.priority ?? null);
    setData(element, "presence", alarm?.presence ?? null);
    setText(name, alarm === null ? "" : alarmText(alarm));
    setText(detail, alarm === null ? "" : detailText(alarm, now));
    setAttribute(detail, "title", detail.textContent); // where it is too long for its line
    show(button, alarm !== null && alarm.presence !== "Ack", this.element);
    if (alarm !== null) {
      const label = t("Acknowledge {alarm}, {bed}",
        { alarm: alarmTitle(alarm), bed: this.bed.info.label });
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
    }
  }

  /**
   * @param {HTMLElement} button
   * @param {Alarm[]} alarms
   * @returns {Promise<void>}
   */
  acknowledge(button, alarms) {
    return this.act(button, "acknowledge", { seen: seen(alarms) });
  }

  /** @returns {Promise<void>} */
  pauseOrResume() {
    const { device } = this.bed.info;
    return this.bed.pause === null
      ? this.act(this.audio, "pause", { device, seconds: PAUSE_S, seen: seen(this.unacknowledged()) })
      : this.act(this.audio, "resume", { device });
  }

  /**
   * @param {HTMLElement} button
   * @param {string} what
   * @param {object} fields
   */
  async act(button, what, fields) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
    this.tell("");
    const error = await post(`/alerts/${what}`, fields);
    if (error !== null) this.tell(t("Not done: {error}", { error }));
    setTimeout(() => button.removeAttribute("aria-disabled"), error === null ? BUSY_MS : 0);
  }

  /** @param {string} text */
  tell(text) {
    setText(this.message, text);
    clearTimeout(this.telling);
    if (text) this.telling = setTimeout(() => setText(this.message, ""), TOLD_MS);
  }
}

/**
 * @param {Alarm} alarm
 * @param {number | null} now
 * @returns {string}
 */
function detailText(alarm, now) {
  const began = timeOfDay(alarm.onset_at ?? alarm.raised_at);
  const parts = [alarm.presence === "Latch" ? ltr(`${began}–${timeOfDay(alarm.cleared_at)}`) : began];
  if (alarm.presence === "Ack") {
    parts.push(t("by {name} {time}", { name: alarm.acked_by ?? "–", time: timeOfDay(alarm.acked_at) }));
  } else if (alarm.presence !== "Latch" && now !== null) {
    parts.push(t("for {duration}",
      { duration: duration(now - (alarm.onset_at ?? alarm.raised_at)) }));
  }
  if (alarm.times > 1) parts.push(timesText(alarm));
  if (alarm.late) parts.push(t("found late"));
  if (alarm.escalation > 0 && alarm.presence !== "Ack") {
    parts.push(t("escalated {times}", { times: ltr(`×${number(alarm.escalation)}`) }));
  }
  return parts.join(" · ");
}

/**
 * How often the condition has come by now, and within what time.
 * @param {Alarm} alarm
 * @returns {string}
 */
function timesText({ times, first_at: first, onset_at: onset }) {
  const n = number(times);
  return first === null || onset === null ? t("{n} times", { n })
    : t("{n} times in {duration}", { n, duration: duration(onset - first) });
}

/**
 * Show or hide a button in its place; the focus moves to `heir` rather than being lost.
 * @param {HTMLElement} button
 * @param {boolean} shown
 * @param {HTMLElement | null} heir
 */
function show(button, shown, heir = null) {
  const visibility = shown ? "" : "hidden";
  if (button.style.visibility === visibility) return;
  if (!shown && document.activeElement === button) heir?.focus();
  button.style.visibility = visibility;
}
