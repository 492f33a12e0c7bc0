// Words and numbers of the page Analyze.

import { ltr, number, t, tn } from "../base/i18n.js";

/** @type {Record<string, () => string>} */
export const CLASSES = {
  N: () => t("Normal"), S: () => t("Supraventricular"), V: () => t("Ventricular"),
  F: () => t("Fusion"), Q: () => t("Paced or unclassifiable"),
  normal: () => t("Normal"), abnormal: () => t("Abnormal"),
  O: () => t("No beat"), X: () => t("Unreadable"),
};
/** @type {Record<string, () => string>} */
const EXAMPLES = {
  ectopy: () => t("Ventricular runs"),
  fibrillation: () => t("Atrial fibrillation"),
  twelve: () => t("Twelve leads, bundle branch block"),
};

/** Names of the examples, in the order in which they are offered. */
export const EXAMPLE_NAMES = Object.keys(EXAMPLES);

/**
 * @param {string} name
 * @returns {string}
 */
export function exampleName(name) {
  return EXAMPLES[name]?.() ?? name;
}

/**
 * What a job is called: an example by its name in the reader's language.
 * @param {StudyJob} job
 * @returns {string}
 */
export function jobName({ name, example }) {
  return example === null ? name : exampleName(example);
}

/**
 * How a job is, in words.
 * @param {StudyJob} job
 * @param {number} workers
 * @returns {string}
 */
export function stateText(job, workers) {
  if (job.state === "failed") return t("failed: {why}", { why: job.error ?? "" });
  if (job.state === "finished") return t("done");
  if (job.state === "running") return t("being analysed: {n} %", { n: number(100 * job.progress) });
  if (workers === 0) return t("waits: no worker is running");
  return job.ahead ? t("waits: {n} before it", { n: job.ahead }) : t("waits: next");
}

/**
 * A time within a recording: m:ss, or h:mm:ss.
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/**
 * A share of 0 to 1 in percent; a dash where there is none.
 * @param {number | null} share
 * @param {number} digits
 * @returns {string}
 */
export function percent(share, digits = 1) {
  return share === null ? "–" : ltr(`${number(100 * share, digits, digits)} %`);
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function sizeText(bytes) {
  return ltr(bytes < 1e6 ? `${number(Math.max(1, bytes / 1e3))} kB` : `${number(bytes / 1e6, 1)} MB`);
}

/**
 * What one can go to, by kind; only kinds of which there is one.
 * @param {RecordingStudy} study
 * @param {(kind: string) => string} nameOf names an alarm
 * @returns {{ title: string, count: number, events: StudyEvent[] }[]}
 */
export function eventsOf({ alarms, alarm_count, figures }, nameOf) {
  /** @param {StudyRun[]} runs */
  const told = (runs) => runs.map(({ at_s, beats, bpm }) => ({
    at_s, cells: [tn("{n} beat", "{n} beats", beats), t("{n} bpm", { n: number(bpm) })],
  }));
  const all = [
    { title: t("Alarms"), count: alarm_count, events: alarms.map(({ kind, onset_s, cleared_s }) => ({
      at_s: onset_s,
      cells: [nameOf(kind), cleared_s === null ? t("to the end") : t("for {span}", { span: clock(cleared_s - onset_s) })],
    })) },
    { title: t("Ventricular runs"), count: figures.ventricular_count, events: told(figures.ventricular) },
    { title: t("Couplets"), count: figures.couplet_count, events: told(figures.couplets) },
    { title: t("Supraventricular runs"), count: figures.supraventricular_count, events: told(figures.supraventricular) },
    { title: t("Pauses of 2 s and more"), count: figures.pause_count, events: figures.pauses.map(({ value, at_s }) => ({
      at_s, cells: [t("{n} s", { n: number(value, 2, 2) }), ""],
    })) },
  ];
  return all.filter(({ count }) => count > 0);
}
