import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { leftBehind } = await import("../../../../dashboard/assets/wall/absent.js");

test("what was the matter when the device went is told; what is of the device is not", () => {
  const vf = alarm({ id: "a", kind: "vf", present: true, priority: "high" });
  const over = alarm({ id: "b", kind: "asystole", present: false, priority: "high" });
  const gone = alarm({ id: "c", kind: "no_data", present: true, priority: "technical" });
  assert.equal(leftBehind([over, vf, gone])?.id, "a");
  assert.equal(leftBehind([over, gone]), null);
});
