// The system page: delays to the screen, lag of the analysis, what was accepted and refused.

import { make } from "./dom.js";
import { framesPerSecond } from "./loop.js";
import { milliseconds, timeOfDay } from "./words.js";

export function subscription() {
  return { beds: "all", leads: 1, history_s: 0, system: true };
}

export function mount(element, station) {
  const summary = make("div.cards");
  const partitions = make("tbody");
  const devices = make("tbody");
  const refusals = make("tbody");
  element.append(
    make("h1", {}, "System"), summary,
    table("Partitions", ["Partition", "Analysis behind", "Last packet"], partitions),
    table("Devices", ["Device", "State", "Packets", "Refused", "Samples missing", "Late",
      "Repeated", "Delay p50", "Delay p99"], devices),
    table("Last refused packets", ["Time", "Device", "Reason"], refusals));

  station.addEventListener("system", () => {
    const { system, status } = station;
    summary.replaceChildren(
      card("Frames per second", number(framesPerSecond(), 0)),
      card("Sample to screen, median", milliseconds(station.delay(0.5))),
      card("Sample to screen, 99 %", milliseconds(station.delay(0.99))),
      card("Analysis behind", seconds(status?.behind_s ?? null)),
      card("Packets shown", number(status?.packets ?? null, 0)),
      card("Open pages", number(status?.clients ?? null, 0)),
      card("Frames dropped", number(system.dropped, 0)),
      card("Entries unreadable", number(system.unreadable, 0)));
    partitions.replaceChildren(...system.partitions.map((one, index) =>
      row(String(index), one.silent_s === null ? "–" : seconds(one.behind_s), ago(one.silent_s))));
    const counts = countsByDevice(system.counters);
    const beds = new Map([...station.beds.values()].map((bed) => [bed.info.device, bed]));
    const names = [...new Set([...beds.keys(), ...counts.keys()])]
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    devices.replaceChildren(...names.map((name) => deviceRow(
      name, beds.get(name), counts.get(name) ?? {})));
    const refused = system.partitions.flatMap((one) => one.refusals)
      .sort((a, b) => b.at - a.at).slice(0, 20);
    refusals.replaceChildren(...refused.map((one) => row(timeOfDay(one.at), one.device, one.error)));
    if (refused.length === 0) refusals.replaceChildren(row("None", "", ""));
  });
}

function deviceRow(name, bed, counts) {
  const refused = Object.entries(counts).filter(([kind]) => kind.startsWith("refused"));
  const reasons = refused.map(([kind, count]) => `${count} ${kind.replace(/^refused:?/, "")}`);
  return row(name, bed?.connection(performance.now() / 1000).replace("-", " ") ?? "unknown",
    number(counts.accepted ?? null, 0), reasons.join(", ") || "0",
    ...["missing", "late", "duplicate"].map((kind) => number(counts[`samples_${kind}`] ?? null, 0)),
    milliseconds(bed?.delays.percentile(0.5) ?? null),
    milliseconds(bed?.delays.percentile(0.99) ?? null));
}

function countsByDevice(counters) {
  const devices = new Map();
  for (const [name, count] of Object.entries(counters)) {
    const [device, kind] = name.split("|");
    devices.set(device, { ...devices.get(device), [kind]: count });
  }
  return devices;
}

function table(title, columns, body) {
  const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)));
  return make("section", {}, make("h2", {}, title),
    make("div.scroll", {}, make("table", {}, make("thead", {}, head), body)));
}

function row(...cells) {
  return make("tr", {}, ...cells.map((text) => make("td", {}, text)));
}

function card(name, value) {
  return make("div.card", {}, make("span", {}, name), make("strong", {}, value));
}

function number(value, digits) {
  return value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: digits });
}

function seconds(value) {
  return value === null ? "not running" : `${value.toFixed(1)} s`;
}

function ago(value) {
  return value === null ? "never" : `${value.toFixed(1)} s ago`;
}
