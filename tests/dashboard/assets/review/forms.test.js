import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { next } = await import("../../../../dashboard/assets/review/forms.js");

test("a form leads from beat to beat, and round", () => {
  const form = { after_ms: [500, 2000, 9000] };
  assert.equal(next(form, 3600, 3600), 3600.5);
  assert.equal(next(form, 3600, 3600.5), 3602);
  assert.equal(next(form, 3600, 3609), 3600.5);
});
