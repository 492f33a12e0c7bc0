// Bars of the list of alarms: how many over time, and of each bed or kind.

import { make } from "../base/dom.js";
import { LOCALE, ZONE, number, t, tn } from "../base/i18n.js";
import { frame, svg } from "../charts/svg.js";
import { duration, priorityName } from "../base/words.js";
import { recentTime } from "../charts/zone.js";
import { PRIORITIES } from "./burden.js";

const WIDTH = 640;
const HEIGHT = 150;
const MOST_ROWS = 12;
const clock = new Intl.DateTimeFormat(LOCALE,
  { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Alarms over time, the gravest at the bottom. */
export class TimeBars {
  constructor() {
    this.element = make("div.time-bars");
  }

  /**
   * @param {Record<Priority, number>[]} parts
   * @param {number} since Unix s
   * @param {number} now Unix s
   */
  show(parts, since, now) {
    const most = Math.max(4, ...parts.map((part) => sum(part)));
    const label = t("Alarms over time, at most {n} at a time", { n: number(Math.max(...parts.map(sum))) });
    const plot = frame({ width: WIDTH, height: HEIGHT, x: [since, now], y: [0, most], label,
      xText: (at) => clock.format(at * 1000), yText: (value) => number(value), left: 30, right: 24, yTicks: 4,
      xAt: [0, 1, 2, 3, 4].map((part) => since + part * (now - since) / 4) });
    const step = (now - since) / parts.length;
    for (const [place, part] of parts.entries()) {
      const from = plot.x(since + place * step) + 1;
      const width = plot.x(since + (place + 1) * step) - from - 1;
      let below = 0;
      for (const priority of PRIORITIES) {
        if (part[priority] === 0) continue;
        const top = plot.y(below + part[priority]);
        const bar = svg("rect.bar", { x: from, width, y: top, height: plot.y(below) - top, "data-priority": priority });
        bar.append(svg("title", {}, `${recentTime(since + place * step)}: ${number(part[priority])} ${priorityName(priority)}`));
        plot.element.append(bar);
        below += part[priority];
      }
    }
    this.element.replaceChildren(plot.element);
  }
}

/** Alarms of each bed, or of each kind, as bars that choose it. */
export class Shares {
  /**
   * @param {string} title
   * @param {(name: string) => void} choose
   */
  constructor(title, choose) {
    this.choose = choose;
    this.body = make("tbody");
    this.element = make("div", {}, make("h2", {}, title), make("table.share-table", {},
      make("thead", {}, make("tr", {}, ...[t("Name"), t("Count"), t("Present for"), ""].map(
        (name, i) => make(i === 1 || i === 2 ? "th.number" : "th", { scope: "col" }, name)))), this.body));
  }

  /**
   * @param {AlarmShare[]} shares the most frequent first
   * @param {(name: string) => string} text
   * @param {string} chosen
   */
  show(shares, text, chosen) {
    const most = Math.max(1, ...shares.map((one) => one.count));
    const rows = shares.slice(0, MOST_ROWS).map((one) => {
      const button = make("button.link", { type: "button", "aria-pressed": String(one.name === chosen) }, text(one.name));
      button.addEventListener("click", () => this.choose(one.name));
      const bar = make("div.share-bar", { "aria-hidden": "true" });
      for (const priority of PRIORITIES) {
        if (one.counts[priority] === 0) continue;
        const part = make("i", { "data-priority": priority, title: `${number(one.counts[priority])} ${priorityName(priority)}` });
        part.style.width = `${100 * one.counts[priority] / most}%`;
        bar.append(part);
      }
      return make("tr", {}, make("td", {}, make("bdi", {}, button)), make("td.number", {}, number(one.count)),
        make("td.number", {}, duration(one.present_s)), make("td.share-cell", {}, bar));
    });
    const rest = shares.length - MOST_ROWS;
    if (rest > 0) rows.push(make("tr", {}, make("td", { colspan: "4" }, tn("{n} more", "{n} more", rest))));
    this.body.replaceChildren(...rows);
  }
}

/**
 * @param {Record<Priority, number>} part
 * @returns {number}
 */
function sum(part) {
  return PRIORITIES.reduce((total, priority) => total + part[priority], 0);
}
