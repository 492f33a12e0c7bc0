// The active alarms of one bed and what can be done about them.
//
// Alarms of high priority stand on top, always in view; the others below keep their places (see
// places.js). Whoever presses a button acts on what is shown, and on nothing that has to be scrolled
// to: the alarms' identities and priorities are sent along. For a moment after alarms have moved no
// button takes a press.

import { BUSY_MS, PAUSE_S, acknowledge, postFor, seen } from "./acts.js";
import { ReasonBar, reasonText } from "./reasons.js";
import { arrangeAlarms, hasMoved, isWithin, pinnedCount } from "./places.js";
import { make, setAttribute, setData, setText } from "../base/dom.js";
import { ltr, number, t, tn } from "../base/i18n.js";
import { restrict } from "../session/role.js";
import { isOpen, lookOf } from "../base/urgency.js";
import { alarmTitle, alarmText, countdown, duration, timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */

const PLACES = 4; // kept free, so that nothing below moves until there are more
const SETTLE_MS = 700; // a press that was meant for what stood there before comes within this
const TOLD_MS = 8000;
const ASKED_MS = 60_000; // a question for a reason that nobody answers goes away

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
    this.all.addEventListener("click", () => this.acknowledge(this.all, this.shown()));
    this.settledAt = 0; // when the alarms will have stood still for long enough, ms
    this.audio = restrict(make("button", { type: "button" }));
    this.audio.addEventListener("click", () => this.pauseOrResume());
    this.pinned = make("ul.active-alarms.pinned");
    this.list = make("ul.active-alarms");
    this.reasons = new ReasonBar((done) => {
      if (done) this.tell(t("The reason is on record"));
      this.element.focus();
    });
    this.message = make("p.outcome", { role: "status", "aria-live": "polite" });
    this.element = make("section.handling", { "aria-label": t("Active alarms"), tabindex: "-1" },
      make("div.section-head", {}, make("h2", {}, t("Alarms")), this.all, this.audio),
      this.pinned, this.list, this.reasons.element, this.message);
    for (let i = 0; i < PLACES; i++) this.addPlace();
    this.list.addEventListener("scroll", () => this.showAll());
  }

  /** @returns {AlarmPlace} */
  addPlace() {
    const name = make("strong");
    const detail = make("span.detail");
    const button = restrict(make("button.acknowledge", { type: "button" }, t("Acknowledge")));
    const why = restrict(make("button.why", { type: "button", hidden: "" }, t("Reason")));
    const element = make("li", {}, make("div", {}, name, detail), make("div.acts", {}, button, why));
    /** @type {AlarmPlace} */
    const place = { alarm: null, name, detail, button, why, element };
    why.addEventListener("click", () => {
      if (place.alarm !== null) this.askReason([place.alarm]);
    });
    button.addEventListener("click", () => {
      if (place.alarm !== null) void this.acknowledge(button, [place.alarm]);
    });
    this.places.push(place);
    return place;
  }

  /** @returns {Alarm[]} */
  unacknowledged() {
    return this.bed.activeAlarms().filter(isOpen);
  }

  /**
   * Those of them that can be read now: none of them has to be scrolled to.
   * @returns {Alarm[]}
   */
  shown() {
    return this.places.filter(({ alarm, element }) => alarm !== null && isOpen(alarm) && isInView(element))
      .flatMap(({ alarm }) => alarm ?? []);
  }

  update() {
    const active = this.bed.activeAlarms();
    this.place(active);
    const now = this.station.hub.now();
    for (const place of this.places) this.show(place, now);
    this.showAll();
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
   * Give every alarm its place.
   * @param {Alarm[]} active
   */
  place(active) {
    const former = this.places.map(({ alarm }) => alarm?.id ?? null);
    const focus = document.activeElement;
    const held = this.places.find(({ button, why }) => button === focus || why === focus);
    const heldId = held?.alarm?.id;
    const isWhy = held?.why === focus;
    const alarms = arrangeAlarms(former, active, PLACES);
    if (hasMoved(former, alarms)) this.settledAt = performance.now() + SETTLE_MS;
    while (this.places.length < alarms.length) this.addPlace();
    while (this.places.length > alarms.length) this.places.pop()?.element.remove();
    const pinned = pinnedCount(active);
    this.places.forEach((place, i) => {
      place.alarm = alarms[i];
      const list = i < pinned ? this.pinned : this.list;
      const at = list.children[i < pinned ? i : i - pinned] ?? null;
      if (at !== place.element) list.insertBefore(place.element, at);
    });
    if (heldId !== undefined) { // the focus goes with its alarm
      const place = this.places.find(({ alarm }) => alarm?.id === heldId);
      const target = isWhy ? place?.why : place?.button;
      if (target !== document.activeElement) (target ?? this.element).focus();
    }
    setData(this.element, "pinned", pinned > 0 ? "" : null);
    setData(this.element, "settling", performance.now() < this.settledAt ? "" : null);
  }

  /** What the button for all acts on is what is shown: where that is not all, it says so. */
  showAll() {
    const all = this.unacknowledged().length;
    const shown = this.shown().length;
    setText(this.all, shown === all ? t("Acknowledge all")
      : tn("Acknowledge {n} shown", "Acknowledge {n} shown", shown));
    show(this.all, all > 1, this.audio);
  }

  /**
   * @param {AlarmPlace} place
   * @param {number | null} now
   */
  show({ alarm, element, name, detail, button, why }, now) {
    setData(element, "priority", alarm === null ? null : lookOf(alarm));
    setData(element, "presence", alarm?.presence ?? null);
    setText(name, alarm === null ? "" : alarmText(alarm));
    setText(detail, alarm === null ? "" : detailText(alarm, now));
    setAttribute(detail, "title", detail.textContent); // where it is too long for its line
    show(button, alarm !== null && alarm.presence !== "Ack", this.element);
    const isAcked = alarm?.presence === "Ack";
    if (!isAcked && document.activeElement === why) this.element.focus();
    why.hidden = !isAcked;
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
  async acknowledge(button, alarms) {
    if (alarms.length === 0 || performance.now() < this.settledAt) return;
    const { reached = [] } = await this.act(button, () => acknowledge(alarms));
    if (reached.length > 0) this.askReason(reached);
  }

  /**
   * Ask why alarms came that have been acknowledged; they may be over.
   * @param {Alarm[]} alarms
   */
  askReason(alarms) {
    this.reasons.ask(alarms);
    this.awaitReason();
  }

  /** The question goes when nobody is at it. */
  awaitReason() {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => {
      if (this.reasons.element.contains(document.activeElement)) this.awaitReason();
      else this.reasons.hide();
    }, ASKED_MS);
  }

  /** @returns {Promise<object>} */
  pauseOrResume() {
    const { device } = this.bed.info;
    const pause = { device, seconds: PAUSE_S, seen: seen(this.unacknowledged()) };
    return this.act(this.audio, () => (this.bed.pause === null
      ? postFor("/alerts/pause", pause) : postFor("/alerts/resume", { device })));
  }

  /**
   * Do what a button is for, and tell what went wrong; returns the outcome.
   * @param {HTMLElement} button
   * @param {() => Promise<{ error: string | null, reached?: Alarm[] }>} doIt
   * @returns {Promise<{ reached?: Alarm[] }>}
   */
  async act(button, doIt) {
    if (button.getAttribute("aria-disabled") === "true") return {};
    button.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
    this.tell("");
    const outcome = await doIt();
    const { error } = outcome;
    if (error !== null) this.tell(t("Not done: {error}", { error }));
    setTimeout(() => button.removeAttribute("aria-disabled"), error === null ? BUSY_MS : 0);
    return outcome;
  }

  /** @param {string} text */
  tell(text) {
    setText(this.message, text);
    clearTimeout(this.telling);
    if (text) this.telling = setTimeout(() => setText(this.message, ""), TOLD_MS);
  }
}

/**
 * Whether an element can be seen whole: nothing that scrolls cuts it.
 * @param {HTMLElement} element
 * @returns {boolean}
 */
function isInView(element) {
  const frames = [{ top: 0, bottom: innerHeight }];
  for (let one = element.parentElement; one !== null; one = one.parentElement) {
    if (getComputedStyle(one).overflowY !== "visible") frames.push(one.getBoundingClientRect());
  }
  return element.offsetParent !== null && isWithin(element.getBoundingClientRect(), frames);
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
    if (reasonText(alarm) !== "") parts.push(reasonText(alarm));
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
