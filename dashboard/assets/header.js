// What the header says: alarms, warnings, state of the hub, figures.

import { setData, setText } from "./dom.js";
import { framesPerSecond } from "./loop.js";
import { PRIORITIES, SYMBOLS, milliseconds } from "./words.js";

const UPDATE_MS = 500;
const LATE_S = 3;
const GRACE_S = 5; // a system that has just been started is not "late"
const HUB_STATES = {
  connecting: "Connecting …", open: "Live", away: "Hub away, reconnecting …",
  "signed-out": "Signed out",
};

export function mount(station) {
  const summary = document.getElementById("alarm-summary");
  const warnings = document.getElementById("warnings");
  const figures = document.getElementById("figures");
  const state = document.getElementById("hub-state");
  const chips = new Map([...PRIORITIES, "acknowledged"].map((priority) => {
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.dataset.priority = priority;
    summary.append(chip);
    return [priority, chip];
  }));
  let lateSince = null;

  function update() {
    const counts = countAlarms(station);
    let any = false;
    for (const [priority, chip] of chips) {
      const count = counts[priority] ?? 0;
      any ||= count > 0;
      setText(chip, count === 0 ? "" : chipText(priority, count));
      setData(chip, "count", String(count));
    }
    setData(summary, "quiet", any ? null : "");
    const stale = station.status?.redis === "stale";
    const hub = station.hub.state;
    setText(state, hub === "open" && stale ? "Data store away" : HUB_STATES[hub]);
    setData(state, "state", hub === "open" && stale ? "stale" : hub);
    const now = performance.now() / 1000;
    const late = hub === "open" && isLate(station.status);
    lateSince = late ? lateSince ?? now : null;
    const shown = late && (station.status.behind_s !== null || now - lateSince > GRACE_S);
    setText(warnings, hub === "signed-out" ? "Your session has ended: open a new sign-in link"
      : shown ? lateText(station.status) : "");
    const fps = framesPerSecond();
    const beds = station.beds.size;
    setText(figures, [
      `${beds} bed${beds === 1 ? "" : "s"}`,
      fps === null ? null : `${Math.round(fps)} fps`,
      station.delay(0.5) === null ? null
        : `delay ${Math.round(station.delay(0.5))} / ${milliseconds(station.delay(0.99))}`,
    ].filter((text) => text !== null).join("  ·  "));
  }

  figures.title = "Frames per second; delay from sample to screen: median / 99 %";
  for (const link of document.querySelectorAll("#header nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  update();
  setInterval(update, UPDATE_MS);
  station.addEventListener("alarms", update);
  station.hub.addEventListener("state", update);
}

function isLate(status) {
  return status !== null && (status.behind_s === null || status.behind_s > LATE_S);
}

function lateText(status) {
  return status.behind_s === null ? "Analysis is not running"
    : `Analysis late by ${Math.round(status.behind_s)} s`;
}

function countAlarms(station) {
  const counts = {};
  for (const bed of station.beds.values()) {
    for (const alarm of bed.activeAlarms()) {
      const name = alarm.presence === "Ack" ? "acknowledged" : alarm.priority;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

function chipText(priority, count) {
  return `${SYMBOLS[priority] ?? "✓"} ${count} ${priority}`.trim();
}
