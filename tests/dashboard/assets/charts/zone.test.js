import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.process.env.TZ = "Europe/Berlin";
const { axisTime, dayAndTime, offsetAt, recentTime, zoneName, zoneOfAxis } = await import(
  "../../../../dashboard/assets/charts/zone.js");

const CHANGE = Date.UTC(2026, 9, 25, 1) / 1000; // 3:00 of summer becomes 2:00

test("the zone is that of the browser, on either side of the change of clocks", () => {
  assert.deepEqual([offsetAt(CHANGE - 1), offsetAt(CHANGE), offsetAt(CHANGE + 0.5)], [7200, 3600, 3600]);
  assert.deepEqual([0, 3600, -12600, 20700].map(zoneName), ["UTC", "UTC+1", "UTC−3:30", "UTC+5:45"]);
});

test("an axis does not run back in the night in which clocks are changed, and names its zone", () => {
  for (const at of [CHANGE + 1800, CHANGE + 86400]) {
    const offset = offsetAt(at);
    const times = Array.from({ length: 240 }, (_, i) => axisTime(at - 14400 + 60 * i, offset));
    assert.deepEqual(times, [...new Set(times)].sort());
  }
  assert.equal(axisTime(CHANGE, offsetAt(CHANGE)), "2026-10-25T02:00:00.000");
  assert.equal(zoneOfAxis(CHANGE - 3600, CHANGE + 3600), "UTC+1");
  assert.equal(zoneOfAxis(CHANGE, CHANGE + 3600), "");
});

test("what is of today needs no date to be told apart", () => {
  const noon = new Date().setHours(12, 0, 0, 0) / 1000;
  assert.equal(recentTime(noon), "12:00:00");
  assert.match(recentTime(noon - 2 * 86400), /\d+\/\d+\/\d+.*\d\d:00:00/);
  assert.match(dayAndTime(noon), /[A-Z][a-z]+.*12:00:00/);
});
