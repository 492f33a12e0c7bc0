import "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const { CLOCK_S, REFUSED_LATELY_S, filterOf, isLetIn, matches, queryOf, sorted, troublesOf } = await import(
  "../../../../dashboard/assets/devices/finding.js");
const { ago, batteryText, clockText, signalForm, troubleName } = await import(
  "../../../../dashboard/assets/devices/words.js");

const NOW = 1_700_000_000;
const ALL = filterOf("");
/** @type {PacketForm} */
const FORM = { at: NOW, boot: "b1", since: NOW - 60, fs: 250, leads: ["II", "V1"], samples: 125, stored: 900, clock_off_s: 0.2 };

/**
 * @param {Omit<Partial<ListedDevice>, "told"> & { told?: Partial<ToldOfDevice> }} fields
 * @returns {ListedDevice}
 */
function device({ told = {}, ...fields } = {}) {
  const name = fields.device ?? "bed-1";
  return {
    device: name, known: true, state: "sends", first_at: NOW - 900, last_at: NOW, admitted: false, label: name,
    form: FORM, accepted: 10, refused: {}, refusal: null, missing: 0, alerts: [], unit: "", ...fields,
    told: { label: "", state: "online", battery_pct: null, battery_low: false, charging: null, maker: "", model: "",
      serial: "", firmware: "", odd: [], ...told },
  };
}

/** @param {ListedDevice} row */
const troubles = (row) => troublesOf(row, NOW);

test("a device that sends and is well needs nobody", () => {
  assert.deepEqual(troubles(device()), []);
  assert.deepEqual(troubles(device({ refused: { type: 9 } })), [], "refused long ago");
});

test("each trouble is found, the gravest first", () => {
  const refusal = { at: NOW - REFUSED_LATELY_S, reason: "type", problem: "x" };
  const all = device({ refusal, alerts: [{ kind: "k", lead: null }], told: { battery_low: true, odd: ["battery"] },
    form: { ...FORM, clock_off_s: -CLOCK_S - 1 } });
  assert.deepEqual(troubles(all), ["alert", "battery", "refused", "clock", "odd"]);
  assert.deepEqual(troubles(device({ state: "silent" })), ["silent"]);
  assert.deepEqual(troubles(device({ state: "never" })), ["never"]);
  assert.deepEqual(troubles(device({ state: "turned_away", known: false, refusal })), ["turned_away"]);
  assert.deepEqual(troubles(device({ state: "refused", known: false, refusal })), ["refused"]);
});

test("a device that is let in has a place, though all its packets are refused", () => {
  assert.ok(isLetIn(device({ state: "refused" })));
  assert.ok(isLetIn(device({ state: "refused", known: false, admitted: true })));
  assert.ok(isLetIn(device({ state: "never", known: false })));
  assert.ok(!isLetIn(device({ state: "refused", known: false })));
  assert.ok(!isLetIn(device({ state: "turned_away", known: false })));
});

test("a device that is off needs somebody only if it has a patient; its battery is not of now", () => {
  const off = { state: /** @type {DeviceState} */ ("offline"), told: { battery_low: true } };
  assert.deepEqual(troubles(device(off)), []);
  assert.deepEqual(troubles(device({ ...off, admitted: true })), ["silent"]);
});

test("a device is found by unit, state, trouble and words of any order and case", () => {
  const one = device({ device: "bed-3", label: "Window", unit: "0000000a", told: { maker: "Acme", model: "H3", serial: "SN7" } });
  for (const filter of [{}, { unit: "0000000a" }, { state: "sends" }, { words: "acme WINDOW" }, { words: "sn7 v1" }]) {
    assert.ok(matches(one, { ...ALL, ...filter }, NOW), JSON.stringify(filter));
  }
  for (const filter of [{ unit: "0000000b" }, { state: "silent" }, { trouble: true }, { words: "bed-30" }]) {
    assert.ok(!matches(one, { ...ALL, ...filter }, NOW), JSON.stringify(filter));
  }
});

test("what needs somebody comes first, then beds as people count", () => {
  const rows = [device({ device: "bed-10" }), device({ device: "bed-2" }), device({ device: "bed-9", state: "silent" })];
  /** @param {Partial<DeviceFilter>} order */
  const names = (order) => sorted(rows, { ...ALL, ...order }, NOW, () => "").map((row) => row.device);
  assert.deepEqual(names({}), ["bed-9", "bed-2", "bed-10"]);
  assert.deepEqual(names({ sort: "label" }), ["bed-2", "bed-9", "bed-10"]);
  assert.deepEqual(names({ sort: "label", down: true }), ["bed-10", "bed-9", "bed-2"]);
});

test("batteries are sorted by charge, those that tell none last", () => {
  const rows = [device({ device: "a" }), device({ device: "b", told: { battery_pct: 80 } }), device({ device: "c", told: { battery_pct: 3 } })];
  const order = sorted(rows, { sort: "battery", down: false }, NOW, () => "").map((row) => row.device);
  assert.deepEqual(order, ["c", "b", "a"]);
});

test("an address says what is shown, and nonsense in it is nothing", () => {
  const asked = "?device=bed-3&unit=0000000a&state=silent&words=acme+h3&trouble=&sort=battery&down=";
  assert.equal(queryOf(filterOf(asked)), asked);
  assert.equal(queryOf(filterOf("")), "");
  assert.deepEqual(filterOf("?sort=__proto__&state=constructor&x=y"), ALL);
});

test("words of a device", () => {
  assert.equal(batteryText(device({ told: { battery_pct: 12, charging: true } })), "12 %, charging");
  assert.equal(batteryText(device({ told: { battery_pct: 12 } })), "12 %");
  assert.equal(batteryText(device()), "");
  assert.equal(signalForm(FORM), "II, V1 · 250 Hz");
  assert.equal(signalForm(null), "");
  assert.equal(clockText(0.4), "right");
  assert.equal(clockText(90), "1 min behind");
  assert.equal(clockText(-86_400 * 3), "3 days ahead");
  assert.equal(ago(5), "5 s ago");
  assert.equal(troubleName("alert", device({ alerts: [{ kind: "some_kind", lead: null }, { kind: "some_kind", lead: "II" }] })), "Some kind");
});
