import "../page.js";

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

const { send } = await import("../../../../dashboard/assets/session/posting.js");

afterEach(() => mock.restoreAll());

/** @param {Response[]} answers */
function answering(...answers) {
  return mock.method(globalThis, "fetch", async () => answers.shift());
}

const idle = () => Response.json({ error: "say who you are", who: true }, { status: 403 });

test("at an idle session who is there is asked, then the act is done once more", async () => {
  const fetched = answering(idle(), Response.json({ until: 5 }));
  const answer = await send("/alerts/pause", { device: "a" }, async () => true);
  assert.deepEqual(await answer.json(), { until: 5 });
  const bodies = fetched.mock.calls.map((call) => /** @type {any} */ (call.arguments)[1].body);
  assert.deepEqual(bodies, ['{"device":"a"}', '{"device":"a"}']);
});

test("who does not say who they are does nothing", async () => {
  const fetched = answering(idle());
  const answer = await send("/alerts/pause", {}, async () => false);
  assert.equal((await answer.json()).error, "say who you are");
  assert.equal(fetched.mock.callCount(), 1);
});

test("a role that is too weak is not asked who it is", async () => {
  answering(Response.json({ error: "only a clinician may do this" }, { status: 403 }));
  const answer = await send("/alerts/pause", {}, async () => assert.fail("asked"));
  assert.equal(answer.status, 403);
});

test("what is larger than the dashboard reads is told in words, and not sent", async () => {
  const most = Number(globalThis.process.env.MOST_BYTES); // as the document tells it
  const fetched = answering(Response.json({}));
  const text = (/** @type {number} */ bytes) => `${"é".repeat((bytes - '{"text":"x"}'.length) / 2)}x`;
  const answer = await send("/patients/note", { text: text(most + 2) });
  assert.deepEqual([answer.status, await answer.json()], [413, { error: "the request is too large" }]);
  assert.equal(fetched.mock.callCount(), 0);
  assert.equal((await send("/patients/note", { text: text(most) })).status, 200);
});
