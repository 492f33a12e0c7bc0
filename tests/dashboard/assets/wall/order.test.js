import "../page.js";
import { alarm, bedInfo } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { byPlace, byUrgencyOf } = await import("../../../../dashboard/assets/wall/order.js");

/**
 * @param {Partial<BedInfo>} info
 * @param {Partial<Alarm>[]} alarms
 */
function bed(info, alarms = []) {
  return { info: bedInfo(info), alarms: alarms.map(alarm) };
}

test("beds stand in their places, then by name, then by device", () => {
  const beds = [
    bed({ device: "e", label: "Bed 10" }), bed({ device: "d", label: "Bed 9" }),
    bed({ device: "c", label: "Bed 9" }), bed({ device: "b", label: "Z", place: 2 }),
    bed({ device: "a", label: "Y", place: 1 }),
  ];
  assert.deepEqual([...beds].sort(byPlace).map(({ info }) => info.device), ["a", "b", "c", "d", "e"]);
});

test("the most urgent stands first; acknowledged ones and those alike stand in their places", () => {
  const beds = [
    bed({ device: "calm", place: 1 }),
    bed({ device: "seen", place: 2 }, [{ priority: "high", presence: "Ack" }]),
    bed({ device: "low", place: 3 }, [{ priority: "low" }]),
    bed({ device: "late", place: 5 }, [{ priority: "high" }]),
    bed({ device: "high", place: 4 }, [{ priority: "low" }, { priority: "high" }]),
  ];
  const order = byUrgencyOf(beds);
  assert.deepEqual([...beds].sort(order).map(({ info }) => info.device), ["high", "late", "low", "calm", "seen"]);
  assert.deepEqual([...beds].reverse().sort(byUrgencyOf([...beds].reverse())).map(({ info }) => info.device),
    ["high", "late", "low", "calm", "seen"]);
});
