// Which alarms a bed's limits turn off: a bed that cannot alarm must show it (IEC 60601-1-8, 6.8.5).

import { make, setAttribute, setText } from "../base/dom.js";
import { listed, number, t } from "../base/i18n.js";
import { alarmName } from "../base/words.js";

const NAMED = 2; // more are counted; the title names all

export class AlarmsOff {
  /**
   * With `words` the alarms are named, not only counted.
   * @param {boolean} words
   */
  constructor(words = false) {
    this.words = words;
    this.text = make("span");
    this.element = make("span.alarms-off", { role: "img", hidden: "", ...(words ? { "data-words": "" } : {}) },
      make("i", { "aria-hidden": "true" }), this.text);
  }

  /**
   * `kinds` are those that are turned off.
   * @param {string[]} kinds
   */
  update(kinds = []) {
    this.element.hidden = kinds.length === 0;
    if (this.element.hidden) return;
    const names = kinds.map(alarmName);
    const all = t("Alarms off: {alarms}", { alarms: listed(names) });
    setAttribute(this.element, "title", all);
    setAttribute(this.element, "aria-label", all);
    const more = names.length - NAMED;
    setText(this.text, !this.words ? number(names.length)
      : t("Alarms off: {alarms}", { alarms: more > 0
        ? `${listed(names.slice(0, NAMED))} +${number(more)}` : listed(names) }));
  }
}
