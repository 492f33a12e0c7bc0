// The page Analyze: files are sent in, wait, are analysed; what was found in one is shown.

import { make, setText } from "../base/dom.js";
import { isolate, listed, ltr, t, tn } from "../base/i18n.js";
import { say } from "../base/toast.js";
import { read, repeat } from "../charts/history.js";
import { confirm } from "../patient/dialog.js";
import { hindrance } from "../session/role.js";
import { standStill } from "../session/standstill.js";
import { choose } from "./choosing.js";
import { recordingReport } from "./report.js";
import { act, gathered, sendFile } from "./sending.js";
import { tableReport } from "./tables.js";
import { EXAMPLE_NAMES, clock, exampleName, jobName, sizeText, stateText } from "./words.js";

const BUSY_MS = 700;
const QUIET_MS = 10_000;
const HOUR_S = 3600;

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  element.append(make("h1", {}, t("Analyze a recording")));
  const why = hindrance("clinician");
  if (why !== "") element.append(make("p.empty", {}, why));
  else new Analyze(element).start();
}

class Analyze {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {StudyList | null} */
    this.known = null;
    this.chosen = location.hash.slice(1);
    this.shown = "";
    /** @type {Set<string>} */
    this.ending = new Set(); // jobs whose end has been asked for
    this.language = document.documentElement.lang;
    this.files = make("input", { type: "file", multiple: "", "aria-label": t("Files to analyze") });
    this.formats = make("p.note");
    this.sending = make("ul.sending");
    this.list = make("ul.jobs");
    this.state = make("p.note", { role: "status" }, t("Looking …"));
    this.report = make("div.report", {}, make("p.note", {}, t("Choose a file of your own, or an example.")));
    this.loop = repeat((isNewest) => this.refresh(isNewest), (error) => setText(this.state, error.message),
      () => (this.known?.jobs.some(({ state }) => state === "queued" || state === "running") ? BUSY_MS : QUIET_MS));
  }

  start() {
    const drop = make("label.drop", {}, make("strong", {}, t("Drop files here, or choose them")), this.files);
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => { event.preventDefault(); drop.dataset.over = ""; });
    }
    drop.addEventListener("dragleave", () => { delete drop.dataset.over; });
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      delete drop.dataset.over;
      void this.take([.../** @type {DragEvent} */ (event).dataTransfer?.files ?? []]);
    });
    this.files.addEventListener("change", () => {
      void this.take([...this.files.files ?? []]);
      this.files.value = "";
    });
    const examples = make("div.examples", {}, ...EXAMPLE_NAMES.map((name) => {
      const button = make("button", { type: "button" }, exampleName(name));
      button.addEventListener("click", () => { void standStill(examples, () => this.begin("example", { name })); });
      return button;
    }));
    this.element.append(make("div.analyze", {},
      make("aside", {}, drop, this.formats, make("h2", {}, t("Examples")), examples,
        make("h2", {}, t("Sent in by you")), this.sending, this.list, this.state),
      this.report));
    addEventListener("hashchange", () => { this.choose(location.hash.slice(1)); });
  }

  /** @param {File[]} files */
  async take(files) {
    for (const { name, content } of await gathered(files)) await this.send(name, content);
  }

  /**
   * Send one file, and have it analysed.
   * @param {string} name
   * @param {Blob} content
   */
  async send(name, content) {
    const ending = new AbortController();
    const bar = make("progress", { max: "1", value: "0", "aria-label": t("Sending {name}", { name }) });
    const stop = make("button", { type: "button" }, t("Cancel"));
    stop.addEventListener("click", () => ending.abort(new Error(t("cancelled"))));
    const line = make("li", {}, make("bdi", {}, name), stop, bar);
    this.sending.append(line);
    try {
      const upload = await sendFile(name, content, this.known?.piece ?? 1 << 18, (share) => { bar.value = share; }, ending.signal);
      await this.begin("start", { upload }, name);
    } catch (error) {
      line.replaceChildren(make("bdi", {}, name), this.dismiss(line),
        make("span.problem", { role: "alert" }, /** @type {Error} */ (error).message));
      return;
    }
    line.remove();
  }

  /** @param {HTMLElement} line */
  dismiss(line) {
    const button = make("button", { type: "button" }, t("OK"));
    button.addEventListener("click", () => line.remove());
    return button;
  }

  /**
   * Have something analysed; asks what a table does not say.
   * @param {"start" | "example"} what
   * @param {object} fields
   * @param {string} name
   */
  async begin(what, fields, name = "") {
    const asked = { ...fields, language: this.language };
    /** @type {{ job?: string, ask?: TableQuestion }} */
    let answer;
    try {
      answer = await act(what, asked);
    } catch (error) {
      if (what === "start") throw error;
      say(/** @type {Error} */ (error).message);
      return;
    }
    if (answer.ask !== undefined) {
      const done = await choose(name, answer.ask, async (chosen) => {
        try {
          answer = await act(what, { ...asked, ...chosen });
          return null;
        } catch (error) {
          return /** @type {Error} */ (error).message;
        }
      });
      if (!done) await act("remove", { job: /** @type {any} */ (fields).upload });
    }
    if (answer.job !== undefined) location.hash = answer.job;
    await this.loop.now();
  }

  /** @param {() => boolean} isNewest */
  async refresh(isNewest) {
    /** @type {StudyList} */
    const known = await read("/studies");
    if (!isNewest()) return;
    this.known = known;
    this.show(known);
  }

  /** @param {StudyList} known */
  show({ jobs, workers, most_mb, keep_s, formats }) {
    const endings = listed(formats.map((one) => isolate(`${t(one.name)} ${ltr(`(${one.endings.join(" ")})`)}`)));
    setText(this.formats, `${t("Formats: {formats}; a WFDB record as all its files at once, or as a zip; tables of beats with 187 or 140 columns.", { formats: endings })} ${
      t("Up to {n} MB; nobody else sees what you send, and it is deleted after {span}.", { n: most_mb, span: tn("{n} hour", "{n} hours", Math.round(keep_s / HOUR_S)) })}`);
    const waiting = jobs.some(({ state }) => state === "queued");
    setText(this.state, workers === 0 && waiting ? t("No worker is running: what waits is analysed as soon as one is (`ecg-monitor work`).")
      : jobs.length === 0 ? t("Nothing yet") : "");
    const lines = jobs.map((job) => this.line(job, workers));
    if (lines.map(({ outerHTML }) => outerHTML).join("") !== [...this.list.children].map(({ outerHTML }) => outerHTML).join("")) {
      this.list.replaceChildren(...lines);
    }
    const job = jobs.find(({ id }) => id === this.chosen);
    if (job !== undefined) this.open(job, workers);
    else if (this.shown !== "") this.close();
  }

  /**
   * @param {StudyJob} job
   * @param {number} workers
   */
  line(job, workers) {
    const link = make("a", { href: `#${job.id}` }, make("bdi", {}, jobName(job)));
    if (job.id === this.chosen) link.setAttribute("aria-current", "true");
    const over = job.state === "finished" || job.state === "failed";
    const end = make("button", { type: "button", "aria-label": `${over ? t("Delete") : t("Cancel")} ${jobName(job)}` }, over ? t("Delete") : t("Cancel"));
    if (this.ending.has(job.id)) end.setAttribute("aria-disabled", "true");
    end.addEventListener("click", () => { void this.remove(job, over); });
    const row = make("li", { "data-state": job.state }, link, end, make("span.state", {}, stateText(job, workers)));
    if (job.state === "running") row.append(make("progress", { max: "1", value: job.progress, "aria-label": t("Analysis of {name}", { name: jobName(job) }) }));
    return row;
  }

  /**
   * @param {StudyJob} job
   * @param {boolean} ask
   */
  async remove(job, ask) {
    const doIt = () => act("remove", { job: job.id }).then(() => null, (error) => /** @type {Error} */ (error).message);
    if (ask) await confirm(t("Delete {name}?", { name: jobName(job) }), [make("p", {}, t("The file and what was found in it are deleted."))], t("Delete"), doIt);
    else await this.cancel(job, doIt);
    await this.loop.now();
  }

  /**
   * @param {StudyJob} job
   * @param {() => Promise<string | null>} doIt
   */
  async cancel(job, doIt) {
    if (this.ending.has(job.id)) return;
    this.ending.add(job.id);
    const wrong = await doIt();
    this.ending.delete(job.id);
    if (wrong !== null) say(wrong);
  }

  /** @param {string} id */
  choose(id) {
    this.chosen = id;
    if (this.known !== null) this.show(this.known);
  }

  close() {
    this.shown = "";
    this.report.replaceChildren(make("p.note", {}, t("Choose a file of your own, or an example.")));
  }

  /**
   * Show a job: how it is, or what was found.
   * @param {StudyJob} job
   * @param {number} workers
   */
  open(job, workers) {
    const state = stateText(job, workers);
    const shown = `${job.id} ${job.state === "finished" ? "" : state}`;
    if (shown === this.shown) return;
    this.shown = shown;
    if (job.state !== "finished") {
      this.report.replaceChildren(make("h2", {}, make("bdi", {}, jobName(job))), make("p", { role: "status" }, state));
      return;
    }
    read(`/studies/page?job=${job.id}`).then(
      (study) => { if (this.shown === shown) this.draw(job, study); },
      (error) => { if (this.shown === shown) this.report.replaceChildren(make("p.problem", {}, error.message)); });
  }

  /**
   * @param {StudyJob} job
   * @param {RecordingStudy | TableStudy} study
   */
  draw(job, study) {
    const files = [{ name: "analysis.json", size: 0 }, ...study.files].map(({ name, size }) => make("a",
      { href: `/studies/file?job=${job.id}&name=${encodeURIComponent(name)}`, download: "" },
      size === 0 ? "JSON" : `${name.split(".").at(-1)?.toUpperCase()} (${sizeText(size)})`));
    const about = study.kind === "beats" ? t("Table of beats, scored by {model}", { model: study.model })
      : `${clock(study.duration_s)} · ${study.fs} Hz · ${study.leads.join(", ")}`;
    const comments = study.kind === "recording" ? study.comments : [];
    this.report.replaceChildren(
      make("div.report-head", {}, make("h2", {}, make("bdi", {}, jobName(job))), make("span", { dir: "ltr" }, about),
        make("nav.files", { "aria-label": t("Take away") }, ...files)),
      ...[...study.notes, ...comments].length === 0 ? [] : [make("details", {}, make("summary", {}, t("What the file says and what was assumed")),
        make("ul", {}, ...[...study.notes, ...comments].map((note) => make("li", { dir: "auto" }, note))))],
      ...study.kind === "beats" ? tableReport(study) : recordingReport(study, job.id));
  }
}
