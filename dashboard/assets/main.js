// Starts the page: waits until Dash has rendered its empty element, then draws into it.

import * as header from "./header.js";
import { Hub } from "./hub.js";
import { installScaleControl } from "./scale.js";
import { Station } from "./station.js";

const VIEWS = {
  wall: () => import("./wall.js"),
  bed: () => import("./bedpage.js"),
  system: () => import("./system.js"),
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
const hub = new Hub(document.getElementById("shell").dataset.hub, view.subscription(element));
const station = new Station(hub);
header.mount(station);
installScaleControl(document.getElementById("scale-button"));
view.mount(element, station);
window.ecgMonitor = station;
