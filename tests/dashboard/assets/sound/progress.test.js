import assert from "node:assert/strict";
import { test } from "node:test";

import { Progress, STILL_MS } from "../../../../dashboard/assets/sound/progress.js";

test("a clock goes on when it has been seen to, and no longer when it stands still", () => {
  const progress = new Progress();
  assert.equal(progress.goesOn(0, 0), false); // it says that it runs: not seen yet
  assert.equal(progress.goesOn(0, 500), false);
  assert.equal(progress.goesOn(0.4, 1000), true);
  assert.equal(progress.goesOn(0.4, 1000 + STILL_MS - 1), true);
  assert.equal(progress.goesOn(0.4, 1000 + STILL_MS), false);
  // A page that was busy for a minute sees that it has gone on meanwhile.
  assert.equal(progress.goesOn(60, 61_000), true);
  assert.equal(progress.goesOn(59, 61_500), true); // another context's clock
});
