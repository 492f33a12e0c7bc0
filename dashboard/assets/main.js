// Starts the page: waits until Dash has rendered its empty element, then draws into it.

import { byId, find } from "./base/dom.js";
import * as header from "./header/header.js";
import { Hub } from "./stream/hub.js";
import { mountKeys } from "./header/keys.js";
import { mountPanel } from "./header/panel.js";
import { mountSession } from "./session/session.js";
import { Sound, mountSound } from "./sound/sound.js";
import { Station } from "./stream/station.js";
import { Ward } from "./stream/ward.js";

/** @type {Record<string, () => Promise<View>>} */
const VIEWS = {
  wall: () => import("./wall/wall.js"),
  bed: () => import("./bed/page.js"),
  patient: () => import("./patient/page.js"),
  review: () => import("./review/page.js"),
  recordings: () => import("./recordings/page.js"),
  twelve: () => import("./twelve/page.js"),
  alarms: () => import("./list/page.js"),
  shift: () => import("./shift/page.js"),
  analyze: () => import("./analyze/page.js"),
  calibration: () => import("./calibration/page.js"),
  devices: () => import("./devices/page.js"),
  system: () => import("./system/page.js"),
  users: () => import("./users/page.js"),
  elsewhere: () => import("./units/elsewhere.js"),
  not_found_404: () => import("./header/missing.js"),
};

/**
 * @param {string} selector
 * @returns {Promise<HTMLElement>}
 */
function rendered(selector) {
  return new Promise((resolve) => {
    const found = () => {
      const element = find(document, selector);
      if (element === null) return false;
      resolve(element);
      return true;
    };
    if (found()) return;
    const observer = new MutationObserver(() => { if (found()) observer.disconnect(); });
    observer.observe(document.documentElement, { childList: true, subtree: true });
  });
}

// While Dash draws its empty element the page's script comes, and asks for what it will show.
const coming = VIEWS[document.documentElement.dataset.page ?? ""];
if (coming !== undefined) void coming().then((page) => page.ahead?.(), () => undefined); // it fails again below
const element = await rendered("#view[data-view]");
const view = await VIEWS[element.dataset.view ?? ""]();
// Alarms sound on every page, whatever it shows.
const asked = view.subscription(element);
// The hub refuses a name that can be none, and with it all alarms.
/** @type {Subscription} */
const wanted = { ...asked, beds: Array.isArray(asked.beds) ? asked.beds.filter((one) => one !== "") : asked.beds, alarms: "all" };
const hub = new Hub(byId("shell").dataset.hub ?? "", wanted);
const station = new Station(hub);
const ward = new Ward(hub);
// The bed of this page has been given to another care unit, or removed: the page says so.
station.addEventListener("gone", ({ detail: bed }) => {
  if (bed.info.device === element.dataset.device) location.reload();
});
const summary = header.mount(station, ward);
mountSession(byId("session"), hub);
const sound = new Sound(ward);
const top = byId("header");
mountSound(sound, top);
mountPanel(byId("display-button"), top);
mountKeys(view.mount(element, station, ward) ?? [], () => summary.goToMostUrgent());
window.ecgMonitor = station;
window.ecgMonitorSound = sound;
