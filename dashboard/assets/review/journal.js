// Alarms at the time that is shown, to be called true or false; and all that was said about the hour.

import { make, setText } from "../base/dom.js";
import { isolate, t, tn } from "../base/i18n.js";
import { alarmName } from "../base/words.js";
import { dayAndTime } from "../charts/zone.js";
import { restrict } from "../session/role.js";
import { actText } from "./marking.js";
import { STRIP_S } from "./moving.js";

/** @import { Editor } from "./editing.js" */

const MOST_ALARMS = 6;

/**
 * The alarms that were present within a strip, a few of them.
 * @param {RecordedAlarm[]} alarms
 * @param {number} at where the strip begins, Unix s
 * @returns {RecordedAlarm[]}
 */
export function present(alarms, at) {
  return alarms.filter((one) => one.at < at + STRIP_S && (one.until ?? Infinity) > at).slice(0, MOST_ALARMS);
}

/** Alarms that were present within the strip, each with what was said of it. */
export class AlarmVerdicts {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.element = make("ul.alarm-verdicts");
  }

  /**
   * @param {RecordedAlarm[]} alarms
   * @param {number} at where the strip begins, Unix s
   */
  show(alarms, at) {
    const shown = present(alarms, at);
    const key = JSON.stringify(shown);
    if (key === this.element.dataset.shown) return; // what somebody is writing stays
    this.element.dataset.shown = key;
    this.element.replaceChildren(...shown.map((one) => this.row(one)));
  }

  /** @param {RecordedAlarm} alarm */
  row(alarm) {
    const reason = make("input", { type: "text", placeholder: t("Reason"),
      "aria-label": t("Reason") });
    /**
     * @param {string} text
     * @param {string} value
     */
    const button = (text, value) => {
      const made = make("button", { type: "button" }, text);
      restrict(made);
      made.addEventListener("click", () => {
        void this.editor.send("verdict", { alarm: alarm.id, value, text: reason.value });
      });
      return made;
    };
    const said = alarm.said.map(({ value, text, by }) => make("li", {},
      `${value === "true" ? t("true") : t("false")} · ${isolate(by)}${text ? ` · ${isolate(text)}` : ""}`));
    return make("li", {}, make("b", {}, alarmName(alarm.kind)), " ", dayAndTime(alarm.at), " ",
      button(t("True alarm"), "true"), button(t("False alarm"), "false"), reason,
      make("ul.said", {}, ...said));
  }
}

/** All that was said about the hour, the newest first. */
export class Journal {
  /** @param {(at: number) => void} go */
  constructor(go) {
    this.go = go;
    this.title = make("summary");
    this.list = make("ol.review-acts", { reversed: "" });
    this.element = make("details.review-journal", { hidden: "" }, this.title, this.list);
  }

  /** @param {ReviewAct[]} acts */
  show(acts) {
    this.element.hidden = acts.length === 0;
    setText(this.title, tn("{n} act of review about this hour", "{n} acts of review about this hour", acts.length));
    this.list.replaceChildren(...acts.map((act) => {
      const link = make("button.link", { type: "button" }, dayAndTime(act.start));
      link.addEventListener("click", () => this.go(act.start));
      const row = make("li", { value: act.id }, make("bdi", {}, link), " · ",
        make("bdi", {}, act.by), " ", actText(act), " · ", dayAndTime(act.at));
      if (!act.holds) row.append(" · ", t("undone"));
      row.classList.toggle("undone", !act.holds);
      return row;
    }));
  }
}
