import assert from "node:assert/strict";
import { test } from "node:test";

import { fitHeader } from "../../../../dashboard/assets/header/fit.js";

/** A header that is too wide until as many words are left out as `needed` says. */
function header() {
  const element = {
    /** @type {{without?: string}} */
    dataset: {},
    needed: 0,
    clientWidth: 800,
    children: [],
    get scrollWidth() {
      const left = (element.dataset.without ?? "").split(" ").filter((word) => word !== "").length;
      return left < element.needed ? 1000 : 800;
    },
  };
  return element;
}

/** @param {number} width px */
function setWindow(width) {
  Object.defineProperty(globalThis, "innerWidth", { value: width, configurable: true });
}

test("what matters least gives way first, and comes back when the window changes alone", () => {
  const element = header();
  const fit = fitHeader(/** @type {any} */ (element));
  const without = (/** @type {number} */ needed) => {
    element.needed = needed;
    fit();
    return element.dataset.without;
  };
  setWindow(1200);
  assert.deepEqual([without(0), without(2), without(0)], ["", "figures words", "figures words"]);
  setWindow(1201);
  assert.deepEqual([without(0), without(9)], ["", "figures words brand lines"]);
});

test("on a phone the header takes several lines from the beginning", () => {
  const element = header();
  setWindow(390);
  fitHeader(/** @type {any} */ (element))();
  assert.equal(element.dataset.without, "figures words brand lines");
});
