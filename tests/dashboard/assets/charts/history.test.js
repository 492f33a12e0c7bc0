import "../page.js";

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

const { address, askAhead, forgetAhead, look, read, repeat } = await import("../../../../dashboard/assets/charts/history.js");

afterEach(() => mock.restoreAll());

/** @param {() => Promise<Response>} answer */
function answering(answer) {
  mock.method(globalThis, "fetch", answer);
  mock.method(console, "info", () => {});
}

test("an address names the bed, what is asked for, and how", () => {
  assert.equal(address("bed 1", "trend"), "/history/bed%201/trend?");
  assert.equal(address("b", "strip", { boot: "x", n: 5 }), "/history/b/strip?boot=x&n=5");
});

test("what goes wrong is told in words", async () => {
  answering(async () => Response.json({ alarms: [] }));
  assert.deepEqual(await look("b", "alarms"), { alarms: [] });
  answering(async () => Response.json({ error: "too long ago" }, { status: 404 }));
  await assert.rejects(look("b", "alarms"), /too long ago/);
  answering(async () => new Response("", { status: 401 }));
  await assert.rejects(look("b", "alarms"), /session has ended/);
  answering(async () => { throw new TypeError("network"); });
  await assert.rejects(look("b", "alarms"), /cannot be reached/);
});

test("an answer that was overtaken, or comes after the end, is not shown", async () => {
  /** @type {((text: string) => void)[]} */
  const answer = [];
  /** @type {string[]} */
  const shown = [];
  const loop = repeat(async (isNewest) => {
    const text = await new Promise((resolve) => { answer.push(resolve); });
    if (isNewest()) shown.push(text);
  }, () => assert.fail("nothing goes wrong"), () => 1e6);
  const second = loop.now();
  answer[1]("newer");
  await second;
  answer[0]("older");
  await new Promise((resolve) => { setImmediate(resolve); });
  const third = loop.now();
  loop.stop();
  answer[2]("too late");
  await third;
  assert.deepEqual(shown, ["newer"]);
});

test("a task is repeated, also after it has failed, until it is stopped", async () => {
  /** @type {string[]} */
  const said = [];
  let turns = 0;
  await new Promise((resolve) => {
    const loop = repeat(async () => {
      turns += 1;
      if (turns === 2) throw new Error("no");
      if (turns === 3) {
        loop.stop();
        resolve(undefined);
      }
    }, (error) => said.push(error.message), () => 0);
  });
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  assert.deepEqual([turns, said], [3, ["no"]]);
});

test("what was asked for ahead of the page is taken once; what nobody took is forgotten", async () => {
  let turn = 0;
  answering(async () => Response.json({ turn: ++turn }));
  askAhead("/a");
  assert.equal(turn, 1);
  assert.deepEqual(await read("/a"), { turn: 1 });
  assert.deepEqual(await read("/a"), { turn: 2 });
  askAhead("/a");
  forgetAhead();
  assert.deepEqual(await read("/a"), { turn: 4 });
});

test("who takes an answer that failed ahead is told so", async () => {
  answering(async () => Response.json({ error: "too long ago" }, { status: 404 }));
  askAhead("/gone");
  await assert.rejects(read("/gone"), /too long ago/);
});
