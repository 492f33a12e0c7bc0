// Histograms of delays as bars: what came within the last minute, stage by stage.

import { make, setText } from "../base/dom.js";
import { ltr, measure, number, t } from "../base/i18n.js";

const WINDOW_MS = 60000;

/** Counts per bin of the last minute, from counts since the beginning that are read now and then. */
export class RecentCounts {
  constructor() {
    /** @type {{at: number, counts: number[]}[]} */
    this.readings = []; // {at, counts}, oldest first
  }

  /**
   * Take a reading; returns the counts since the oldest reading within the window.
   * @param {number[]} counts
   * @param {number} at ms
   * @returns {number[]}
   */
  take(counts, at) {
    const last = this.readings.at(-1);
    // Fewer than before: whoever counts was started anew.
    if (last !== undefined && counts.some((count, bin) => count < last.counts[bin])) {
      this.readings = [];
    }
    this.readings.push({ at, counts });
    while (this.readings.length > 2 && this.readings[1].at <= at - WINDOW_MS) this.readings.shift();
    const first = this.readings[0].counts;
    return this.readings.length === 1 ? counts : counts.map((count, bin) => count - first[bin]);
  }
}

/**
 * Upper bound of the bin below which a `share` of the counts lies; null if there are none.
 * @param {number[]} bounds s
 * @param {number[]} counts
 * @param {number} share
 * @returns {number | null}
 */
export function quantile(bounds, counts, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [bin, count] of counts.entries()) {
    seen += count;
    if (seen >= share * total) return bounds[bin] ?? Infinity;
  }
  return Infinity;
}

/** A row of bars with its title, its median and 99 %, and a scale below. */
export class DelayBars {
  /**
   * @param {string} title
   * @param {string} explained
   */
  constructor(title, explained) {
    this.figures = make("p");
    this.bars = make("div.bars", { role: "img" });
    this.scale = make("div.bar-scale", { "aria-hidden": "true" });
    this.title = title;
    this.element = make("div.delay", {},
      make("h3", {}, title, make("span", {}, explained)), this.figures, this.bars, this.scale);
  }

  /**
   * @param {number[]} bounds
   * @param {number[]} counts
   */
  show(bounds, counts) {
    const most = Math.max(1, ...counts);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (this.bars.childElementCount !== counts.length) {
      this.bars.replaceChildren(...counts.map(() => make("i")));
      this.scale.replaceChildren(...counts.map((_, bin) => make("span", {}, tick(bounds, bin))));
    }
    for (const [bin, count] of counts.entries()) {
      const bar = /** @type {HTMLElement} */ (this.bars.children[bin]);
      bar.style.height = `${count === 0 ? 0 : Math.max(4, 100 * count / most)}%`;
      bar.title = ltr(`${binText(bounds, bin)}: ${number(count)}`);
    }
    const [median, high] = [quantile(bounds, counts, 0.5), quantile(bounds, counts, 0.99)];
    const figures = median === null || high === null ? t("nothing in the last minute")
      : t("median {median} · 99 % {high} · {n} in the last minute", {
        median: within(median, bounds),
        high: within(high, bounds), n: number(total),
      });
    setText(this.figures, figures);
    this.bars.setAttribute("aria-label", `${this.title}: ${figures}`);
  }
}

/**
 * @param {number} bound
 * @param {number[]} bounds
 * @returns {string}
 */
function within(bound, bounds) {
  if (bound === Infinity) return ltr(`> ${seconds(bounds[bounds.length - 1])}`);
  return ltr(`≤ ${seconds(bound)}`);
}

/**
 * @param {number} value
 * @returns {string}
 */
function seconds(value) {
  return value < 1 ? measure(value * 1000, "ms") : measure(value, "s");
}

/**
 * @param {number[]} bounds
 * @param {number} bin
 * @returns {string}
 */
function tick(bounds, bin) {
  if (bin === bounds.length) return ltr("…");
  const bound = bounds[bin];
  return ltr(bound < 1 ? number(bound * 1000) : `${number(bound, 1)} s`);
}

/**
 * @param {number[]} bounds
 * @param {number} bin
 * @returns {string}
 */
function binText(bounds, bin) {
  return bin === bounds.length ? `> ${seconds(bounds[bounds.length - 1])}` : `≤ ${seconds(bounds[bin])}`;
}
