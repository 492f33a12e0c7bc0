// The counts of alarms in the header. Each is a button that leads to the next bed that it counts:
// on the wall to its tile, on other pages to its own page.

import { byId, find, focused, make, setAttribute, setData, setText } from "../base/dom.js";
import { byName, number, t, tn } from "../base/i18n.js";
import { bedsByUrgency, lookOf } from "../base/urgency.js";
import { SYMBOLS } from "../base/words.js";

/** @import { Ward } from "../stream/ward.js" */

const FOUND_MS = 3000;
/** @type {Record<string, (n: number) => string>} */
const COUNTS = {
  high: (n) => tn("{n} high", "{n} high", n),
  medium: (n) => tn("{n} medium", "{n} medium", n),
  unwatched: (n) => tn("{n} not watched", "{n} not watched", n),
  low: (n) => tn("{n} low", "{n} low", n),
  technical: (n) => tn("{n} technical", "{n} technical", n),
  acknowledged: (n) => tn("{n} acknowledged", "{n} acknowledged", n),
  standby: (n) => tn("{n} in standby", "{n} in standby", n),
};
/** @type {Record<string, string>} */
const MARKS = { ...SYMBOLS, unwatched: "?", acknowledged: "✓" };

/**
 * What a bed is counted under, once for each of its alarms.
 * @param {Pick<WardBed, "alarms" | "standby">} bed
 * @returns {string[]}
 */
export function countedAs({ alarms, standby }) {
  const names = alarms.filter(({ presence }) => presence !== "Off")
    .map((alarm) => (alarm.presence === "Ack" ? "acknowledged" : lookOf(alarm)));
  return standby ? [...names, "standby"] : names;
}

/**
 * The bed of `beds` after that of device `current` among those counted as `name`, or null.
 * @param {WardBed[]} beds
 * @param {string} name
 * @param {string | undefined} current
 * @returns {WardBed | null}
 */
export function nextBed(beds, name, current) {
  const order = [...beds].sort((a, b) => byName(a.label, b.label) || byName(a.device, b.device));
  const place = order.findIndex(({ device }) => device === current);
  const turn = [...order.slice(place + 1), ...order.slice(0, place + 1)];
  return turn.find((bed) => countedAs(bed).includes(name)) ?? null;
}

/**
 * The bed to go to for what nobody has acknowledged: the most urgent one, or, if that is where the
 * last step led, the next less urgent one than `current`, and round.
 * @param {WardBed[]} beds
 * @param {string | undefined} first device that was the most urgent at the last step
 * @param {string | undefined} current device where that step led
 * @returns {{bed: WardBed, first: string} | null}
 */
export function nextUrgent(beds, first, current) {
  const order = bedsByUrgency(beds);
  if (order.length === 0) return null;
  const [{ device }] = order;
  const at = order.findIndex((bed) => bed.device === current);
  return { bed: device === first ? order[(at + 1) % order.length] : order[0], first: device };
}

export class Summary {
  /**
   * @param {HTMLElement} element
   * @param {Ward} ward
   */
  constructor(element, ward) {
    this.ward = ward;
    /** @type {string | undefined} */
    this.at = undefined; // device of the bed that it led to last
    /** @type {string | undefined} */
    this.first = undefined; // device of the most urgent one at that time
    this.quiet = make("span");
    this.chips = new Map(Object.keys(COUNTS).map((name) => {
      const full = make("span.full");
      const short = make("span.short", { "aria-hidden": "true" });
      const chip = make("button.chip", { type: "button", "data-priority": name,
        title: t("Go to the next of these beds") }, full, short);
      chip.addEventListener("click", () => this.goTo(name));
      element.append(chip);
      return [name, { chip, full, short }];
    }));
    element.append(this.quiet);
    this.update();
  }

  update() {
    const beds = this.ward.all();
    const names = beds.flatMap(countedAs);
    const unseen = beds.flatMap(({ alarms }) => alarms).filter(({ presence }) => presence === "On");
    for (const [name, { chip, full, short }] of this.chips) {
      const count = names.filter((one) => one === name).length;
      const words = `${MARKS[name] ?? ""} ${COUNTS[name](count)}`.trim();
      setText(full, count === 0 ? "" : words);
      // Where there is little room the mark says what is counted, if there is one.
      setText(short, count === 0 ? "" : MARKS[name] ? `${MARKS[name]} ${number(count)}` : words);
      setAttribute(chip, "aria-label", words);
      setData(chip, "count", String(count));
      setData(chip, "on", unseen.some((alarm) => lookOf(alarm) === name) ? "" : null);
    }
    setText(this.quiet, names.length === 0 ? t("No alarms") : "");
  }

  /** Go on to the next bed with what nobody has acknowledged, the most urgent first. */
  goToMostUrgent() {
    const next = nextUrgent(this.ward.all(), this.first, this.at);
    if (next === null) return;
    this.first = next.first;
    this.show(next.bed);
  }

  /** @param {string} name */
  goTo(name) {
    const bed = nextBed(this.ward.all(), name, this.at ?? shown());
    if (bed !== null) this.show(bed);
  }

  /** @param {WardBed} bed */
  show(bed) {
    this.at = bed.device;
    const tile = find(document, `.tile[data-device="${CSS.escape(bed.device)}"]`);
    if (tile === null) {
      location.assign(`/bed/${encodeURIComponent(bed.device)}`);
      return;
    }
    tile.scrollIntoView({ block: "nearest" });
    find(tile, "a.label")?.focus({ preventScroll: true });
    setData(tile, "found", "");
    setTimeout(() => setData(tile, "found", null), FOUND_MS);
  }
}

/**
 * The device whose page this is, or whose tile has the focus.
 * @returns {string | undefined}
 */
function shown() {
  /** @type {HTMLElement | null | undefined} */
  const tile = focused()?.closest(".tile");
  return byId("view").dataset.device ?? tile?.dataset.device;
}
