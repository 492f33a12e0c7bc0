// All that is known of one device, its care unit, and how it is removed.

import { make, setText } from "../base/dom.js";
import { isolate, ltr, measure, number, t, tn } from "../base/i18n.js";
import { recentTime } from "../charts/zone.js";
import { act } from "../patient/acts.js";
import { confirm } from "../patient/dialog.js";
import { may, restrict } from "../session/role.js";
import { bedUnit } from "../units/bedunit.js";
import { isLetIn, refusedOf, troublesOf } from "./finding.js";
import { batteryText, clockText, reasonName, signalForm, stateName, troubleName } from "./words.js";

export class DeviceDetail {
  /**
   * `gone` is called when the device has been removed.
   * @param {() => void} gone
   */
  constructor(gone) {
    this.gone = gone;
    this.device = "";
    /** @type {{ at: number, accepted: number, rate: number | null } | null} */
    this.counted = null;
    this.hasPlace = false;
    this.heading = make("h2", { tabindex: "-1" });
    this.links = make("p.device-links");
    this.troubles = make("p.device-troubles", { role: "status" });
    this.facts = make("dl.facts");
    this.refusal = make("div.device-refusals");
    this.acts = make("div.device-acts");
    this.hint = make("p.note", {}, t("Choose a device to see all about it"));
    this.body = make("div", { hidden: "" }, this.links, this.troubles, this.facts, this.refusal, this.acts);
    this.element = make("section.device-detail", { "aria-label": t("Device") }, this.heading, this.hint, this.body);
  }

  /** @param {string} device that is not there; empty: none is chosen */
  showNone(device) {
    this.device = "";
    this.body.hidden = true;
    setText(this.heading, device);
    this.heading.hidden = device === "";
    setText(this.hint, device === "" ? t("Choose a device to see all about it")
      : t("This device is not there any more, or you do not see it"));
    this.hint.hidden = false;
  }

  /**
   * @param {ListedDevice} row
   * @param {number} now Unix s
   */
  show(row, now) {
    if (row.device !== this.device || isLetIn(row) !== this.hasPlace) this.begin(row);
    this.count(row, now);
    setText(this.heading, row.label);
    setText(this.troubles, troublesOf(row, now).map((one) => troubleName(one, row)).join(" · "));
    this.facts.replaceChildren(...this.pairs(row)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
    this.refusal.replaceChildren(...refusals(row));
  }

  /** @param {ListedDevice} row */
  begin(row) {
    const { device, label } = row;
    this.device = device;
    this.counted = null;
    this.heading.hidden = false;
    this.hint.hidden = true;
    this.body.hidden = false;
    const at = `/bed/${encodeURIComponent(device)}`;
    this.hasPlace = isLetIn(row);
    this.links.replaceChildren(...(this.hasPlace ? [make("a", { href: at }, t("Bed page")),
      make("a", { href: `${at}/patient` }, t("Patient and limits"))] : []));
    this.acts.replaceChildren(...(this.hasPlace ? [bedUnit(device, may("clinician")), this.remove(device, label)] : []));
  }

  /**
   * @param {string} device
   * @param {string} label
   * @returns {HTMLElement}
   */
  remove(device, label) {
    const button = restrict(make("button", { type: "button" }, t("Remove device …")));
    button.addEventListener("click", async () => {
      const gone = await confirm(t("Remove {bed}?", { bed: label }),
        [make("p", {}, t("Its signal, trends and alarms are forgotten. A device that sends comes back."))],
        t("Remove"), async () => (await act("remove", { device })).error ?? null);
      if (gone) this.gone();
    });
    return button;
  }

  /**
   * Count what comes from one look to the next.
   * @param {ListedDevice} row
   * @param {number} now
   */
  count({ accepted }, now) {
    const { counted } = this;
    if (counted === null) this.counted = { at: now, accepted, rate: null };
    else if (now > counted.at) {
      const rate = Math.max(0, accepted - counted.accepted) / (now - counted.at);
      this.counted = { at: now, accepted, rate };
    }
  }

  /**
   * @param {ListedDevice} row
   * @returns {[name: string, value: string][]} an empty value is not known
   */
  pairs(row) {
    const { told, form } = row;
    const rate = row.state === "sends" ? this.counted?.rate ?? null : null;
    return [
      [t("Device id"), ltr(row.device)],
      [t("State"), stateName(row.state)],
      [t("Patient"), row.admitted ? t("is admitted") : t("nobody is admitted")],
      [t("Last packet"), row.last_at === null ? t("never") : recentTime(row.last_at)],
      [t("First packet"), row.first_at === null ? "" : recentTime(row.first_at)],
      [t("Battery"), batteryText(row)],
      [t("Maker"), own(told.maker)],
      [t("Model"), own(told.model)],
      [t("Serial number"), own(told.serial)],
      [t("Firmware"), own(told.firmware)],
      [t("Leads and rate"), signalForm(form)],
      [t("Packets"), packets(form, rate)],
      [t("Power-up"), form === null ? "" : t("{name}, since {time}", { name: form.boot, time: recentTime(form.since) })],
      [t("Stored up to"), form === null ? "" : tn("sample {n}", "sample {n}", form.stored)],
      [t("Its clock"), form === null ? "" : clockText(form.clock_off_s)],
      [t("Packets accepted"), number(row.accepted)],
      [t("Samples missing"), row.missing === 0 ? "" : number(row.missing)],
      [t("Cannot be read"), told.odd.length === 0 ? "" : ltr(told.odd.join(", "))],
    ];
  }
}

/**
 * What a device tells, of whatever direction; empty stays empty.
 * @param {string} text
 * @returns {string}
 */
function own(text) {
  return text === "" ? "" : isolate(text);
}

/**
 * @param {PacketForm | null} form
 * @param {number | null} rate packets per second that come
 * @returns {string}
 */
function packets(form, rate) {
  if (form === null) return "";
  const each = measure(1000 * form.samples / form.fs, "ms");
  return rate === null ? each : t("{length} each, {n} per second", { length: each, n: number(rate, 1) });
}

/**
 * What was refused, by reason, and the last text in full.
 * @param {ListedDevice} row
 * @returns {HTMLElement[]}
 */
function refusals(row) {
  const counts = Object.entries(row.refused).sort((a, b) => b[1] - a[1]);
  const { refusal } = row;
  if (counts.length === 0 && refusal === null) return [];
  const shown = [make("h3", {}, t("Refused packets: {n}", { n: number(refusedOf(row)) })),
    make("ul", {}, ...counts.map(([reason, n]) => make("li", {},
      t("{what}: {n}", { what: reasonName(reason), n: number(n) }))))];
  if (refusal !== null) {
    shown.push(make("p", {}, t("The last one, {time}: {what}",
      { time: recentTime(refusal.at), what: reasonName(refusal.reason) })),
    make("p.device-problem", { lang: "en", dir: "ltr" }, refusal.problem));
  }
  return shown;
}
