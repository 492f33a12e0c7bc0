import assert from "node:assert/strict";
import { test } from "node:test";

import { isPaced, letterOf } from "../../../../dashboard/assets/stream/paced.js";

test("a beat with a pulse just ahead of it is paced and called P, another of its class is Q", () => {
  const of = (/** @type {number} */ pulse, /** @type {BeatLabel | null} */ label = "Q") => (
    isPaced({ n: 1000, label }, [0, pulse], 250));
  assert.deepEqual([of(1000 - 87), of(1000 - 88), of(1005), of(1006), of(950, "V"), of(950, null)],
    [true, false, true, false, false, false]);
  assert.deepEqual([letterOf({ label: "Q", paced: true }), letterOf({ label: "Q" }), letterOf({ label: null })],
    ["P", "Q", null]);
});
