// What is recorded of each bed: since when, how much, how long it stays; review and export of it.

import { find, focused, make, setText } from "../base/dom.js";
import { listed, number, t, tn } from "../base/i18n.js";
import { sizeText } from "../analyze/words.js";
import { read, repeat } from "../charts/history.js";
import { dayAndTime } from "../charts/zone.js";
import { restrict } from "../session/role.js";
import { Exports } from "./exporting.js";

const EVERY_MS = 30_000;
const HOUR_S = 3600;

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  const page = new Recordings();
  element.append(page.element);
  page.start();
}

class Recordings {
  constructor() {
    this.state = make("p.note", { role: "status" }, t("Looking …"));
    this.body = make("tbody");
    this.exports = make("div");
    this.table = make("table.recordings", { hidden: "" },
      make("thead", {}, make("tr", {}, ...[t("Bed"), t("Care unit"), t("From"), t("To"), t("Size"), t("Kept for"), ""]
        .map((name) => make("th", { scope: "col" }, name)))), this.body);
    this.element = make("div.recordings-page", {}, make("h1", {}, t("Recordings")), this.state, this.table, this.exports);
    /** @type {Exports | null} */
    this.open = null;
    this.shown = "";
  }

  start() {
    repeat(() => this.refresh(), (error) => setText(this.state, error.message), () => EVERY_MS);
  }

  async refresh() {
    /** @type {RecordingList} */
    const { recordings, unknown } = await read("/recorded");
    this.table.hidden = recordings.length === 0;
    this.table.classList.toggle("no-units", recordings.every(({ unit }) => unit === ""));
    setText(this.state, recordings.length === 0 ? t("Nothing is recorded.")
      : unknown.length === 0 ? ""
        : t("Set for no care unit that there is: {names}", { names: listed(unknown) }));
    const shown = JSON.stringify(recordings);
    if (shown === this.shown) return;
    this.shown = shown;
    // What goes on recording is drawn anew each time: the focus stays where it is.
    const held = this.body.contains(focused()) ? focused() : null;
    const device = held?.closest("tr")?.dataset.device ?? "";
    this.body.replaceChildren(...recordings.map((one) => this.row(one)));
    if (held !== null) find(this.body, `tr[data-device="${CSS.escape(device)}"] ${held.localName}`)?.focus();
  }

  /** @param {RecordingRow} one */
  row(one) {
    const { device, label, unit, start, end, bytes, days, gb } = one;
    const take = restrict(make("button", { type: "button", "aria-label": t("Export {bed}", { bed: label }) }, t("Export")));
    take.addEventListener("click", () => this.offer(one));
    const stays = [days > 0 ? tn("{n} day", "{n} days", days) : t("for ever"),
      ...gb > 0 ? [t("up to {n} GB", { n: number(gb) })] : []].join(" · ");
    return make("tr", { "data-device": device },
      make("th", { scope: "row" }, make("a", { href: `/review/${encodeURIComponent(device)}` }, make("bdi", {}, label))),
      make("td", {}, make("bdi", {}, unit)), make("td", {}, dayAndTime(start)), make("td", {}, dayAndTime(end)),
      make("td", {}, sizeText(bytes)), make("td", {}, stays), make("td", {}, take));
  }

  /** @param {RecordingRow} one */
  offer({ device, label, end }) {
    this.open?.stop();
    this.open = new Exports(() => ({ device, query: {} }), () => [
      { id: "hour", name: t("The last hour"), from: end - HOUR_S, to: end },
      { id: "day", name: t("The last day"), from: end - 24 * HOUR_S, to: end },
    ]);
    this.exports.replaceChildren(make("h2", {}, make("bdi", {}, label)), this.open.element);
    this.open.start();
    this.open.span.focus();
  }
}
