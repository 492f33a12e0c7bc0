// Why an alarm came, as whoever acknowledged it says: one press after the acknowledgement, which never
// waits for it (see ecg_monitor/ward/alerts/reasons.py).

import { postFor } from "./acts.js";
import { make, setText } from "../base/dom.js";
import { number, t, tn } from "../base/i18n.js";
import { alarmTitle, timeOfDay } from "../base/words.js";
import { restrict } from "../session/role.js";
import { standStill } from "../session/standstill.js";

/** @type {Record<string, string>} */
const REASONS = {
  real: t("Real"), artefact: t("Artefact"), care: t("Moved or in care"), known: t("Known"),
};

/**
 * The reason that was given for an alarm, in words; empty: none.
 * @param {{ reason?: string | null, reason_text?: string | null }} alarm
 * @returns {string}
 */
export function reasonText({ reason, reason_text: words }) {
  const name = reasonName(reason ?? "");
  if (!words) return name;
  return name === "" ? words : t("{reason}: {words}", { reason: name, words });
}

/**
 * @param {string} reason
 * @returns {string}
 */
export function reasonName(reason) {
  return REASONS[reason] ?? reason;
}

/**
 * Who acknowledged an alarm, when, and the reason if one was given; null: nobody has.
 * @param {Pick<Alarm, "acked_by" | "acked_at"> & { reason?: string | null, reason_text?: string | null }} alarm
 * @returns {string | null}
 */
export function ackedText(alarm) {
  if (alarm.acked_by === null) return null;
  const who = t("{name} {time}", { name: alarm.acked_by, time: timeOfDay(alarm.acked_at) });
  const reason = reasonText(alarm);
  return reason === "" ? who : `${who} · ${reason}`;
}

/** Asks for the reason of alarms that have been acknowledged. */
export class ReasonBar {
  /**
   * @param {(done: boolean) => void} close called when it was given or is not wanted
   */
  constructor(close) {
    this.close = close;
    /** @type {string[]} */
    this.ids = [];
    this.title = make("span.why");
    this.problem = make("span.problem", { role: "alert" });
    this.text = make("input", { type: "text", dir: "auto", "aria-label": t("Reason") });
    this.form = make("form", { hidden: "" }, this.text, make("button", { type: "submit" }, t("Save")));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.text.value.trim() !== "") this.send("", this.text.value);
    });
    const write = restrict(make("button.write", { type: "button" }, t("Write …")));
    write.addEventListener("click", () => {
      this.form.hidden = false;
      this.text.focus();
    });
    this.element = make("div.reason-bar", { role: "group", hidden: "" }, this.title, write,
      ...Object.entries(REASONS).map(([reason, name]) => {
        const button = restrict(make("button", { type: "button", "data-reason": reason }, name));
        button.addEventListener("click", () => this.send(reason, ""));
        return button;
      }), this.form, this.problem);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.hide();
      this.close(false);
    });
  }

  /**
   * Ask about some alarms; with none there is nothing to ask.
   * @param {Pick<Alarm, "id" | "kind" | "lead">[]} alarms
   */
  ask(alarms) {
    this.ids = alarms.map(({ id }) => id);
    this.element.hidden = alarms.length === 0;
    this.form.hidden = true;
    this.text.value = "";
    setText(this.problem, "");
    const about = alarms.length === 1 ? alarmTitle(alarms[0]) : tn("{n} alarm", "{n} alarms", alarms.length);
    const title = t("Reason: {alarm}", { alarm: about });
    setText(this.title, title);
    this.element.setAttribute("aria-label", title);
  }

  hide() {
    this.ask([]);
  }

  /**
   * Give a reason, once however often it is pressed.
   * @param {string} reason
   * @param {string} text
   */
  send(reason, text) {
    void standStill(this.element, () => this.give(reason, text));
  }

  /**
   * @param {string} reason
   * @param {string} text
   */
  async give(reason, text) {
    const { ids } = this;
    const { error, answer } = await postFor("/alerts/reason", { ids, reason, text });
    if (ids !== this.ids) return; // it asks about others by now
    const problem = error ?? (answer.open?.length > 0 ? t("nobody has acknowledged it yet")
      : answer.unknown?.length > 0 ? t("it is not there, or no longer") : null);
    if (problem !== null) {
      const missed = error === null ? [...answer.open ?? [], ...answer.unknown ?? []] : ids;
      const done = ids.length - missed.length;
      this.ids = missed; // what is recorded is not asked for again
      setText(this.problem, done === 0 ? t("Not done: {error}", { error: problem })
        : t("Recorded for {n} of {all} alarms. Not for the others: {error}",
          { n: number(done), all: number(ids.length), error: problem }));
      return;
    }
    this.hide();
    this.close(true);
  }
}
