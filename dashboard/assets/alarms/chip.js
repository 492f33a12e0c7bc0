// The alarm that leads a bed, with the count of the others: on its tile, and in the heads of its pages.

import { make, setData, setText } from "../base/dom.js";
import { alarmTitle } from "../base/words.js";
import { lookOf, otherAlarms, presenceOf } from "../base/urgency.js";

export class AlarmChip {
  constructor() {
    this.alarm = make("span.alarm");
    this.more = make("span.more");
  }

  /**
   * Show which alarm leads; its name is written by who knows how much room there is. `host` takes on
   * its colour, and flashes.
   * @param {Alarm[]} active the most urgent first
   * @param {HTMLElement} host
   */
  show(active, host) {
    const [first] = active;
    const look = first === undefined ? null : lookOf(first);
    setData(host, "alarm", look);
    setData(host, "presence", presenceOf(active));
    setData(this.alarm, "presence", first?.presence ?? null);
    const others = otherAlarms(active);
    setText(this.more, others.text);
    // An acknowledged alarm may outrank the one that is shown: its colour shows it.
    setData(this.more, "priority", others.look);
    this.more.title = active.slice(1).map(alarmTitle).join(", ");
  }
}
