// What the header says: alarms, warnings, state of the hub, figures.

import { mountAnnouncer } from "./announce.js";
import { byId, setAttribute, setData, setText } from "../base/dom.js";
import { fitHeader } from "./fit.js";
import { ltr, number, t, tn } from "../base/i18n.js";
import { installPreferences } from "./preferences.js";
import { Summary } from "./summary.js";
import { watchTitle } from "./title.js";
import { scaleText } from "../trace/scaletext.js";
import { startingText } from "../base/words.js";
import { offsetAt, paperTime, zoneName } from "../charts/zone.js";

/** @import { Station } from "../stream/station.js" */
/** @import { Ward } from "../stream/ward.js" */

const UPDATE_MS = 500;
const LATE_S = 3;
const GRACE_S = 5; // a system that has just been started is not "late"
/** @type {Record<string, string>} */
const HUB_STATES = {
  connecting: t("Connecting …"), open: t("Live"), away: t("Hub away, reconnecting …"),
  "signed-out": t("Signed out"), stale: t("Data store away"), late: t("Data come late"),
};
/** @type {Record<string, string>} */
const TROUBLES = {
  memory_low: t("Memory of the data store is nearly full"),
  disk_low: t("Disk of the data store is nearly full"),
  not_saved: t("The data store cannot save"),
  store_away: t("A server of the data store does not answer: its beds are not monitored"),
  store_refuses: t("The data store takes no writes: nothing is monitored"),
  no_packets: t("No packets arrive from any device"),
  ingest_away: t("Ingest away: no packets are taken"),
  detector_away: t("Detector away: nothing is analysed"),
  broker_away: t("MQTT broker away"),
  broker_unsteady: t("Connection to the MQTT broker unsteady: packets may be lost"),
  session_taken: t("Another client uses our id at the MQTT broker: packets may be lost"),
  unwatched: t("Delivery away: alerts are not passed on"),
  too_many_devices: t("Too many devices: new ones are turned away"),
  recorder_away: t("Recorder away: nothing is kept on disk"),
  not_recorded: t("Nothing is kept on disk: the recorder has no space"),
};

/**
 * Fill the header and keep it up to date; returns the counts of alarms, which lead to beds.
 * @param {Station} station
 * @param {Ward} ward
 * @returns {Summary}
 */
export function mount(station, ward) {
  const summary = new Summary(byId("alarm-summary"), ward);
  const fit = fitHeader(byId("header"));
  const warnings = byId("warnings");
  const figures = byId("figures");
  const state = byId("hub-state");
  const scale = document.createElement("span");
  byId("notice").append(zoneNotice(), scale);
  /** @type {number | null} */
  let lateSince = null;

  const title = watchTitle();
  const printed = document.createElement("span");
  printed.id = "printed";
  byId("notice").append(printed);

  function update() {
    summary.update();
    title(ward.all());
    // Which moment a sheet of paper shows.
    const clock = station.hub.now();
    setText(printed, clock === null ? "" : paperTime(clock));
    const stale = station.status?.redis === "stale";
    const hub = station.hub.state;
    const held = hub !== "open" ? null : stale ? "stale" : station.hub.late ? "late" : null;
    setText(state, HUB_STATES[held ?? hub]);
    setData(state, "state", held ?? hub);
    setAttribute(state, "title", state.textContent ?? "");
    const now = performance.now() / 1000;
    const { status } = station;
    const late = hub === "open" && isLate(status) ? status : null;
    lateSince = late === null ? null : lateSince ?? now;
    const told = late !== null && (late.behind_s ?? late.starting) !== null;
    const shown = told || (lateSince !== null && now - lateSince > GRACE_S);
    setText(warnings, hub === "signed-out" ? t("Your session has ended: open a new sign-in link")
      : [shown && late !== null ? lateText(late) : "",
        station.hub.slow ? t("Connection too slow: parts of traces are missing") : "", ...troubles(status)]
        .filter((text) => text !== "").join(" · "));
    const { hub: source } = station;
    const beds = ward.all().filter((bed) => source.shows(bed));
    setText(figures, source.subscription.beds === "all" ? tn("{n} bed", "{n} beds", beds.length) : "");
    setText(scale, scaleText(document));
    fit();
  }

  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll("#header nav a");
  for (const link of links) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  installPreferences(byId("preferences"));
  mountAnnouncer(ward);
  update();
  setInterval(update, UPDATE_MS);
  ward.addEventListener("change", update);
  station.hub.addEventListener("state", update);
  addEventListener("resize", update);
  return summary;
}

/**
 * The zone of all times on the page, where the system's logs and reports have those of another one.
 * @returns {HTMLElement}
 */
function zoneNotice() {
  const here = offsetAt(Date.now() / 1000);
  const notice = document.createElement("span");
  notice.id = "zone";
  if (here !== Number(byId("shell").dataset.offset)) {
    notice.textContent = t("Times are of {zone}", { zone: ltr(zoneName(here)) });
  }
  return notice;
}

/**
 * @param {HubStatus | null} status
 * @returns {status is HubStatus}
 */
function isLate(status) {
  return status !== null && (status.behind_s === null || status.behind_s > LATE_S);
}

/**
 * @param {HubStatus} status
 * @returns {string}
 */
function lateText(status) {
  if (status.starting !== null) return startingText(status.starting);
  return status.behind_s === null ? t("Analysis is not running")
    : t("Analysis late by {n} s", { n: number(status.behind_s) });
}

/**
 * What else is wrong with the system: analysis that is late is told with its figure.
 * @param {HubStatus | null} status
 * @returns {string[]}
 */
function troubles(status) {
  return (status?.conditions ?? []).map((kind) => TROUBLES[kind] ?? "");
}
