// One of the browser's tabs sounds the alarms: three tabs must not sound them three times.
//
// Who does is written into the storage that the tabs share, and renewed while the hub is heard and
// by a timer, so that a tab that has crashed or been frozen is followed by another. Web Locks would
// do the same, but only on HTTPS or localhost.

import { kept } from "../base/display.js";

const KEY = "ecg-monitor.sound-tab";
const HELD_MS = 3500;

/**
 * What to do about the lease that is found: "keep", "take" or "leave".
 * @param {Record<string, any> | null} lease
 * @param {string} me
 * @param {number} now
 * @returns {Verdict}
 */
export function judge(lease, me, now) {
  if (lease?.id === me) return "keep";
  const held = typeof lease?.until === "number" && lease.until > now
    && lease.until < now + 2 * HELD_MS; // a clock that was set back must not hold it for ever
  return held ? "leave" : "take";
}

export class Lease {
  constructor() {
    this.id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    this.held = false;
    addEventListener("pagehide", () => this.release());
  }

  /** Renew it or try to get it; returns whether this tab holds it. It is sure at the second call. */
  renew() {
    const now = Date.now();
    const verdict = judge(kept(KEY), this.id, now);
    this.held = verdict === "keep"; // not yet with "take": another tab may write at this instant
    if (verdict !== "leave") {
      localStorage.setItem(KEY, JSON.stringify({ id: this.id, until: now + HELD_MS }));
    }
    return this.held;
  }

  /** Whether another tab holds it. */
  elsewhere() {
    return judge(kept(KEY), this.id, Date.now()) === "leave";
  }

  release() {
    if (kept(KEY)?.id === this.id) localStorage.removeItem(KEY);
    this.held = false;
  }
}
