// The menu by which a person chooses how traces are shown.

import { GAINS, LEADS, SPEEDS, change, display, onDisplay } from "../base/display.js";
import { make } from "../base/dom.js";
import { ltr, measure, t } from "../base/i18n.js";
import { calibrated } from "../base/scale.js";
import { legend } from "../trace/legend.js";

/** @type {Record<number, string>} */
const GAIN_NAMES = { 0.25: "×¼", 0.5: "×½", 1: "×1", 2: "×2", 4: "×4" };

const FITTING = 0; // among gains: what fits each bed

/** @param {number} gain */
function chooseGain(gain) {
  change(gain === FITTING ? { fit: true } : { fit: false, gain });
}

/**
 * Make `button` open the menu.
 * @param {HTMLElement} button
 * @param {HTMLElement} header
 */
export function mountPanel(button, header) {
  const scaled = make("p");
  const menu = make("div.menu.controls", { id: "display-menu", popover: "" },
    make("h2", {}, t("Traces")),
    choice(t("Sweep"), "speed", SPEEDS, (speed) => measure(speed, "mm/s", decimals(speed))),
    choice(t("Gain"), "gain", [FITTING, ...GAINS], (gain) => (gain === FITTING ? t("Fit") : ltr(GAIN_NAMES[gain])),
      { get: () => (display().fit ? FITTING : display().gain), set: chooseGain }),
    choice(t("Leads on the wall"), "leads", LEADS, String),
    tick(t("Grid (1 mm and 5 mm)"), "grid"),
    tick(t("Most urgent beds first on the wall"), "urgent"),
    tick(t("Keyboard shortcuts"), "shortcuts"),
    scaled,
    make("a", { href: "/calibration" }, t("Calibrate this screen …")),
    make("p.hint", {}, t("Press ? for the keyboard shortcuts.")),
    legend());
  const tell = () => {
    scaled.textContent = calibrated() ? t("This screen is calibrated: millimetres are true.")
      : t("This screen is not calibrated: millimetres are approximate.");
  };
  tell();
  onDisplay(tell);
  button.setAttribute("popovertarget", menu.id);
  header.before(menu);
}

/**
 * @param {number} value
 * @returns {number}
 */
function decimals(value) {
  return (String(value).split(".")[1] ?? "").length;
}

/**
 * @param {string} title
 * @param {DisplayNumber} name
 * @param {number[]} choices
 * @param {(value: number) => string} text
 * @param {{get: () => number, set: (value: number) => void}} access
 * @returns {HTMLElement}
 */
function choice(title, name, choices, text, access = {
  get: () => display()[name], set: (value) => change({ [name]: value }),
}) {
  const inputs = choices.map((value) => {
    const input = make("input", { type: "radio", name: `display-${name}`, value });
    input.addEventListener("change", () => access.set(value));
    return { value, input, label: make("label", {}, input, make("span", {}, text(value))) };
  });
  const show = () => {
    for (const { value, input } of inputs) input.checked = access.get() === value;
  };
  show();
  onDisplay(show);
  return make("fieldset.segments", {}, make("legend", {}, title),
    make("div", {}, ...inputs.map((one) => one.label)));
}

/**
 * @param {string} title
 * @param {DisplaySwitch} name
 * @returns {HTMLElement}
 */
function tick(title, name) {
  const input = make("input", { type: "checkbox" });
  const show = () => { input.checked = display()[name]; };
  input.addEventListener("change", () => change({ [name]: input.checked }));
  show();
  onDisplay(show);
  return make("label.tick", {}, input, make("span", {}, title));
}
