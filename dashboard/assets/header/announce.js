// Tells screen readers of alarms: one of high priority interrupts, others wait for a pause.
//
// An alarm is told once when its signal comes on, not again while it lasts: a reader that talks
// all the time is turned off. What comes together is told together. What was
// there before the page was opened is on the page: of that, only what is urgent is told.

import { byId } from "../base/dom.js";
import { isolate, t } from "../base/i18n.js";
import { resumedText, standbyReason } from "../alarms/standby.js";
import { alarmTitle, priorityName } from "../base/words.js";

/** @import { Ward } from "../stream/ward.js" */

const TOGETHER_MS = 700;
const KEPT_MS = 10_000; // a text that is gone is not found again by who browses the page
const MOST = 3; // more at once are counted, not read out
const MEMORY = 1000;
const INTRODUCED_MS = 5000; // the hub has told of all beds by then

/**
 * Tell the alarms of all beds, whatever the page shows.
 * @param {Ward} ward
 */
export function mountAnnouncer(ward) {
  const now = new Region(byId("announce-now"));
  const next = new Region(byId("announce-next"));
  /** @type {Set<string>} */
  const told = new Set();
  let first = true; // what is told was there before the page was opened
  /** @type {Timer | undefined} */
  let introducing;

  function update() {
    // Counted from what comes first: the hub may be long in coming.
    if (ward.all().length > 0) introducing ??= setTimeout(() => { first = false; }, INTRODUCED_MS);
    for (const bed of ward.all()) {
      tellStandby(bed);
      for (const alarm of bed.alarms) {
        const name = `${alarm.id} ${alarm.priority}`; // one that becomes more urgent is told again
        if (alarm.presence !== "On" || told.has(name)) continue;
        told.add(name);
        if (first && alarm.priority !== "high") continue;
        (alarm.priority === "high" ? now : next).say(sentence(bed, alarm));
      }
    }
    if (told.size > MEMORY) [...told].slice(0, MEMORY / 2).forEach((name) => told.delete(name));
  }

  /**
   * Who hears a bed must know that nobody is monitored there, and when somebody is again.
   * @param {WardBed} bed
   */
  function tellStandby({ device, label, standby, resumed }) {
    const news = standby ?? resumed;
    if (!news) return;
    const name = `${device} ${news.at}`;
    if (told.has(name)) return;
    told.add(name);
    if (first) return;
    if (standby) next.say(t("{bed}: standby, {reason}", { bed: label, reason: standbyReason(standby) }));
    else if (resumed) next.say(`${isolate(label)}: ${resumedText(resumed)}`);
  }

  ward.addEventListener("change", update);
}

/**
 * @param {WardBed} bed
 * @param {Alarm} alarm
 * @returns {string}
 */
function sentence(bed, alarm) {
  return t("{bed}: {alarm}, {priority}", {
    bed: bed.label, alarm: alarmTitle(alarm), priority: priorityName(alarm.priority),
  });
}

class Region {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {string[]} */
    this.waiting = [];
  }

  /** @param {string} text */
  say(text) {
    this.waiting.push(text);
    if (this.waiting.length === 1) setTimeout(() => this.speak(), TOGETHER_MS);
  }

  speak() {
    const said = this.waiting.slice(0, MOST);
    const more = this.waiting.length - said.length;
    if (more > 0) said.push(t("and {n} more", { n: more }));
    this.waiting = [];
    this.element.textContent = said.join(". ");
    clearTimeout(this.forgetting);
    this.forgetting = setTimeout(() => { this.element.textContent = ""; }, KEPT_MS);
  }
}
