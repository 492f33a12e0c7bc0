import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { crc32, zipped } = await import("../../../../dashboard/assets/analyze/zipping.js");
const { gathered } = await import("../../../../dashboard/assets/analyze/sending.js");

test("the checksum is that of the standard, in one go or in two", () => {
  const bytes = new TextEncoder().encode("123456789");
  assert.equal(crc32(bytes), 0xcbf43926);
  assert.equal(crc32(bytes.slice(4), crc32(bytes.slice(0, 4))), 0xcbf43926);
});

test("a record of several files becomes one zip", async () => {
  const files = [new File(["r 1 360 3\n"], "r.hea"), new File([new Uint8Array([1, 2, 3])], "r.dat")];
  const [{ name, content }] = await gathered(files);
  assert.equal(name, "r.zip");
  const bytes = new Uint8Array(await content.arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 4)], [0x50, 0x4b, 3, 4]);
  assert.deepEqual(bytes, new Uint8Array(await (await zipped(files)).arrayBuffer()));
  const end = new DataView(bytes.buffer, bytes.length - 22);
  assert.equal(end.getUint32(0, true), 0x06054b50);
  assert.equal(end.getUint16(10, true), 2);
  assert.equal(end.getUint32(12, true) + end.getUint32(16, true), bytes.length - 22);
});

test("other files stay apart", async () => {
  const found = await gathered([new File(["x"], "a.edf"), new File(["y"], "b.csv")]);
  assert.deepEqual(found.map(({ name }) => name), ["a.edf", "b.csv"]);
});
