// Why a beat was called what it was called: answered by the explainer from the kept signal.

import { make } from "../base/dom.js";
import { drawBeat, drawRebuilt } from "./explainplots.js";
import { look } from "./history.js";
import { ltr, measure, number, signed, t } from "../base/i18n.js";
import { svg } from "./svg.js";
import { ALARMS } from "../base/vocabulary.js";
import { milliseconds, timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */

const SURE = 0.01; // a change of probability below one in a hundred is none

export class Explain {
  /**
   * `back()` returns to where the beat was chosen.
   * @param {Bed} bed
   * @param {() => void} back
   */
  constructor(bed, back) {
    this.bed = bed;
    this.back = back;
  }

  /**
   * Explain {boot, n, at, label} in `panel`; returns how to close it.
   * @param {HTMLElement} panel
   * @param {AskedBeat} beat
   * @returns {() => void}
   */
  open(panel, beat) {
    let open = true;
    const close = make("button", { type: "button" }, t("Close"));
    close.addEventListener("click", this.back);
    const head = make("h2", { tabindex: "-1" }, t("Why is the beat at {time} called {label}?",
      { time: timeOfDay(beat.at), label: beat.label ?? "–" }));
    const body = make("div.explain", { "aria-live": "polite" },
      make("p.note", {}, t("The kept signal is being analysed once more …")));
    panel.replaceChildren(make("div.panel-head", {}, head, close), body);
    head.focus({ preventScroll: true });
    look(this.bed.info.device, "explain", { boot: beat.boot, n: beat.n, at: beat.at })
      .then((answer) => { if (open) body.replaceChildren(...sections(answer)); })
      .catch((error) => {
        if (!open) return;
        body.replaceChildren(make("p.lacking", {}, t("This beat cannot be explained")),
          make("p.note", {}, error.message));
      });
    return () => { open = false; };
  }
}

/**
 * @param {Explanation} answer
 * @returns {HTMLElement[]}
 */
function sections(answer) {
  const shaded = answer.saliency === null ? []
    : [make("p.note", {}, t("Shaded: where the class hangs on the signal (what its log odds lose when that stretch is the normal one; occlusion after Zeiler and Fergus 2014)."))];
  return [
    make("section.summary", {}, ...summary(answer)),
    make("div.basis", {},
      make("section", {}, make("h3", {}, t("Class probabilities")), bars(answer)),
      make("section", {}, make("h3", {}, t("Timing")), timing(answer.rr)),
      make("section", {}, make("h3", {}, t("Anomaly")), ...anomaly(answer))),
    make("div.drawings", {},
      ...answer.leads.map((_, lead) => make("section", {}, ...shape(answer, lead))),
      ...(answer.rebuilt === null ? [] : [make("section", {}, ...rebuilt(answer, answer.rebuilt))])),
    ...shaded,
    make("p.note", {}, t("Told from the {n} s of signal kept before this beat, analysed once more by the same code. What was known live may have gone back further.", { n: number(answer.context_s) })),
  ];
}

/**
 * What the class hangs on, in words.
 * @param {Explanation} answer
 * @returns {HTMLElement[]}
 */
function summary(answer) {
  const { label, paced, rhythm, probabilities, told, usual_shape: shaped, usual_timing: timed } = answer;
  const lines = [];
  const own = probabilities[label];
  if (told !== null && told.label !== label) {
    lines.push(t("Live it was called {told}; from the kept signal alone it is {label}.", { told: told.label, label }));
  }
  if (paced) lines.push(t("A pacemaker pulse came just ahead of it: that makes it a paced beat."));
  const reason = rhythm && ALARMS[rhythm]?.no_premature;
  if (label === "N" && reason) lines.push(reason);
  if (timed !== null) lines.push(changed(t("Had it come on time"), timed, label, own));
  if (shaped !== null) lines.push(changed(t("Had it looked like the patient's normal beat"), shaped, label, own));
  return lines.map((text) => make("p", {}, text));
}

/**
 * @param {string} start
 * @param {Probabilities} other
 * @param {BeatLabel} label
 * @param {number} own
 * @returns {string}
 */
function changed(start, other, label, own) {
  const [best, most] = Object.entries(other).sort((a, b) => b[1] - a[1])[0];
  /** @param {number} share */
  const percent = (share) => measure(100 * share, "%");
  if (best !== label) {
    return t("{start}, it would be {best} ({percent}).", { start, best, percent: percent(most) });
  }
  if (Math.abs(other[label] - own) < SURE) return t("{start}, nothing would change.", { start });
  return t("{start}, it would still be {label}, with {percent}.", { start, label, percent: percent(other[label]) });
}

/**
 * @param {Explanation} answer
 * @returns {HTMLElement}
 */
function bars({ probabilities }) {
  return make("div.class-bars", {}, ...Object.entries(probabilities).map(([label, share]) => make("div", {},
    make("span", { "data-kind": label }, label),
    make("meter", { min: 0, max: 1, value: share, "aria-label": label, "data-kind": label }),
    make("span", {}, measure(100 * share, "%", 1)))));
}

/**
 * @param {Explanation["rr"]} rr
 * @returns {HTMLElement}
 */
function timing({ last_s: last, next_s: next, mean10_s: ten, mean300_s: long }) {
  /** @param {number | null} seconds */
  const ms = (seconds) => (seconds === null ? "–" : milliseconds(seconds * 1000));
  /** @param {number | null} seconds */
  const against = (seconds) => (seconds === null || long === null ? ""
    : ltr(`${signed(100 * (seconds / long - 1))} %`));
  /** @type {(name: string, value: string, more?: string) => HTMLElement} */
  const row = (name, value, more = "") => make("tr", {}, make("th", { scope: "row" }, name),
    make("td", {}, value), make("td.note", {}, more));
  return make("table", {}, make("tbody", {},
    row(t("RR before"), ms(last), against(last)), row(t("RR after"), ms(next), against(next)),
    row(t("mean of 10"), ms(ten)), row(t("mean of 5 min"), ms(long))));
}

/**
 * @param {Explanation} answer
 * @returns {(HTMLElement | SVGElement)[]}
 */
function anomaly({ anomaly: score, anomalies }) {
  if (score === null) return [make("p.note", {}, t("The first lead was of no use"))];
  const { histogram, below, count } = anomalies;
  const most = Math.max(1, ...histogram);
  const width = 200 / histogram.length;
  const drawing = svg("svg.chart", { viewBox: "-5 0 210 84", role: "img",
    "aria-label": t("Anomaly scores of this patient's beats") },
  ...histogram.map((n, i) => svg("rect.bin", { x: i * width + 0.5, width: width - 1,
    y: 66 - 60 * Math.sqrt(n / most), height: 60 * Math.sqrt(n / most) })),
  svg("line.rule", { x1: 0, x2: 200, y1: 66, y2: 66 }),
  svg("line.threshold", { x1: 100, x2: 100, y1: 2, y2: 66 }),
  svg("path.here", { d: `M${200 * score} 66l-5 9h10z` }),
  ...(score > 0.12 ? [svg("text.tick.x", { x: 8, y: 80 }, "0")] : []),
  ...(score < 0.88 ? [svg("text.tick.x", { x: 192, y: 80 }, "1")] : []));
  return [
    make("p", {}, make("strong", {}, number(score, 2, 2)), " ", score >= 0.5
      ? t("unusual for this patient") : t("usual for this patient")),
    drawing,
    make("p.note", {}, below === null ? t("No beats before it to compare with")
      : t("{share} of the {count} beats before it scored lower; the line is the threshold.",
        { share: measure(100 * below, "%"), count: number(count) }))];
}

/**
 * @param {Explanation} answer
 * @param {number} lead
 * @returns {(HTMLElement | SVGElement)[]}
 */
function shape(answer, lead) {
  const { normal } = answer;
  return [
    make("h3", {}, t("Lead {name}: this beat and the patient's normal one", { name: answer.leads[lead] })),
    drawBeat(answer, lead),
    make("p.note", {}, normal === null ? t("No normal beat has been seen before it in the kept signal")
      : t("Line: this beat. Band: the middle four fifths of {n} normal beats before it, and their median.", { n: number(normal.count) }))];
}

/**
 * @param {Explanation} answer
 * @param {Rebuilt} found
 * @returns {(HTMLElement | SVGElement)[]}
 */
function rebuilt(answer, found) {
  const { error, usual, spread } = found;
  return [
    make("h3", {}, t("Lead {name}: what the autoencoder expected", { name: answer.leads[0] })),
    drawRebuilt(answer, found),
    make("p.note", {}, t("Line: this beat. Dashed: rebuilt by the autoencoder. Below: what is left over. Its error is {error} of the normal beat's size; {usual} ± {spread} is usual for this patient.",
      { error: number(error, 2, 2), usual: number(usual, 2, 2), spread: number(spread, 2, 2) }))];
}
