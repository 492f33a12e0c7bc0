import "../page.js";
import { alarm, bedInfo } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { Bed } = await import("../../../../dashboard/assets/stream/bed.js");

/**
 * @param {Partial<Frame>} fields
 * @returns {Frame}
 */
function frame(fields) {
  return { leadOff: false, history: false, bed: 0, tag: 1, lead: 0, n0: 0, start: 1000, arrival: 0,
    fs: 250, gain: 100, baseline: 0, samples: new Int16Array(50), pulses: new Uint16Array(0), ...fields };
}

test("numbers of a signal that is gone are not shown as if it were there", () => {
  const bed = new Bed(bedInfo({ leads: ["II", "V1"] }));
  bed.frameAt = 100;
  bed.setMeasurement({ bed: 0, tag: 1, n: 2500, st: { II: 0.1, V1: -0.2 } });
  const told = (/** @type {Quality} */ q) => {
    bed.setVitals({ bed: 0, tag: 1, n: 2750, hr: q === "good" ? 70 : null, q, pvc: 3 }, 100);
    return [bed.pvcsPerMinute(101), bed.stLevel(0, 101), bed.stLevel(1, 101)];
  };
  assert.deepEqual(told("good"), [3, 0.1, -0.2]);
  assert.deepEqual(told("leadoff"), [null, null, null]);
  assert.deepEqual(told("flat"), [null, null, null]);
  bed.leadOff.set(0, true);
  assert.deepEqual(told("good"), [3, null, -0.2]);
});

test("numbers that mean nothing are withheld: no beat to count, no signal, noise", () => {
  const bed = new Bed(bedInfo({}));
  bed.frameAt = 100;
  bed.setMeasurement({ bed: 0, tag: 1, n: 2500, st: { II: 0.1 }, pr: 160 });
  const told = (/** @type {Alarm[]} */ ...alarms) => {
    bed.setVitals({ bed: 0, tag: 1, n: 2750, hr: 7, q: "good", pvc: 71 }, 100);
    bed.setAlarms({ bed: 0, pause: null, alarms });
    return [bed.withheld(101), bed.heartRate(101), bed.pvcsPerMinute(101), bed.stLevel(0, 101),
      bed.rateLook(101), bed.rhythm(101)];
  };
  for (const kind of ["vf", "asystole"]) {
    assert.deepEqual(told(alarm({ kind })), [true, null, null, null, null, kind]);
  }
  assert.deepEqual(told(alarm({ kind: "noise", priority: "technical" })), [true, null, null, null, null, null]);
  assert.deepEqual(told(alarm({ kind: "vf", present: false, presence: "Latch" })),
    [false, 7, 71, 0.1, "medium", "sinus_bradycardia"]);
  assert.equal(bed.withheld(103), true, "nothing comes any more");
  bed.restart();
  assert.equal(bed.withheld(103), false, "nothing was ever there");
});

test("what comes too late to be live is withheld, and said to be late", () => {
  const bed = new Bed(bedInfo({}));
  const told = () => [bed.connection(101), bed.withheld(101), bed.heartRate(101), bed.quality(101)];
  bed.late = true;
  assert.equal(bed.connection(101), "waiting");
  bed.frameAt = 100;
  bed.setVitals({ bed: 0, tag: 1, n: 0, hr: 70, q: "good" }, 100);
  assert.deepEqual(told(), ["late", true, null, null]);
  bed.late = false;
  assert.deepEqual(told(), ["live", false, 70, "good"]);
  bed.slow = true;
  assert.deepEqual([bed.connection(101), bed.connection(103)], ["live", "late"]);
});

test("numbers that are old, or of another power-up, are not shown", () => {
  const bed = new Bed(bedInfo({}));
  bed.frameAt = 100;
  bed.setVitals({ bed: 0, tag: 2, n: 0, hr: 70, q: "good" }, 100);
  assert.equal(bed.heartRate(101), null);
  bed.setVitals({ bed: 0, tag: 1, n: 0, hr: 70, q: "good" }, 100);
  assert.deepEqual([bed.heartRate(101), bed.heartRate(103), bed.quality(101)], [70, null, "good"]);
});

test("a bed says how its device is connected", () => {
  const bed = new Bed(bedInfo({}));
  assert.equal(bed.connection(0), "waiting");
  bed.accept(frame({}), 100);
  assert.deepEqual([bed.connection(101), bed.connection(103)], ["live", "no-data"]);
  bed.info.status = "offline";
  assert.equal(bed.connection(103), "offline");
});

test("a frame opens a ring for its lead, and another stream's is not taken", () => {
  const bed = new Bed(bedInfo({}));
  bed.accept(frame({ tag: 2 }), 100);
  assert.equal(bed.rings.size, 0);
  bed.accept(frame({ n0: 10, samples: Int16Array.of(50), pulses: Uint16Array.of(3) }), 100);
  assert.deepEqual([bed.rings.get(0)?.at(10), bed.rings.get(0)?.pulses, bed.start], [0.5, [13], 1000]);
});

test("beats take their places by sample, and a label that comes later", () => {
  const bed = new Bed(bedInfo({}));
  bed.addBeats({ bed: 0, tag: 1, beats: [[500, null, 1, 1, null], [250, "N", 1, 1, 0.1]] });
  bed.addBeats({ bed: 0, tag: 1, beats: [[500, "V", 1, 1, 0.9]] });
  bed.addBeats({ bed: 0, tag: 2, beats: [[750, "S", 1, 1, 0.9]] });
  assert.deepEqual(bed.beats.map(({ n, label }) => [n, label]), [[250, "N"], [500, "V"]]);
});

test("a paced beat is known as such, and a rhythm has an age unless it goes with its beats", () => {
  const bed = new Bed(bedInfo({}));
  bed.accept(frame({ n0: 400, pulses: Uint16Array.of(40) }), 100);
  bed.addBeats({ bed: 0, tag: 1, beats: [[480, null, 1, 1, null], [900, "Q", 1, 1, 0]] });
  bed.addBeats({ bed: 0, tag: 1, beats: [[480, "Q", 1, 1, 0]] });
  assert.deepEqual(bed.beats.map(({ paced }) => paced), [true, false]);
  bed.setAlarms({ bed: 0, pause: null, alarms: [alarm({ kind: "af", onset_at: 1000 })] });
  assert.deepEqual([bed.rhythmAge(1088), bed.rhythmAge(null)], [88, null]);
  bed.setAlarms({ bed: 0, pause: null, alarms: [alarm({ kind: "couplet", onset_at: 1000 })] });
  assert.equal(bed.rhythmAge(1088), null);
});

test("after another power-up everything begins anew", () => {
  const bed = new Bed(bedInfo({}));
  bed.accept(frame({}), 100);
  bed.describe(bedInfo({ label: "B" }));
  assert.deepEqual([bed.info.label, bed.rings.size], ["B", 1]);
  bed.describe(bedInfo({ boot: "y" }));
  assert.deepEqual([bed.rings.size, bed.start, bed.frameAt, bed.beats.length], [0, null, null, 0]);
});

test("sinus rhythm needs a P wave that was seen of late, and has its name by the rate", () => {
  const bed = new Bed(bedInfo({}));
  bed.frameAt = 100;
  const rhythm = (/** @type {number} */ hr, /** @type {number | null} */ pr, n = 2600) => {
    bed.setMeasurement({ bed: 0, tag: 1, n: 2500, st: {}, pr });
    bed.setVitals({ bed: 0, tag: 1, n, hr, q: "good" }, 100);
    return bed.rhythm(101);
  };
  assert.deepEqual([rhythm(72, 160), rhythm(59, 160), rhythm(101, 160)],
    ["sinus", "sinus_bradycardia", "sinus_tachycardia"]);
  assert.deepEqual([rhythm(72, null), rhythm(72, 160, 2500 + 31 * 250)], ["unknown", "unknown"]);
});

test("a rhythm that ventricular beats make goes with them, though its alarm is held", () => {
  const bed = new Bed(bedInfo({}));
  bed.frameAt = 100;
  bed.setVitals({ bed: 0, tag: 1, n: 0, hr: 70, q: "good" }, 100);
  bed.setAlarms({ bed: 0, pause: null, alarms: [alarm({ kind: "bigeminy", priority: "low" })] });
  let n = 0;
  const beat = (/** @type {BeatLabel | null} */ label) => {
    n += 250;
    bed.addBeats({ bed: 0, tag: 1, beats: [[n, label, 1, 1, 0]] });
    return bed.rhythm(101);
  };
  assert.deepEqual([beat("V"), beat("N"), beat("V"), beat("N"), beat("N")], Array(5).fill("bigeminy"));
  assert.deepEqual([beat(null), beat("N")], ["bigeminy", "unknown"]);
  assert.equal(bed.activeAlarms().length, 1, "the alarm is there all the same");
});

test("the rhythm is the gravest alarm that is present, else what the numbers say", () => {
  const bed = new Bed(bedInfo({}));
  bed.frameAt = 100;
  bed.setVitals({ bed: 0, tag: 1, n: 0, hr: 70, q: "good", rhythm: "paced" }, 100);
  assert.equal(bed.rhythm(101), "paced");
  bed.setAlarms({ bed: 0, pause: null, alarms: [alarm({ kind: "af" }),
    alarm({ kind: "vf", present: false, presence: "Off" })] });
  assert.equal(bed.rhythm(101), "af");
  assert.deepEqual(bed.activeAlarms().map(({ kind }) => kind), ["af"]);
});

test("intervals are those of the last average, and none when it is old or means nothing", () => {
  const bed = new Bed(bedInfo({}));
  bed.frameAt = 100;
  bed.setMeasurement({ bed: 0, tag: 1, n: 2500, st: {}, qrs: 92, pr: null, qt: 380, qtc: 410 });
  const intervals = (/** @type {number} */ n) => {
    bed.setVitals({ bed: 0, tag: 1, n, hr: 70, q: "good" }, 100);
    return [bed.interval("qrs", 101), bed.interval("pr", 101), bed.interval("qtc", 101)];
  };
  assert.deepEqual(intervals(2600), [92, null, 410]);
  assert.deepEqual(intervals(2500 + 61 * 250), [null, null, null]);
  bed.setAlarms({ bed: 0, pause: null, alarms: [alarm({ kind: "vf" })] });
  assert.deepEqual(intervals(2600), [null, null, null]);
});
