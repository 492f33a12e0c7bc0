import assert from "node:assert/strict";
import { test } from "node:test";

import "../page.js";
const { merged } = await import("../../../../dashboard/assets/header/keys.js");

test("a key that a page has given a meaning is not given another", () => {
  const own = [{ keys: "n p", text: "events" }];
  const common = [{ keys: "n", text: "alarm" }, { keys: "?", text: "help" }];
  assert.deepEqual(merged(own, common).map(({ text }) => text), ["events", "help"]);
  assert.deepEqual(merged([], common).map(({ text }) => text), ["alarm", "help"]);
});
