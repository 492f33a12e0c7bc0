// The strip of an alarm with the rule and the numbers that decided, and how to save it.

import { make } from "../base/dom.js";
import { ltr, number, t } from "../base/i18n.js";
import { alarmTitle, timeOfDay } from "../base/words.js";
import { NotThere, address, look } from "./history.js";
import { drawStrip } from "./strip.js";

const EVERY_MS = 3000;
const MOST_TRIES = 8; // a strip is complete some ten seconds after the onset

/**
 * Draw the evidence of an alarm into `place`; what went wrong is said there.
 * @param {HTMLElement} place
 * @param {string} device the bed under which it is kept
 * @param {Pick<Alarm, "id" | "kind" | "lead" | "onset_at" | "raised_at">} alarm
 * @param {() => boolean} isWanted whether it is still the one that is looked at
 * @param {((beat: AskedBeat) => void) | null} explain asked why a beat is of its class
 */
export async function showEvidence(place, device, alarm, isWanted, explain = null) {
  let tries = 0;
  while (await show(place, device, alarm, isWanted, explain) && tries < MOST_TRIES && isWanted()) {
    tries += 1;
    await new Promise((resolve) => { setTimeout(resolve, EVERY_MS); });
  }
}

/**
 * Draw the evidence once; returns whether it may still come, since a strip holds the seconds after
 * the onset too.
 * @param {HTMLElement} place
 * @param {string} device
 * @param {Pick<Alarm, "id" | "kind" | "lead" | "onset_at" | "raised_at">} alarm
 * @param {() => boolean} isWanted
 * @param {((beat: AskedBeat) => void) | null} explain
 * @returns {Promise<boolean>}
 */
async function show(place, device, alarm, isWanted, explain) {
  const head = make("h3", {}, t("{alarm}, {time}", {
    alarm: alarmTitle(alarm), time: timeOfDay(alarm.onset_at ?? alarm.raised_at) }));
  try {
    /** @type {Evidence} */
    const evidence = await look(device, "evidence", { id: alarm.id });
    if (!isWanted()) return false;
    const start = evidence.onset_at === null ? null
      : evidence.onset_at - evidence.onset_n / evidence.fs;
    place.replaceChildren(head, ...why(evidence),
      evidence.leads.length === 0 ? make("p.note", {}, t("There was no signal"))
        : drawStrip(evidence, { mark: evidence.onset_n, onBeat: start === null || explain === null ? null
          : ({ n, label }) => explain({ boot: evidence.boot, n, label, at: start + n / evidence.fs }) }),
      make("p.links", {}, link("JSON", "evidence", device, alarm.id), link("FHIR", "fhir", device, alarm.id)));
  } catch (error) {
    if (!isWanted()) return false;
    const mayCome = error instanceof NotThere;
    place.replaceChildren(head, make("p.note", {}, mayCome
      ? t("The strip of a new alarm comes within seconds; one that is old is kept no longer.")
      : /** @type {Error} */ (error).message),
    make("p.links", {}, link("FHIR", "fhir", device, alarm.id)));
    return mayCome;
  }
  return false;
}

/**
 * @param {string} name
 * @param {string} what
 * @param {string} device
 * @param {string} id
 * @returns {HTMLElement}
 */
function link(name, what, device, id) {
  const file = `${id.replaceAll("/", "-")}${what === "fhir" ? ".fhir" : ""}.json`;
  return make("a", { href: address(device, what, { id }), download: file },
    t("Save as {format}", { format: name }));
}

/**
 * Digits after the point that are worth reading, by unit; of others two.
 * @type {Record<string, number>}
 */
const DIGITS = { bpm: 1, ms: 0 };

/**
 * A number of a rule, in the unit that the rule names.
 * @param {number} value
 * @param {string} rule
 * @returns {string}
 */
export function amount(value, rule) {
  const [, unit = ""] = rule.match(/, (s|ms|mV|bpm)(?![\w/])/) ?? [];
  return ltr(`${number(value, DIGITS[unit] ?? 2)} ${unit}`.trim());
}

/**
 * The rule and its numbers.
 * @param {Evidence} evidence
 * @returns {HTMLElement[]}
 */
function why({ rule, value, limit }) {
  const parts = [make("span", {}, t(rule))];
  if (value !== null) parts.push(make("span", {}, t("value {value}", { value: amount(value, rule) })));
  if (limit !== null) parts.push(make("span", {}, t("limit {limit}", { limit: amount(limit, rule) })));
  return [make("p.why", {}, ...parts)];
}
