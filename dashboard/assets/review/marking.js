// What is chosen on a strip to be reviewed, and acts in words: plain functions, no element is touched.

import { isolate, number, t } from "../base/i18n.js";

export const MM_PER_S = 25; // of charts/strip.js, whose drawing counts in mm
const NEAR_S = 0.12; // a click this near to an R peak means the beat

/** What a reviewer may call a beat, and how it is shown: AAMI classes, and paced beats. */
export const SYMBOLS = /** @type {const} */ (["N", "S", "V", "F", "Q", "/"]);

/** Rhythms that a reviewer names, by WFDB's word. */
export const RHYTHMS = /** @type {Record<string, string>} */ ({
  "(N": t("Sinus rhythm"), "(SBR": t("Sinus bradycardia"), "(ST": t("Sinus tachycardia"),
  "(AFIB": t("Atrial fibrillation"), "(AFL": t("Atrial flutter"),
  "(SVTA": t("Supraventricular tachycardia"), "(B": t("Ventricular bigeminy"),
  "(T": t("Ventricular trigeminy"), "(VT": t("Ventricular tachycardia"),
  "(VFIB": t("Ventricular fibrillation"), "(IVR": t("Idioventricular rhythm"),
  "(BI": t("First-degree AV block"), "(BII": t("Second-degree AV block"),
  "(B3": t("Third-degree AV block"), "(NOD": t("Junctional rhythm"), "(P": t("Paced rhythm"),
  "(ASYS": t("Asystole"), "(U": t("Unknown rhythm"),
});

/**
 * Unix time at a place of a strip's drawing.
 * @param {Pick<RecordedStrip, "start">} strip
 * @param {number} mm
 * @returns {number}
 */
export function timeOf(strip, mm) {
  return strip.start + mm / MM_PER_S;
}

/**
 * The beat that a click means, those that were deleted among them; null where none is near.
 * @param {Pick<RecordedStrip, "beats">} strip
 * @param {number} at Unix s
 * @returns {RecordedBeat | null}
 */
export function beatAt({ beats }, at) {
  let best = null;
  for (const beat of beats) {
    if (Math.abs(beat.at - at) > NEAR_S) continue;
    if (best === null || Math.abs(beat.at - at) < Math.abs(best.at - at)) best = beat;
  }
  return best;
}

/**
 * The beat after a time, or the one before it.
 * @param {Pick<RecordedStrip, "beats">} strip
 * @param {number} at Unix s
 * @param {1 | -1} direction
 * @returns {RecordedBeat | null}
 */
export function neighbour({ beats }, at, direction) {
  return (direction === 1 ? beats.find((beat) => beat.at > at + 1e-3)
    : beats.findLast((beat) => beat.at < at - 1e-3)) ?? null;
}

/**
 * What a beat is called, and what was made of it.
 * @param {RecordedBeat} beat
 * @returns {string}
 */
export function beatText({ symbol, original, by, disputed }) {
  const parts = [symbol === "" ? t("Deleted beat") : t("Beat {label}", { label: symbol })];
  if (by !== "") {
    if (original === "") parts.push(t("inserted by {name}", { name: isolate(by) }));
    else if (original === symbol) parts.push(t("confirmed by {name}", { name: isolate(by) }));
    else parts.push(t("was {label}, by {name}", { label: original, name: isolate(by) }));
  }
  if (disputed) parts.push(t("reviewers differ: the newest holds"));
  return parts.join(" · ");
}

/**
 * The commands that write an interval of a bed's record, with what reviewers said of it, to files.
 * @param {string} device
 * @param {number} from Unix s
 * @param {number} to Unix s
 * @returns {string}
 */
export function commands(device, from, to) {
  const [start, end] = [from, to].map((at) => new Date(at * 1000).toISOString().replace("Z", "+00:00"));
  const what = `bed:${device} --start ${start} --end ${end} --output ${device}`;
  return `ecg-monitor export ${what}.hea\necg-monitor report ${what}.pdf`;
}

/**
 * What was done, in words.
 * @param {ReviewAct} act
 * @returns {string}
 */
export function actText({ what, value, before, count, text, target }) {
  switch (what) {
    case "label":
      return count === 1 ? t("called a beat {value} that was {before}", { value, before })
        : t("called {n} beats {value} ({before})", { n: number(count), value, before });
    case "delete":
      return count === 1 ? t("deleted a beat {before}", { before })
        : t("deleted {n} beats ({before})", { n: number(count), before });
    case "insert": return t("inserted a beat {value}", { value });
    case "verdict": {
      const said = value === "true" ? t("called an alarm true") : t("called an alarm false");
      return text === "" ? said : `${said}: ${isolate(text)}`;
    }
    case "rhythm": {
      const said = t("named the rhythm: {rhythm}", { rhythm: RHYTHMS[value] ?? value });
      return text === "" ? said : `${said} (${isolate(text)})`;
    }
    case "note": return t("noted: {text}", { text: isolate(text) });
    case "undo": return t("undid act {n}", { n: number(target) });
    default: return t("did act {n} again", { n: number(target) });
  }
}
