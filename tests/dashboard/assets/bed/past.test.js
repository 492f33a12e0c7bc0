import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { goesBack, pastAddress } = await import("../../../../dashboard/assets/bed/past.js");
const { momentOf } = await import("../../../../dashboard/assets/review/moving.js");

test("the review page opens at the moment that was live", () => {
  const address = pastAddress("bed 1", 1_790_000_012);
  assert.equal(address, "/review/bed%201?at=1790000000.0");
  assert.equal(momentOf(address.slice(address.indexOf("?"))), 1_790_000_000);
});

test("an address without a moment, or with nonsense, names none", () => {
  for (const search of ["", "?at=", "?at=x", "?at=-5", "?at=Infinity"]) assert.equal(momentOf(search), null);
});

test("only a wheel that is turned sideways leaves the live page", () => {
  assert.ok(goesBack({ deltaX: -30, deltaY: 2, shiftKey: false }));
  assert.ok(goesBack({ deltaX: 0, deltaY: -30, shiftKey: true }));
  assert.ok(!goesBack({ deltaX: 0, deltaY: -30, shiftKey: false }));
  assert.ok(!goesBack({ deltaX: 30, deltaY: 0, shiftKey: false }));
});
