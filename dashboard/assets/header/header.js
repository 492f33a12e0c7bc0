// What the header says: alarms, warnings, state of the hub, figures.

import { mountAnnouncer } from "./announce.js";
import { display } from "../base/display.js";
import { setAttribute, setData, setText } from "../base/dom.js";
import { fitHeader } from "./fit.js";
import { ltr, number, t, tn } from "../base/i18n.js";
import { framesPerSecond } from "../base/loop.js";
import { installPreferences } from "./preferences.js";
import { Summary } from "./summary.js";
import { milliseconds, startingText } from "../base/words.js";

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

/** Fill the header and keep it up to date; returns the counts of alarms, which lead to beds. */
export function mount(station, ward) {
  const summary = new Summary(document.getElementById("alarm-summary"), ward);
  const fit = fitHeader(document.getElementById("header"));
  const warnings = document.getElementById("warnings");
  const figures = document.getElementById("figures");
  const state = document.getElementById("hub-state");
  const scale = document.createElement("span");
  document.getElementById("notice").append(scale);
  let lateSince = null;

  function update() {
    summary.update();
    const stale = station.status?.redis === "stale";
    const hub = station.hub.state;
    setText(state, hub === "open" && stale ? t("Data store away") : HUB_STATES[hub]);
    setData(state, "state", hub === "open" && stale ? "stale" : hub);
    setAttribute(state, "title", state.textContent);
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
    fit();
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
  addEventListener("resize", update);
  return summary;
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
