// What was found in a recording: figures, events, strips, beats, comparison, twelve leads.

import { make, setText } from "../base/dom.js";
import { ltr, measure, number, t } from "../base/i18n.js";
import { alarmName, milliseconds } from "../base/words.js";
import { read } from "../charts/history.js";
import { drawStrip } from "../charts/strip.js";
import { drawAverage, drawTrend, drawUnusual, rangeOf } from "./figures.js";
import { confusionTable, figure, section, table } from "./parts.js";
import { CLASSES, clock, eventsOf, percent } from "./words.js";

const STRIP_S = 10;
const LEAD_IN_S = 2; // of a strip before what it is about
const BEST = ["II", "MLII", "I", "V1", "V5"];

/**
 * @param {RecordingStudy} study
 * @param {string} job
 * @returns {HTMLElement[]}
 */
export function recordingReport(study, job) {
  const strips = new Strips(study, job);
  const { twelve, reference } = study;
  return [
    figures(study, strips),
    ...twelve === null ? [] : [twelveLeads(twelve)],
    strips.element,
    section(t("Heart rate"), legend(), make("div.trend-place", {}, drawTrend(study.trend, study.duration_s, strips.around))),
    events(study, strips),
    averages(study),
    unusual(study, strips),
    intervals(study.figures, strips),
    ...reference === null ? [] : [comparison(reference)],
  ];
}

/** Ten seconds of the recording, to scale, and buttons to move. */
class Strips {
  /**
   * @param {RecordingStudy} study
   * @param {string} job
   */
  constructor(study, job) {
    this.job = job;
    this.end = study.duration_s;
    this.turn = 0;
    this.at = 0;
    this.time = make("span.time");
    this.place = make("div.strip-place");
    this.state = make("p.note", { role: "status" });
    /** @param {number} at_s */
    this.around = (at_s) => { void this.go(at_s - LEAD_IN_S); };
    const bar = make("div.review-bar", {},
      this.button("‹‹", t("Minute before"), -60), this.button("‹", t("Five seconds before"), -5),
      this.time, this.button("›", t("Five seconds later"), 5), this.button("››", t("Minute later"), 60));
    this.element = section(t("Signal"), bar, this.place, make("p.note", { dir: "ltr" }, "25 mm/s · 10 mm/mV"), this.state);
    this.element.classList.add("strips");
    const [first] = study.alarms;
    void this.go(first === undefined ? 0 : first.onset_s - LEAD_IN_S, false);
  }

  /**
   * @param {string} text
   * @param {string} title
   * @param {number} seconds
   */
  button(text, title, seconds) {
    const button = make("button", { type: "button", title, "aria-label": title }, text);
    button.addEventListener("click", () => { void this.go(this.at + seconds, false); });
    return button;
  }

  /**
   * @param {number} at_s
   * @param {boolean} look whether the strip is brought into view
   */
  async go(at_s, look = true) {
    const mine = ++this.turn;
    this.at = Math.max(0, Math.min(at_s, this.end - STRIP_S));
    setText(this.time, ltr(`${clock(this.at)} – ${clock(this.at + STRIP_S)}`));
    if (look) this.element.scrollIntoView({ block: "nearest" });
    try {
      const strip = await read(`/studies/strip?job=${this.job}&from=${this.at.toFixed(3)}`);
      if (mine !== this.turn) return;
      this.place.replaceChildren(drawStrip(strip));
      setText(this.state, "");
    } catch (error) {
      if (mine === this.turn) setText(this.state, /** @type {Error} */ (error).message);
    }
  }

  /**
   * A time of the recording that leads to its strip.
   * @param {number} at_s
   * @returns {HTMLElement}
   */
  link(at_s) {
    const button = make("button.link", { type: "button", title: t("Show the signal there") }, clock(at_s));
    button.addEventListener("click", () => this.around(at_s));
    return button;
  }
}

/**
 * @param {RecordingStudy} study
 * @param {Strips} strips
 * @returns {HTMLElement}
 */
function figures({ figures: found, duration_s }, strips) {
  const { rate, counts, pauses } = found;
  const good = found.quality_s.good;
  const seconds = Object.values(found.quality_s).reduce((sum, one) => sum + one, 0);
  const cards = [
    figure(t("Mean heart rate"), rate.mean === null ? "–" : measure(rate.mean, t("bpm"))),
    figure(t("Lowest"), rate.lowest === null ? "–" : measure(rate.lowest.value, t("bpm")), rate.lowest && strips.link(rate.lowest.at_s)),
    figure(t("Highest"), rate.highest === null ? "–" : measure(rate.highest.value, t("bpm")), rate.highest && strips.link(rate.highest.at_s)),
    figure(t("Beats"), number(found.beats)),
    figure(t("Ventricular"), ltr(`${number(counts.V)} · ${percent(found.beats ? counts.V / found.beats : null)}`)),
    figure(t("Supraventricular"), ltr(`${number(counts.S)} · ${percent(found.beats ? counts.S / found.beats : null)}`)),
    figure(t("Fusion, unclassified"), ltr(`${number(counts.F)} · ${number(counts.Q)}`)),
    figure(t("Longest pause"), pauses.length === 0 ? t("none of 2 s") : measure(pauses[0].value, "s", 2), pauses.length ? strips.link(pauses[0].at_s) : null),
    figure(t("Atrial fibrillation or flutter"), percent(duration_s ? found.af_s / duration_s : null)),
    figure(t("Signal that could be analysed"), percent(seconds ? good / seconds : null)),
  ];
  return make("div.cards", {}, ...cards);
}

/** @returns {HTMLElement} */
function legend() {
  return make("p.note", {},
    t("The band is the heart rate; each dot is the rate of one RR interval, in the colour of its beat's class. Press to see the signal."));
}

/**
 * @param {RecordingStudy} study
 * @param {Strips} strips
 * @returns {HTMLElement}
 */
function events(study, strips) {
  const kinds = eventsOf(study, alarmName);
  if (kinds.length === 0) return section(t("Events"), make("p.note", {}, t("No alarms, runs or pauses were found.")));
  const body = make("tbody");
  const more = make("p.note");
  const buttons = kinds.map(({ title, count }, i) => {
    const button = make("button", { type: "button" }, title, make("span.count", {}, number(count)));
    button.addEventListener("click", () => show(i));
    return button;
  });
  /** @param {number} chosen */
  function show(chosen) {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === chosen)));
    const { count, events: some } = kinds[chosen];
    body.replaceChildren(...some.map(({ at_s, cells }) => make("tr", {},
      make("td", {}, strips.link(at_s)), ...cells.map((cell) => make("td", {}, cell)))));
    setText(more, count > some.length ? t("The first {n} of {all} are listed.", { n: some.length, all: count }) : "");
  }
  show(0);
  return section(t("Events"),
    make("p.note", {}, t("Alarms are those that a monitor with the limits of this ward for adults would have raised.")),
    make("div.choices", { role: "group", "aria-label": t("Kind of event") }, ...buttons),
    make("div.list", { tabindex: "0", role: "group", "aria-label": t("Events") }, make("table", {}, body)), more);
}

/**
 * @param {RecordingStudy} study
 * @returns {HTMLElement}
 */
function averages({ averages: found, leads }) {
  const lead = make("select", { "aria-label": t("Lead") }, ...leads.map((name) => make("option", { value: name }, name)));
  lead.value = BEST.find((name) => leads.includes(name)) ?? leads[0];
  const place = make("div.shapes");
  function show() {
    const range = rangeOf(found, lead.value);
    place.replaceChildren(...found.map((average) => make("figure", {},
      make("figcaption", { "data-kind": average.label }, `${average.label} ${CLASSES[average.label]()}`,
        make("span.count", {}, `n = ${number(average.count)}`)),
      drawAverage(average, lead.value, range) ?? make("p.note", {}, t("No whole beat on this lead")))));
  }
  lead.addEventListener("change", show);
  show();
  const made = section(t("Average beats"), make("p.note", {},
    t("Median of the beats of a class, with the range of eight in ten; mV over ms from the R peak.")), place);
  made.firstElementChild?.append(lead);
  return made;
}

/**
 * @param {RecordingStudy} study
 * @param {Strips} strips
 * @returns {HTMLElement}
 */
function unusual({ unusual: found }, strips) {
  if (found.length === 0) return section(t("Most unusual beats"), make("p.note", {}, t("No beat could be scored.")));
  return section(t("Most unusual beats"),
    make("p.note", {}, t("The beats of each class with the highest anomaly scores (0.5 is the threshold), on the first lead; dashed: what the autoencoder expected.")),
    make("div.shapes", {}, ...found.map((beat) => {
      const drawing = drawUnusual(beat, t("Beat of class {label} and its reconstruction", { label: beat.label }));
      drawing.dataset.kind = beat.label;
      return make("figure", {}, make("figcaption", { "data-kind": beat.label },
        `${beat.label} · ${number(beat.score, 2, 2)} `, strips.link(beat.at_s)), drawing);
    })));
}

/**
 * @param {StudyFigures} figures
 * @param {Strips} strips
 * @returns {HTMLElement}
 */
function intervals({ intervals: found, hrv }, strips) {
  /** @param {number | null | undefined} value */
  const told = (value) => (value === null || value === undefined ? "–" : milliseconds(value));
  const longest = found.longest_qtc;
  /** @type {[string, string | HTMLElement][]} */
  const rows = [
    [t("PR interval"), told(found.pr_ms)], [t("QRS width"), told(found.qrs_ms)], [t("QT interval"), told(found.qt_ms)],
    [t("QTc (Fridericia)"), told(found.qtc_ms)],
    [t("Longest QTc"), longest === null ? "–" : make("span", {}, `${told(longest.value)} · `, strips.link(longest.at_s))],
    ["SDNN", told(hrv?.sdnn_ms)], ["RMSSD", told(hrv?.rmssd_ms)],
  ];
  return section(t("Intervals"),
    make("p.note", {}, t("Medians over averages of normal beats; heart rate variability needs five minutes.")),
    table([], rows));
}

/**
 * @param {StudyReference} reference
 * @returns {HTMLElement}
 */
function comparison({ beats, from_s, qrs, veb, sveb, confusion }) {
  /** @type {[string, StudyScore | null][]} */
  const kinds = [[t("All beats"), qrs], [t("Ventricular ectopic"), veb], [t("Supraventricular ectopic"), sveb]];
  const rows = kinds.map(([name, score]) => (score === null ? [name, t("not scored: paced"), "", ""] : [
    name, percent(score.se, 2), percent(score.ppv, 2), ltr(`${number(score.tp)} · ${number(score.fn)} · ${number(score.fp)}`)]));
  return section(t("Against the file's own annotations"),
    make("p.note", {}, from_s > 0
      ? t("{n} beats are annotated; the first {span} do not count (EC57).", { n: number(beats), span: clock(from_s) })
      : t("{n} beats are annotated.", { n: number(beats) })),
    table(["", t("Sensitivity"), t("Positive predictivity"), t("Found · missed · extra")], rows),
    make("h3", {}, t("Annotated class (rows) and class found (columns)")), confusionTable(confusion));
}

/**
 * @param {StudyTwelve} twelve
 * @returns {HTMLElement}
 */
function twelveLeads({ error, labels, decisions, thresholds, titles, quality, judged_s }) {
  const title = t("Twelve leads");
  if (error !== undefined) return section(title, make("p.note", {}, error));
  const rows = Object.entries(labels).map(([label, share]) => ({ label, share, said: decisions.includes(label) }))
    .sort((a, b) => Number(b.said) - Number(a.said) || b.share / thresholds[b.label] - a.share / thresholds[a.label]);
  return section(title,
    make("p", {}, decisions.length === 0 ? t("No finding reaches its threshold: that does not make it a normal ECG.")
      : t("Findings: {names}", { names: decisions.map((label) => t(titles[label])).join(", ") })),
    make("table.findings", {}, make("tbody", {}, ...rows.map(({ label, share, said }) => {
      const bar = make("meter", { min: 0, max: 1, value: share, "aria-label": t(titles[label]) });
      const row = make("tr", {}, make("td", {}, t(titles[label])), make("td", {}, bar), make("td", {}, percent(share, 0)),
        make("td", {}, said ? t("finding") : t("under its threshold of {n}", { n: percent(thresholds[label], 0) })));
      if (said) row.dataset.said = "";
      return row;
    }))),
    make("p.note", {}, [t("Judged by a network on the first {span}; it knows these labels and no others.", { span: clock(judged_s) }),
      ...quality.notes].join(" · ")));
}
