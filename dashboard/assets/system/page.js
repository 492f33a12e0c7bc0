// The system page: delays to the screen, lag of the analysis, what was accepted and refused.

import { DelayBars } from "./delaybars.js";
import { make } from "../base/dom.js";
import { binned } from "../stream/histogram.js";
import { byName, measure, number, t } from "../base/i18n.js";
import { framesPerSecond } from "../base/loop.js";
import { SystemFigures, row, section, table } from "./figures.js";
import { connectionName, milliseconds, timeOfDay } from "../base/words.js";

/** @import { Bed } from "../stream/bed.js" */
/** @import { Station } from "../stream/station.js" */

const SCREEN_BOUNDS_S = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2];

/** @returns {Subscription} */
export function subscription() {
  return { beds: "all", leads: 1, history_s: 0, system: true };
}

/**
 * @param {HTMLElement} element
 * @param {Station} station
 */
export function mount(element, station) {
  const summary = make("div.cards");
  const screen = new DelayBars(t("Sample to screen"), t("as this browser measures it"));
  const figures = new SystemFigures(screen.element);
  const devices = make("tbody");
  const refusals = make("tbody");
  element.append(
    make("h1", {}, t("System")), summary,
    ...figures.elements,
    section(t("Devices"), make("div", {}, make("p", {}, make("a", { href: "/devices" },
      t("Battery, firmware and refused packets of each device"))), table([t("Device"), t("State"), t("Packets"), t("Refused"),
      t("Samples missing"), t("Late"), t("Repeated"), t("Not followed"),
      t("Delay p50"), t("Delay p99")], devices))),
    section(t("Last refused packets"), table([t("Time"), t("Device"), t("Reason")], refusals)));

  station.addEventListener("system", () => {
    const { system, status } = station;
    if (system === null) return;
    summary.replaceChildren(
      card(t("Frames per second"), count(framesPerSecond())),
      card(t("Sample to screen, median"), milliseconds(station.delay(0.5))),
      card(t("Sample to screen, 99 %"), milliseconds(station.delay(0.99))),
      card(t("Analysis behind"), seconds(status?.behind_s ?? null)),
      card(t("Packets shown"), count(status?.packets ?? null)),
      card(t("Open pages"), count(status?.clients ?? null)),
      card(t("Frames dropped"), count(system.dropped)),
      card(t("Entries unreadable"), count(system.unreadable)));
    screen.show(...binned([...station.beds.values()].map((bed) => bed.delays), SCREEN_BOUNDS_S));
    const counts = countsByDevice(system.counters);
    const beds = new Map([...station.beds.values()].map((bed) => [bed.info.device, bed]));
    const names = [...new Set([...beds.keys(), ...counts.keys()])]
      .sort(byName);
    devices.replaceChildren(...names.map((name) => deviceRow(
      name, beds.get(name), counts.get(name) ?? {})));
    const refused = system.partitions.flatMap((one) => one.refusals)
      .sort((a, b) => b.at - a.at).slice(0, 20);
    refusals.replaceChildren(...refused.map((one) => row(timeOfDay(one.at), one.device, one.error)));
    if (refused.length === 0) refusals.replaceChildren(row(t("None"), "", ""));
  });
}

/**
 * @param {string} name
 * @param {Bed | undefined} bed
 * @param {Record<string, number>} counts
 * @returns {HTMLElement}
 */
function deviceRow(name, bed, counts) {
  const refused = Object.entries(counts).filter(([kind]) => kind.startsWith("refused"));
  const reasons = refused.map(([kind, n]) => `${n} ${kind.replace(/^refused:?/, "")}`);
  return row(name, connectionName(bed?.connection(performance.now() / 1000)),
    count(counts.accepted ?? null), reasons.join(", ") || "0",
    ...[["missing"], ["late"], ["duplicate"], ["stale", "stray"]].map((kinds) => samples(counts, kinds)),
    milliseconds(bed?.delays.percentile(0.5) ?? null),
    milliseconds(bed?.delays.percentile(0.99) ?? null));
}

/**
 * @param {Record<string, number>} counts
 * @param {string[]} kinds added up
 * @returns {string}
 */
function samples(counts, kinds) {
  const found = kinds.flatMap((kind) => counts[`samples_${kind}`] ?? []);
  return count(found.length === 0 ? null : found.reduce((sum, n) => sum + n));
}

/**
 * @param {Record<string, number>} counters
 * @returns {Map<string, Record<string, number>>}
 */
function countsByDevice(counters) {
  const devices = new Map();
  for (const [name, n] of Object.entries(counters)) {
    const [device, kind] = name.split("|");
    devices.set(device, { ...devices.get(device), [kind]: n });
  }
  return devices;
}

/**
 * @param {string} name
 * @param {string} value
 * @returns {HTMLElement}
 */
function card(name, value) {
  const unbroken = name.replace(" %", "\u00a0%");
  return make("div.card", {}, make("span", {}, unbroken), make("strong", {}, value));
}

/**
 * @param {number | null} value
 * @returns {string}
 */
function count(value) {
  return value === null ? "–" : number(value);
}

/**
 * @param {number | null} value
 * @returns {string}
 */
function seconds(value) {
  return value === null ? t("not running") : measure(value, "s", 1);
}
