import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { announced } = await import("../../../../dashboard/assets/session/session.js");

test("the end of a session is announced at 60, 30 and 10 s, not every second", () => {
  const told = Array.from({ length: 71 }, (_, i) => announced(70 - i));
  const changes = told.filter((text, i) => i > 0 && text !== told[i - 1]);
  assert.deepEqual(changes.map((text) => Number(/\d+/.exec(text)?.[0])), [60, 30, 10]);
});
