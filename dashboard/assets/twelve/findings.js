// The panel beside the sheet: what the network says of the ten seconds, how sure, and what it means.

import { make } from "../base/dom.js";
import { clockTime, ltr, measure, number, t } from "../base/i18n.js";
import { poor, ranked } from "./results.js";

/** @type {Record<string, string>} */
const REASONS = {
  few_leads: t("Not judged live: too few leads show anything."),
  contradictory: t("Not judged live: the limb leads contradict each other; names or electrodes may be swapped."),
  voltage: t("Not judged live: no heart makes such voltages."),
  slow: t("Not judged live: the device sends fewer than 100 samples a second."),
};

/**
 * The panel of an answer; `choose(label)` is called when a row is pressed.
 * @param {Findings} found
 * @param {string} chosen label whose meaning is told
 * @param {LabelWords} words
 * @param {(label: string) => void} choose
 * @returns {HTMLElement[]}
 */
export function panel(found, chosen, words, choose) {
  const rows = ranked(found.labels).map((row) => labelRow(row, chosen, words, choose));
  const first = rows.findIndex((row) => row.dataset.decided === undefined);
  const shown = /** @type {LabelResult} */ (found.labels.find(({ label }) => label === chosen));
  return [
    make("p.note.research", {}, t("Research software. A probability is no diagnosis.")),
    ...live(found),
    make("div.labels", {}, ...rows.slice(0, first), ...(first > 0 ? [make("hr")] : []), ...rows.slice(first)),
    make("section.meaning", {}, make("h3", {}, `${chosen} · ${words[chosen]?.name ?? ""}`),
      make("p", {}, words[chosen]?.meaning ?? ""), score(shown)),
    used(found),
  ];
}

/**
 * A label with its probability: a bar, the mark of the threshold, the range with one lead fewer.
 * @param {LabelResult} row
 * @param {string} chosen
 * @param {LabelWords} words
 * @param {(label: string) => void} choose
 * @returns {HTMLButtonElement}
 */
function labelRow({ label, probability, threshold, decided, low, high, test }, chosen, words, choose) {
  const name = words[label]?.name ?? label;
  const percent = measure(100 * probability, "%");
  const values = { name, percent, threshold: measure(100 * threshold, "%"),
    low: measure(100 * low, "%"), high: measure(100 * high, "%") };
  const text = decided ? t("{name}: {percent}, found from {threshold} on; {low} to {high} with one lead fewer", values)
    : t("{name}: {percent}, not found (from {threshold} on); {low} to {high} with one lead fewer", values);
  const fill = make("span.fill");
  const range = make("span.range");
  const mark = make("span.threshold");
  fill.style.width = share(probability);
  range.style.left = share(low);
  range.style.width = share(high - low);
  mark.style.left = share(threshold);
  const button = make("button.label-row", { type: "button", "data-label": label, title: text,
    "aria-pressed": chosen === label ? "true" : "false", "aria-label": text },
  make("span.code", {}, label), make("span.track", {}, fill, range, mark),
  make("span.percent", {}, percent), make("span.label-name", {}, poor(test) ? `${name} · ${t("seldom right")}` : name));
  if (decided) button.dataset.decided = "";
  button.addEventListener("click", () => choose(label));
  return button;
}

/** @param {number} part */
function share(part) {
  return `${(100 * Math.min(1, Math.max(0, part))).toFixed(1)}%`;
}

/**
 * What the detector holds to be present over several windows, or why it did not judge.
 * @param {Findings} found
 * @returns {HTMLElement[]}
 */
function live({ live: told }) {
  if (told === null) return [];
  /** @type {Map<string, string[]>} */
  const since = new Map();
  for (const [label, at] of Object.entries(told.present)) {
    const time = clockTime(at);
    since.set(time, [...since.get(time) ?? [], label]);
  }
  const lines = [...since].map(([time, labels]) => t("Lasting since {time}: {labels}",
    { time, labels: ltr(labels.join(", ")) }));
  if (told.reason !== null && told.reason in REASONS) lines.push(REASONS[told.reason]);
  return lines.map((line) => make("p.present", {}, line));
}

/**
 * How good the network was at the label on recordings that it had never seen.
 * @param {LabelResult} row
 * @returns {HTMLElement}
 */
function score({ test, threshold }) {
  const { auc, f1, positives, windows } = test;
  const values = { windows: number(windows), positives: number(positives), auc: number(auc, 2, 2),
    f1: f1 === null ? "–" : number(f1, 2, 2), threshold: measure(100 * threshold, "%") };
  const text = t("Tested on {windows} recordings that it had never seen, {positives} of them with it: AUC {auc} (0.5 is chance, 1 perfect), F1 {f1} at the threshold of {threshold}.", values);
  return make("p.note", {}, poor(test) ? `${text} ${t("At this label it is hardly better than chance.")}` : text);
}

/**
 * What was looked at.
 * @param {Findings} found
 * @returns {HTMLElement}
 */
function used(found) {
  const { network, leads, derived, missing, flat, gaps, contradictory, voltage_known: voltage } = found;
  /** @param {string[]} names */
  const list = (names) => ltr(names.join(", "));
  const lines = [t("{network} looked at {leads}.", { network, leads: list(leads) })];
  if (derived.length > 0) lines.push(t("Calculated from other leads: {leads}.", { leads: list(derived) }));
  if (missing.length > 0) lines.push(t("Without {leads}: less sure than with all leads.", { leads: list(missing) }));
  if (flat.length > 0) lines.push(t("Flat: {leads}.", { leads: list(flat) }));
  const holes = Object.entries(gaps).map(([name, part]) => `${name} ${measure(100 * part, "%")}`);
  if (holes.length > 0) lines.push(t("Share without a value: {leads}.", { leads: list(holes) }));
  if (contradictory) lines.push(t("The limb leads contradict each other: names or electrodes may be swapped, and nothing here can be relied on."));
  if (!voltage) lines.push(t("Voltages are not known: hypertrophy and ST are judged by shape alone."));
  lines.push(t("Age and sex were not known to it."));
  const place = make("section.used", {}, make("h3", {}, t("What was used")));
  for (const line of lines) place.append(make("p.note", {}, line));
  return place;
}

/**
 * Say in the panel why there is no answer; what stands between backticks is for a terminal.
 * @param {HTMLElement} place
 * @param {string} text
 */
export function sayNone(place, text) {
  const parts = text.split("`").map((part, i) => (i % 2 === 1 ? make("code", {}, part) : part));
  place.replaceChildren(make("p.note", { role: "status" }, ...parts));
}
