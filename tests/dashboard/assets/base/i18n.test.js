import { speak } from "../page.js";

import assert from "node:assert/strict";
import { test } from "node:test";

const MODULE = "../../../../dashboard/assets/base/i18n.js";

/**
 * The module as a page in a language loads it.
 * @param {string} lang
 * @param {"ltr" | "rtl"} dir
 * @param {object} messages
 * @returns {Promise<any>}
 */
function loaded(lang, dir, messages) {
  speak(lang, dir, messages);
  return import(`${MODULE}?${lang}`);
}

test("a number has a minus as wide as a plus, and its decimals", async () => {
  const { measure, number, signed } = await loaded("en", "ltr", {});
  assert.deepEqual([0.123, -0.1, -0.001, 0].map((mv) => signed(mv, 2)),
    ["+0.12", "\u22120.10", "0.00", "0.00"]);
  assert.equal(signed(-15.6), "\u221216");
  assert.equal(number(-0.5, 1), "\u22120.5");
  assert.equal(number(-0.04, 1), "0");
  assert.deepEqual([number(1234.5), number(2, 2), number(2, 2, 2)], ["1,235", "2", "2.00"]);
  assert.equal(measure(1.1, "mV", 2), "1.10 mV");
});

test("a message is looked up and its places are filled in", async () => {
  const { t, tn } = await loaded("fr", "ltr", {
    "by {name}": "par {name}", "{n} beds": { one: "{n} lit", other: "{n} lits" },
  });
  assert.equal(t("by {name}", { name: "Ada" }), "par Ada");
  assert.equal(t("{other} of {name}", { name: "Ada" }), "{other} of Ada");
  assert.deepEqual([0, 1, 2].map((n) => tn("{n} bed", "{n} beds", n)), ["0 lit", "1 lit", "2 lits"]);
  assert.deepEqual([1, 2].map((n) => tn("{n} page", "{n} pages", n)), ["1 page", "2 pages"]);
});

test("Arabic has its plurals, Latin digits, and keeps names and values in their direction", async () => {
  const { LOCALE, ltr, number, signed, t, tn } = await loaded("ar", "rtl", {
    "{n} beds": { one: "1", two: "2", few: "{n} few", other: "{n} other" },
  });
  assert.equal(LOCALE, "ar-u-nu-latn");
  assert.deepEqual([1, 2, 3, 100].map((n) => tn("{n} bed", "{n} beds", n)),
    ["1", "2", "\u20683\u2069 few", "\u2068100\u2069 other"]);
  assert.match(number(57), /57/);
  assert.equal(t("by {name}", { name: "Ada" }), "by \u2068Ada\u2069");
  assert.equal(ltr("70 bpm"), "\u206670 bpm\u2069");
  assert.equal(signed(3), "\u2066+3\u2069");
});

test("a name that is written from right to left moves nothing in a language that is not", async () => {
  const { t } = await loaded("en", "ltr", {});
  assert.equal(t("by {name} {time}", { name: "ليلى", time: "12:00:00" }), "by \u2068ليلى\u2069 12:00:00");
  assert.equal(t("by {name} {time}", { name: "Zoë", time: "12:00:00" }), "by Zoë 12:00:00");
});

test("names are in the order that people expect", async () => {
  const { byName } = await loaded("en", "ltr", {});
  assert.deepEqual(["Bed 10", "Bed 2", "bed 1"].sort(byName), ["bed 1", "Bed 2", "Bed 10"]);
});
