// What can be taken of a record, and how an export is, in words: plain functions, no element is touched.

import { number, t } from "../base/i18n.js";

/**
 * Whether an interval is short enough for a format.
 * @param {Pick<ExportSpan, "from" | "to">} span
 * @param {number | null} longest s; null: any is
 * @returns {boolean}
 */
export function fits({ from, to }, longest) {
  return to > from && (longest === null || to - from <= longest + 1e-3);
}

/**
 * An interval as far as something is recorded; null without any of it.
 * @param {[from: number, to: number][]} recorded in order of time
 * @param {number} from
 * @param {number} to
 * @returns {[from: number, to: number] | null}
 */
export function within(recorded, from, to) {
  const inside = recorded.filter(([begin, end]) => begin < to && end > from);
  if (inside.length === 0) return null;
  return [Math.max(from, inside[0][0]), Math.min(to, inside[inside.length - 1][1])];
}

/**
 * How an export is, in words; empty once its files are there.
 * @param {ExportJob} one
 * @param {number} workers
 * @returns {string}
 */
export function exportState({ state, error, progress, ahead }, workers) {
  if (state === "failed") return t("failed: {why}", { why: error ?? "" });
  if (state === "finished") return "";
  if (state === "running") return t("being written: {n} %", { n: number(100 * progress) });
  if (workers === 0) return t("waits: no worker is running");
  return ahead ? t("waits: {n} before it", { n: ahead }) : t("waits: next");
}
