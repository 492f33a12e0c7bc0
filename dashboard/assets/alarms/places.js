// Where each active alarm of a bed stands in its list.
//
// Those of high priority are pinned to the top, the most urgent first: none is ever below another,
// out of view. The others keep their place, so that no button moves under the hand that is about to
// press it; one that is new takes a free place.

import { lookOf } from "../base/urgency.js";

/**
 * How many of the active alarms are pinned to the top: they come first.
 * @param {Alarm[]} active
 * @returns {number}
 */
export function pinnedCount(active) {
  return active.filter(isPinned).length;
}

/**
 * The alarm of each place, null where one is free.
 * @param {(string | null)[]} former identity of the alarm that stood at each place
 * @param {Alarm[]} active the most urgent first
 * @param {number} least places that are there in any case
 * @returns {(Alarm | null)[]}
 */
export function arrangeAlarms(former, active, least) {
  /** @type {(Alarm | null)[]} */
  const places = active.filter(isPinned);
  const pinned = places.length;
  while (places.length < least) places.push(null);
  const rest = active.filter((alarm) => !isPinned(alarm));
  const stays = rest.filter(({ id }) => {
    const place = former.indexOf(id);
    return place >= pinned && place < least;
  });
  for (const alarm of stays) places[former.indexOf(alarm.id)] = alarm;
  for (const alarm of rest) {
    if (stays.includes(alarm)) continue;
    const free = places.indexOf(null);
    places[free < 0 ? places.length : free] = alarm;
  }
  return places;
}

/**
 * Whether an alarm that is shown has another place than before: a press would meet another one.
 * @param {(string | null)[]} former
 * @param {(Alarm | null)[]} places
 * @returns {boolean}
 */
export function hasMoved(former, places) {
  return former.some((id, place) => id !== null && (places[place]?.id ?? null) !== id
    && (places[place] ?? null) !== null) || places.some((alarm, place) => {
    const before = alarm === null ? -1 : former.indexOf(alarm.id);
    return before >= 0 && before !== place;
  });
}

/**
 * Whether a box lies wholly within all the frames that may cut it, but for a hair.
 * @param {{top: number, bottom: number}} box
 * @param {{top: number, bottom: number}[]} frames
 * @returns {boolean}
 */
export function isWithin(box, frames) {
  return frames.every(({ top, bottom }) => box.top >= top - 1 && box.bottom <= bottom + 1);
}

/**
 * @param {Alarm} alarm
 * @returns {boolean}
 */
function isPinned(alarm) {
  return lookOf(alarm) === "high";
}
