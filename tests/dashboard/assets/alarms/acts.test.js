import "../page.js";
import { alarm } from "../alarms.js";

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

const { acknowledge, post, seen } = await import("../../../../dashboard/assets/alarms/acts.js");

afterEach(() => mock.restoreAll());

test("who acts says which alarms were shown, and how urgent", () => {
  assert.deepEqual(seen([alarm({ id: "a" }), alarm({ id: "b", priority: "low" })]),
    { a: "high", b: "low" });
});

test("an act is posted as JSON; what goes wrong is told in words", async () => {
  /** @type {Response | Error} */
  let answer = Response.json({});
  const fetched = mock.method(globalThis, "fetch", async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  mock.method(console, "info", () => {});
  assert.equal(await post("/alerts/pause", { device: "a" }), null);
  const [address, options] = /** @type {any} */ (fetched.mock.calls[0].arguments);
  assert.deepEqual([address, options.method, options.body], ["/alerts/pause", "POST", '{"device":"a"}']);
  answer = Response.json({ error: "no such alert" }, { status: 409 });
  assert.equal(await post("/alerts/pause", {}), "no such alert");
  answer = new Response("", { status: 401 });
  assert.match(await post("/alerts/pause", {}) ?? "", /session has ended/);
  answer = new TypeError("network");
  assert.match(await post("/alerts/pause", {}) ?? "", /cannot be reached/);
});

test("an alarm that ended before the press is said to be over, and asked nothing about", async () => {
  let unknown = ["a"];
  mock.method(globalThis, "fetch", async () => Response.json({ done: [], already: [], unknown }));
  const [one, two] = [alarm({ id: "a" }), alarm({ id: "b" })];
  assert.deepEqual(await acknowledge([one]), { error: "the alarm is over already", reached: [] });
  assert.deepEqual(await acknowledge([one, two]), { error: null, reached: [two] });
  unknown = [];
  assert.deepEqual(await acknowledge([one]), { error: null, reached: [one] });
});
