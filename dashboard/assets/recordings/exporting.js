// Taking an interval of the record away: as files of other formats, a strip to scale, or a report.
// A worker writes them (dashboard/answers/recorded/exporting.py); the page may be closed meanwhile.

import { find, focused, make, setText } from "../base/dom.js";
import { isolate, number, t } from "../base/i18n.js";
import { say } from "../base/toast.js";
import { post } from "../alarms/acts.js";
import { sizeText } from "../analyze/words.js";
import { read, repeat } from "../charts/history.js";
import { dayAndTime } from "../charts/zone.js";
import { restrict } from "../session/role.js";
import { standStill } from "../session/standstill.js";
import { exportState, fits } from "./taking.js";

const BUSY_MS = 1000;
const QUIET_MS = 30_000;
/** @type {Record<string, string>} */
const FORMATS = {
  report: t("Report (PDF)"), pdf: t("Strip to scale (PDF)"), wfdb: "WFDB", edf: "EDF+", csv: "CSV",
  fhir: "FHIR", dicom: "DICOM", svg: "SVG", png: "PNG",
};
/** @type {Record<string, string>} */
const LANGUAGES = { en: "English", fr: "Français", ar: "العربية" };

export class Exports {
  /**
   * `spans()` are the intervals that can be taken, by name: what is selected, what is shown.
   * @param {() => {device: string, query: Attributes}} whose
   * @param {() => ExportSpan[]} spans
   */
  constructor(whose, spans) {
    this.whose = whose;
    this.spans = spans;
    /** @type {ExportList} */
    this.known = { exports: [], workers: 0, formats: [], keep_s: 0 };
    this.span = make("select", { "aria-label": t("What is exported") });
    this.format = make("select", { "aria-label": t("Format") });
    this.language = make("select", { "aria-label": t("Language of the report") },
      ...Object.entries(LANGUAGES).map(([value, name]) => make("option", { value, lang: value }, name)));
    this.language.value = document.documentElement.lang || "en";
    this.take = restrict(make("button", { type: "button" }, t("Export")));
    this.list = make("ul.exports", { "aria-label": t("Exports") });
    const row = make("div.edit-row", {}, make("b", {}, t("Export")), this.span, this.format, this.language, this.take);
    this.take.addEventListener("click", () => { void standStill(row, () => this.begin()); });
    this.element = make("section.review-exports", { "aria-label": t("Export") }, row, this.list);
    /** @type {Set<string>} */
    this.ending = new Set(); // exports whose end has been asked for
    /** @type {Set<string> | null} */
    this.seen = null; // exports that were listed before
    this.asked = 0; // exports asked for here that are not listed yet
    /** @type {Set<string>} */
    this.awaited = new Set(); // those that are: their file is taken as soon as it is there
    this.span.addEventListener("change", () => this.offer());
    this.format.addEventListener("change", () => this.offer());
    /** @type {Loop | null} */
    this.loop = null;
  }

  /** The bed is known: what was taken of it is listed from now on. */
  start() {
    if (this.take.getAttribute("aria-disabled") === "true") return; // who may not is told by the button
    this.loop = repeat((isNewest) => this.refresh(isNewest), (error) => setText(this.list, error.message),
      () => (this.known.exports.some(({ state }) => state === "queued" || state === "running") ? BUSY_MS : QUIET_MS));
  }

  stop() {
    this.loop?.stop();
  }

  /** Offer the intervals that are there now, and the formats that take the chosen one. */
  offer() {
    const spans = this.spans();
    const chosen = this.span.value;
    const names = spans.map(({ id, name }) => `${id} ${name}`).join("\n");
    if (names !== this.span.dataset.shown) {
      this.span.dataset.shown = names;
      this.span.replaceChildren(...spans.map(({ id, name }) => make("option", { value: id }, name)));
      this.span.value = spans.some(({ id }) => id === chosen) ? chosen : spans[0]?.id ?? "";
    }
    if (this.format.length !== this.known.formats.length) {
      this.format.replaceChildren(...this.known.formats.map(({ name }) => make("option", { value: name }, FORMATS[name] ?? name)));
    }
    const span = spans.find(({ id }) => id === this.span.value);
    for (const [i, { longest_s: longest }] of this.known.formats.entries()) {
      this.format.options[i].disabled = span !== undefined && !fits(span, longest);
    }
    if (this.format.selectedOptions[0]?.disabled) this.format.value = this.known.formats[0].name;
    this.language.hidden = this.format.value !== "report";
  }

  async begin() {
    const span = this.spans().find(({ id }) => id === this.span.value);
    if (span === undefined) return;
    const { device, query } = this.whose();
    this.asked++;
    const wrong = await post("/recorded/export", {
      device, ...query, from: span.from, to: span.to, format: this.format.value, language: this.language.value,
    });
    if (wrong !== null) {
      this.asked--;
      say(wrong);
    }
    await this.loop?.now();
  }

  /** @param {() => boolean} isNewest */
  async refresh(isNewest) {
    /** @type {ExportList} */
    const known = await read(`/recorded/${encodeURIComponent(this.whose().device)}/exports`);
    if (!isNewest()) return;
    this.known = known;
    this.offer();
    this.await();
    const lines = known.exports.map((one) => this.line(one));
    if (lines.map(({ outerHTML }) => outerHTML).join("") === this.list.innerHTML) return;
    const held = this.list.contains(focused()) ? focused() : null;
    this.list.replaceChildren(...lines);
    if (held !== null) (this.partOf(held.dataset.part ?? "") ?? this.take).focus();
    this.takeAwaited();
  }

  /** Know which of the exports were asked for here. */
  await() {
    for (const { id } of this.known.exports) {
      if (this.seen !== null && !this.seen.has(id) && this.asked > 0) {
        this.asked--;
        this.awaited.add(id);
      }
    }
    this.seen = new Set(this.known.exports.map(({ id }) => id));
  }

  /** Take the file of what was asked for here, as a click on it would; several are left to choose from. */
  takeAwaited() {
    for (const { id, state, files } of this.known.exports) {
      if (state !== "finished" && state !== "failed" || !this.awaited.delete(id)) continue;
      if (files.length === 1) this.partOf(`${id} ${files[0].name}`)?.click();
    }
  }

  /**
   * What of the list can have the focus: the end of an export, or a file of it.
   * @param {string} part
   * @returns {HTMLElement | null}
   */
  partOf(part) {
    return find(this.list, `[data-part="${CSS.escape(part)}"]`);
  }

  /**
   * @param {string} device
   * @param {string} job
   */
  async forget(device, job) {
    if (this.ending.has(job)) return;
    this.ending.add(job);
    const wrong = await post("/recorded/forget", { device, job });
    this.ending.delete(job);
    if (wrong !== null) say(wrong);
    await this.loop?.now();
  }

  /** @param {ExportJob} one */
  line(one) {
    const { device } = this.whose();
    const name = `${FORMATS[one.format] ?? one.format} · ${isolate(dayAndTime(one.from))} – ${isolate(dayAndTime(one.to))}`;
    const over = one.state === "finished" || one.state === "failed";
    const files = one.files.map((file) => make("a",
      { href: `/recorded/${encodeURIComponent(device)}/file?job=${one.id}&name=${encodeURIComponent(file.name)}`, download: "",
        "data-part": `${one.id} ${file.name}` },
      make("bdi", {}, file.name), ` (${sizeText(file.size)})`));
    const end = make("button", { type: "button", "data-part": one.id,
      "aria-label": `${over ? t("Delete") : t("Cancel")} ${name}` }, over ? t("Delete") : t("Cancel"));
    if (this.ending.has(one.id)) end.setAttribute("aria-disabled", "true");
    end.addEventListener("click", () => {
      end.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
      void this.forget(device, one.id);
    });
    const what = make("span.what", {}, make("bdi", {}, FORMATS[one.format] ?? one.format), " · ",
      make("bdi", {}, dayAndTime(one.from)), " – ", make("bdi", {}, dayAndTime(one.to)));
    const row = make("li", { "data-state": one.state, "data-format": one.format }, what, ...files,
      make("span.state", {}, exportState(one, this.known.workers)), end);
    if (one.state === "running") {
      row.append(make("progress", { max: "1", value: one.progress, "aria-label": t("Export: {n} %", { n: number(100 * one.progress) }) }));
    }
    if (one.notes.length > 0) row.title = one.notes.join(" · ");
    return row;
  }
}
