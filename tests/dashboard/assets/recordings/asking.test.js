import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { firstQuestions, recorded, stripQuery } = await import("../../../../dashboard/assets/recordings/asking.js");

test("an address without a query has no question mark", () => {
  assert.equal(recorded("bed 1", "overview"), "/recorded/bed%201/overview");
  assert.equal(recorded("bed-1", "strip", { ...stripQuery(12.3456), within: 0 }),
    "/recorded/bed-1/strip?from=12.346&within=0");
});

test("ahead of being drawn a page asks for the moment that it names", () => {
  assert.deepEqual(firstQuestions({ pathname: "/review/bed%201", search: "?at=7300.5" }), [
    "/recorded/bed%201/spans", "/recorded/bed%201/overview", "/recorded/bed%201/strip?from=7300.500",
    "/recorded/bed%201/said?from=7200", "/recorded/bed%201/hour?from=7200"]);
  assert.equal(firstQuestions({ pathname: "/review/bed-1", search: "" }).length, 2);
});
