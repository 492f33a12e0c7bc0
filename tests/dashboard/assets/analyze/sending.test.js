import "../page.js";

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

const { sendFile } = await import("../../../../dashboard/assets/analyze/sending.js");

afterEach(() => mock.restoreAll());

/**
 * A server that answers each piece by `piece`.
 * @param {(at: number) => Response | Error} piece
 */
function server(piece) {
  /** @type {string[]} */
  const asked = [];
  mock.method(globalThis, "fetch", async (/** @type {string} */ address) => {
    asked.push(address);
    if (!address.startsWith("/studies/piece")) return Response.json({ upload: "id" });
    const answer = piece(Number(new URLSearchParams(address.split("?")[1]).get("at")));
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return asked;
}

const never = new AbortController().signal;
const none = () => {};

test("a file goes out in pieces, and how far it is is told", async () => {
  const asked = server(() => Response.json({}));
  /** @type {number[]} */
  const shares = [];
  assert.equal(await sendFile("a.edf", new Blob(["0123456789"]), 4, (share) => shares.push(share), never, 0), "id");
  assert.deepEqual(asked.slice(1), [0, 4, 8].map((at) => `/studies/piece?upload=id&at=${at}`));
  assert.deepEqual(shares, [0.4, 0.8, 1]);
});

test("a piece that is lost is sent again", async () => {
  let lost = 0;
  const asked = server((at) => (at === 4 && lost++ < 3 ? new TypeError("network") : Response.json({})));
  await sendFile("a.edf", new Blob(["0123456789"]), 4, none, never, 0);
  assert.equal(asked.filter((address) => address.endsWith("at=4")).length, 4);
});

test("what is refused is told, and what has come in is dropped", async () => {
  const asked = server((at) => (at === 4 ? Response.json({ error: "no" }, { status: 400 }) : Response.json({})));
  await assert.rejects(sendFile("a.edf", new Blob(["0123456789"]), 4, none, never, 0), { message: "no" });
  assert.equal(asked.at(-1), "/studies/remove");
});

test("who cancels sends no further piece", async () => {
  const ending = new AbortController();
  const asked = server(() => Response.json({}));
  const sent = sendFile("a.edf", new Blob(["0123456789"]), 4, () => ending.abort(new Error("cancelled")), ending.signal, 0);
  await assert.rejects(sent, { message: "cancelled" });
  assert.deepEqual(asked.slice(1), ["/studies/piece?upload=id&at=0", "/studies/remove"]);
});
