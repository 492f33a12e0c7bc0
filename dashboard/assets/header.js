// What the header says: alarms, warnings, state of the hub, figures.

import { mountAnnouncer } from "./announce.js";
import { display } from "./display.js";
import { setData, setText } from "./dom.js";
import { ltr, number, t, tn } from "./i18n.js";
import { framesPerSecond } from "./loop.js";
import { installPreferences } from "./preferences.js";
import { PRIORITIES, SYMBOLS, milliseconds, startingText } from "./words.js";

const UPDATE_MS = 500;
const MM_PER_MV = 10; // at gain ×1
const LATE_S = 3;
const GRACE_S = 5; // a system that has just been started is not "late"
const HUB_STATES = {
  connecting: t("Connecting …"), open: t("Live"), away: t("Hub away, reconnecting …"),
  "signed-out": t("Signed out"),
};
const TROUBLES = {
  memory_low: t("Memory of the data store is nearly full"),
  disk_low: t("Disk of the data store is nearly full"),
  not_saved: t("The data store cannot save"),
};
const COUNTS = {
  high: (n) => tn("{n} high", "{n} high", n),
  medium: (n) => tn("{n} medium", "{n} medium", n),
  low: (n) => tn("{n} low", "{n} low", n),
  technical: (n) => tn("{n} technical", "{n} technical", n),
  acknowledged: (n) => tn("{n} acknowledged", "{n} acknowledged", n),
  standby: (n) => tn("{n} in standby", "{n} in standby", n),
};
const MARKS = { acknowledged: "✓" };

export function mount(station, ward) {
  const summary = document.getElementById("alarm-summary");
  const warnings = document.getElementById("warnings");
  const figures = document.getElementById("figures");
  const state = document.getElementById("hub-state");
  const chips = new Map([...PRIORITIES, "acknowledged", "standby"].map((priority) => {
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.dataset.priority = priority;
    summary.append(chip);
    return [priority, chip];
  }));
  const scale = document.createElement("span");
  document.getElementById("notice").append(scale);
  const quiet = document.createElement("span");
  summary.append(quiet);
  let lateSince = null;

  function update() {
    const counts = countAlarms(ward);
    let any = false;
    for (const [priority, chip] of chips) {
      const count = counts[priority] ?? 0;
      any ||= count > 0;
      setText(chip, count === 0 ? "" : chipText(priority, count));
      setData(chip, "count", String(count));
    }
    setText(quiet, any ? "" : t("No alarms"));
    const stale = station.status?.redis === "stale";
    const hub = station.hub.state;
    setText(state, hub === "open" && stale ? t("Data store away") : HUB_STATES[hub]);
    setData(state, "state", hub === "open" && stale ? "stale" : hub);
    const now = performance.now() / 1000;
    const late = hub === "open" && isLate(station.status);
    lateSince = late ? lateSince ?? now : null;
    const told = late && (station.status.behind_s ?? station.status.starting) !== null;
    const shown = told || (late && now - lateSince > GRACE_S);
    setText(warnings, hub === "signed-out" ? t("Your session has ended: open a new sign-in link")
      : [shown ? lateText(station.status) : "", ...troubles(station.status)]
        .filter((text) => text !== "").join(" · "));
    setText(figures, station.hub.subscription.beds.length === 0 ? "" : bedFigures(station));
    setText(scale, document.querySelector(".trace") === null ? "" : scaleText());
  }

  figures.title = t("Frames per second; delay from sample to screen: median / 99 %");
  for (const link of document.querySelectorAll("#header nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  installPreferences(document.getElementById("preferences"));
  mountAnnouncer(ward);
  update();
  setInterval(update, UPDATE_MS);
  ward.addEventListener("change", update);
  station.hub.addEventListener("state", update);
}

/** Speed and gain of all traces, as they stand on a printed strip. */
function scaleText() {
  const { speed, gain } = display();
  return ltr(`${number(speed, 2)} mm/s · ${number(MM_PER_MV * gain, 1)} mm/mV`);
}

/** Of the beds that the page follows. */
function bedFigures(station) {
  const fps = framesPerSecond();
  return [
    tn("{n} bed", "{n} beds", station.beds.size),
    fps === null ? null : t("{n} fps", { n: number(fps) }),
    station.delay(0.5) === null ? null : t("delay {delays}", {
      delays: ltr(`${number(station.delay(0.5))} / ${milliseconds(station.delay(0.99))}`),
    }),
  ].filter((text) => text !== null).join("  ·  ");
}

function isLate(status) {
  return status !== null && (status.behind_s === null || status.behind_s > LATE_S);
}

function lateText(status) {
  if (status.starting !== null) return startingText(status.starting);
  return status.behind_s === null ? t("Analysis is not running")
    : t("Analysis late by {n} s", { n: number(status.behind_s) });
}

/** What else is wrong with the system: analysis that is late is told with its figure. */
function troubles(status) {
  return (status?.conditions ?? []).map((kind) => TROUBLES[kind] ?? "");
}

/** Of all beds, whatever the page shows. */
function countAlarms(ward) {
  const counts = {};
  for (const { alarms, standby } of ward.all()) {
    if (standby) counts.standby = (counts.standby ?? 0) + 1;
    for (const { presence, priority } of alarms) {
      if (presence === "Off") continue;
      const name = presence === "Ack" ? "acknowledged" : priority;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

function chipText(priority, count) {
  return `${SYMBOLS[priority] ?? MARKS[priority] ?? ""} ${COUNTS[priority](count)}`.trim();
}
