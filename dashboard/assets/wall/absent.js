// A bed whose device is away says so where its signal would be, and since when. What was the matter
// before is told as past: nobody watches that heart now.

import { make, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { alarmTitle } from "../base/words.js";
import { dayAndTime } from "../charts/zone.js";

/** @import { Bed } from "../stream/bed.js" */

/**
 * The alarm about the heart that was present when the device went, or null. `active`: alarms whose
 * signal is on, the most urgent first.
 * @param {Alarm[]} active
 * @returns {Alarm | null}
 */
export function leftBehind(active) {
  return active.find(({ present, priority }) => present && priority !== "technical") ?? null;
}

export class AbsentBanner {
  /** @param {Bed} bed */
  constructor(bed) {
    this.bed = bed;
    this.title = make("strong");
    this.detail = make("span");
    this.element = make("div.absent", { hidden: "" }, this.title, this.detail);
  }

  /**
   * @param {number} now
   * @returns {boolean} whether nothing has come from the device since the page was opened, or it says
   *   that it is off
   */
  update(now) {
    const { bed } = this;
    const connection = bed.connection(now);
    const since = bed.heardAt ?? bed.info.heard_at ?? null;
    const away = connection === "offline" || (connection === "waiting" && since !== null);
    this.element.hidden = !away;
    if (!away) return false;
    setText(this.title, since === null ? t("OFFLINE") : t("OFFLINE since {time}", { time: dayAndTime(since) }));
    const left = leftBehind(bed.activeAlarms());
    setText(this.detail, left === null ? t("This heart is not watched.")
      : t("Before it went: {alarm}. This heart is not watched.", { alarm: alarmTitle(left) }));
    return true;
  }
}
