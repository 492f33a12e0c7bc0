import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { endText, PAGE } = await import("../../../../dashboard/assets/charts/paged.js");

test("a list that does not show all says so, and one that does says that", () => {
  assert.equal(endText(PAGE, 1204), "The newest 300 of 1,204 are listed");
  assert.equal(endText(7, 7), "All 7 are listed");
  assert.equal(endText(2000, 2001), "The newest 2,000 of 2,001 are listed");
});
