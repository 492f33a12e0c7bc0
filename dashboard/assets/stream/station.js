// All beds of the page, fed by the hub and drawn by one loop.

import { Bed } from "./bed.js";
import { percentile } from "./histogram.js";
import { everyFrame, framesPerSecond } from "../base/loop.js";

/** @import { Hub } from "./hub.js" */

export class Station extends /** @type {Emitter<StationEvents>} */ (EventTarget) {
  /** @param {Hub} hub */
  constructor(hub) {
    super();
    this.hub = hub;
    /** @type {Map<number, Bed>} */
    this.beds = new Map(); // bed index -> Bed
    /** @type {Map<string, Bed>} */
    this.former = new Map(); // device -> Bed, from former connections
    /** @type {HubStatus | null} */
    this.status = null; // last "hub" message
    /** @type {SystemStatus | null} */
    this.system = null; // last "system" message
    hub.addEventListener("open", () => this.reset());
    hub.addEventListener("bed", ({ detail }) => this.describe(detail));
    hub.addEventListener("gone", ({ detail }) => this.remove(detail.bed));
    hub.addEventListener("frames", ({ detail }) => this.accept(detail));
    hub.addEventListener("beats", ({ detail }) => this.beds.get(detail.bed)?.addBeats(detail));
    hub.addEventListener("vitals", ({ detail }) => {
      this.beds.get(detail.bed)?.setVitals(detail, performance.now() / 1000);
    });
    hub.addEventListener("measurement", ({ detail }) => {
      this.beds.get(detail.bed)?.setMeasurement(detail);
    });
    hub.addEventListener("alarms", ({ detail }) => {
      const bed = this.beds.get(detail.bed);
      if (bed === undefined) return;
      bed.setAlarms(detail);
      this.dispatchEvent(new Event("alarms"));
    });
    hub.addEventListener("hub", ({ detail }) => { this.status = detail; });
    hub.addEventListener("system", ({ detail }) => {
      this.system = detail;
      this.dispatchEvent(new Event("system"));
    });
    everyFrame((now) => this.draw(now));
  }

  /** A hub that was restarted may number beds and streams differently: match beds by device. */
  reset() {
    // A connection may end before it has told of all beds: those from before it are kept as well.
    for (const bed of this.beds.values()) this.former.set(bed.info.device, bed);
    this.beds.clear();
  }

  /** @param {BedInfo} info */
  describe(info) {
    if (!this.hub.shows(info)) { // told for its alarms alone (see ward.js), from now on perhaps
      this.remove(info.bed);
      return;
    }
    const bed = this.beds.get(info.bed) ?? this.former.get(info.device);
    if (bed === undefined) {
      this.beds.set(info.bed, new Bed(info));
    } else {
      this.beds.set(info.bed, bed);
      bed.describe(info);
    }
    this.dispatchEvent(new CustomEvent("bed", { detail: this.beds.get(info.bed) }));
  }

  /**
   * The hub knows a bed no more: its device is long gone, or was removed by hand.
   * @param {number} index
   */
  remove(index) {
    const bed = this.beds.get(index);
    if (bed === undefined) return;
    this.beds.delete(index);
    this.dispatchEvent(new CustomEvent("gone", { detail: bed }));
  }

  /**
   * Ask for so many leads of each bed from now on; traces begin anew.
   * @param {number} leads
   */
  chooseLeads(leads) {
    for (const bed of this.beds.values()) bed.restart();
    this.hub.resubscribe({ leads });
  }

  /** @param {{frames: Frame[], at: number}} message */
  accept({ frames, at }) {
    const opened = new Set();
    for (const frame of frames) {
      const bed = this.beds.get(frame.bed);
      if (bed === undefined) continue;
      const rows = bed.rings.size;
      bed.accept(frame, at);
      if (bed.rings.size !== rows) opened.add(bed);
    }
    for (const bed of opened) this.dispatchEvent(new CustomEvent("leads", { detail: bed }));
  }

  /** @param {number} now */
  draw(now) {
    const { late, slow } = this.hub;
    const hubNow = this.hub.now();
    for (const bed of this.beds.values()) {
      Object.assign(bed, { late, slow });
      bed.draw(now, hubNow);
    }
  }

  /**
   * Delay in ms below which a `share` of all beds' painted samples lies, or null.
   * @param {number} share
   * @returns {number | null}
   */
  delay(share) {
    return percentile([...this.beds.values()].map((bed) => bed.delays), share);
  }

  /** Figures for tests and for the curious, also at hand in the browser's console. */
  figures() {
    return {
      fps: framesPerSecond(),
      p50: this.delay(0.5),
      p99: this.delay(0.99),
      beds: [...this.beds.values()].map((bed) => ({
        device: bed.info.device,
        p50: bed.delays.percentile(0.5),
        p99: bed.delays.percentile(0.99),
        pace: bed.playout?.pace ?? null,
        buffer: bed.playout?.delay ?? null,
      })),
    };
  }
}
