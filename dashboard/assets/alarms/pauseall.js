// Audio pause for all beds at once: bounded, recorded for each bed, and shown while it lasts.

import { BUSY_MS, PAUSE_S, post, seen } from "./acts.js";
import { make, setData, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { hindrance, restrict } from "../session/role.js";
import { say, tell } from "../base/toast.js";
import { pausedUntil } from "../stream/ward.js";
import { countdown } from "../base/words.js";

/** @import { Hub } from "../stream/hub.js" */
/** @import { Ward } from "../stream/ward.js" */

const UPDATE_MS = 500;

/**
 * Put the button before `next`; returns what pressing it does.
 * @param {Ward} ward
 * @param {Hub} hub
 * @param {HTMLElement} next
 * @returns {() => Promise<void>}
 */
export function mountPauseAll(ward, hub, next) {
  const button = restrict(make("button.pause-all", { type: "button" }));
  async function act() {
    const beds = ward.all();
    if (hindrance() !== "") return tell(hindrance()); // the key P, which restrict knows nothing of
    if (button.getAttribute("aria-disabled") === "true" || beds.length === 0) return undefined;
    button.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
    const error = pausedUntil(beds) === null
      ? await post("/alerts/pause-all", { seconds: PAUSE_S, beds: Object.fromEntries(
        beds.map((bed) => [bed.device, seen(bed.alarms.filter(isUnacknowledged))])) })
      : await post("/alerts/resume-all", { beds: beds.map((bed) => bed.device) });
    if (error !== null) say(error);
    setTimeout(() => button.removeAttribute("aria-disabled"), error === null ? BUSY_MS : 0);
    return undefined;
  }

  function update() {
    const until = pausedUntil(ward.all());
    const now = hub.now();
    setText(button, until === null ? t("Pause all audio")
      : t("Resume audio ({left})", { left: now === null ? "…" : countdown(until - now) }));
    setData(button, "paused", until === null ? null : "");
  }

  button.addEventListener("click", act);
  button.title ||= t("Pause the audio of all beds for 2 min");
  next.before(button);
  update();
  ward.addEventListener("change", update);
  setInterval(update, UPDATE_MS);
  return act;
}

/**
 * @param {Alarm} alarm
 * @returns {boolean}
 */
function isUnacknowledged({ presence }) {
  return presence === "On" || presence === "Latch";
}
