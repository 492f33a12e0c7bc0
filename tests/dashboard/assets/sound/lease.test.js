import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { Lease, judge } = await import("../../../../dashboard/assets/sound/lease.js");

test("a lease is left to who holds it, unless it has run out or no clock can be right", () => {
  const now = 1e6;
  assert.equal(judge(null, "me", now), "take");
  assert.equal(judge({ id: "me", until: now - 1 }, "me", now), "keep");
  assert.equal(judge({ id: "x", until: now + 1 }, "me", now), "leave");
  assert.equal(judge({ id: "x", until: now - 1 }, "me", now), "take");
  assert.equal(judge({ id: "x", until: now + 1e9 }, "me", now), "take");
  assert.equal(judge({ id: "x" }, "me", now), "take");
});

test("a tab is sure of its lease at the second call, and others see it until it is let go", () => {
  const [one, other] = [new Lease(), new Lease()];
  assert.deepEqual([one.renew(), one.renew()], [false, true]);
  assert.deepEqual([other.renew(), other.elsewhere(), one.elsewhere()], [false, true, false]);
  one.release();
  assert.deepEqual([other.elsewhere(), other.renew(), other.renew()], [false, false, true]);
});
