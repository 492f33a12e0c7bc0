// Starts the page: waits until Dash has rendered its empty element, then draws into it.

import * as header from "./header/header.js";
import { Hub } from "./stream/hub.js";
import { mountPanel } from "./header/panel.js";
import { mountSession } from "./session/session.js";
import { Sound, mountSound } from "./sound/sound.js";
import { Station } from "./stream/station.js";
import { Ward } from "./stream/ward.js";

const VIEWS = {
  wall: () => import("./wall/wall.js"),
  bed: () => import("./bed/page.js"),
  patient: () => import("./patient/page.js"),
  calibration: () => import("./calibration/page.js"),
  system: () => import("./system/page.js"),
  users: () => import("./users/page.js"),
};

function rendered(selector) {
  return new Promise((resolve) => {
    const found = () => {
      const element = document.querySelector(selector);
      if (element === null) return false;
      resolve(element);
      return true;
    };
    if (found()) return;
    const observer = new MutationObserver(() => { if (found()) observer.disconnect(); });
    observer.observe(document.documentElement, { childList: true, subtree: true });
  });
}

const element = await rendered("#view[data-view]");
const view = await VIEWS[element.dataset.view]();
// Alarms sound on every page, whatever it shows.
const wanted = { ...view.subscription(element), alarms: "all" };
const hub = new Hub(document.getElementById("shell").dataset.hub, wanted);
const station = new Station(hub);
const ward = new Ward(hub);
const summary = header.mount(station, ward);
mountSession(document.getElementById("session"), hub);
const sound = new Sound(ward);
const top = document.getElementById("header");
mountSound(sound, top);
mountPanel(document.getElementById("display-button"), top);
view.mount(element, station, ward, summary);
window.ecgMonitor = station;
window.ecgMonitorSound = sound;
