// Fields of the dialogs about people, and what goes wrong there as a sentence.

import { make } from "../base/dom.js";

/**
 * A field for a password with its label. It cuts nothing: a new password that was cut on its way in
 * would be another one than its owner has written down.
 * @param {string} text
 * @param {string} autocomplete
 * @returns {{input: HTMLInputElement, label: HTMLElement}}
 */
export function field(text, autocomplete) {
  const input = make("input", { type: "password", autocomplete, required: "" });
  return { input, label: make("label.field", {}, make("span", {}, text), input) };
}

/**
 * @param {string} error
 * @returns {string}
 */
export function sentence(error) {
  return error.charAt(0).toUpperCase() + error.slice(1);
}
