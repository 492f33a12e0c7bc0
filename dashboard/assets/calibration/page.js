// The calibration page: how many pixels of this screen are a millimetre.
//
// Two ways to the same figure: a card with the size of all bank and identity cards (ISO/IEC 7810
// ID-1, 85.60 x 53.98 mm) is held against an outline that is made to match, or a bar is measured
// with a ruler. What is found is shown as a ruler, to be checked before it is kept.

import { make, setText } from "../base/dom.js";
import { measure, number, t } from "../base/i18n.js";
import { CSS_PX_PER_MM, calibrate, calibrated, scale } from "../base/scale.js";

const CARD_MM = [85.6, 53.98];
const BAR_PX = 300;
const RULER_MM = 120;
const LEAST = 1.5; // px per mm: a television of 60 inches
const MOST = 12;

/**
 * The page asks the hub for no bed; alarms sound on it as anywhere.
 * @returns {Subscription}
 */
export function subscription() {
  return { beds: [], leads: 1 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  let draft = scale();
  const slider = make("input", {
    type: "range", min: LEAST, max: MOST, step: "0.005", "aria-label": t("Width of the outline"),
  });
  const card = make("div.card", { "aria-hidden": "true" });
  const bar = make("div.bar", { "aria-hidden": "true" });
  bar.style.width = `${BAR_PX}px`;
  const length = make("input", {
    type: "number", min: BAR_PX / MOST, max: BAR_PX / LEAST, step: "0.1", inputmode: "decimal",
    required: "",
  });
  const ruler = make("div.ruler-mm", { role: "img" });
  const state = make("p", { role: "status" });
  const keep = make("button.primary", { type: "button" }, t("Keep"));
  const forget = make("button", { type: "button" }, t("Forget"));

  /** @param {HTMLInputElement | null} source */
  function show(source) {
    const shown = Math.min(MOST, Math.max(LEAST, draft));
    card.style.width = `${CARD_MM[0] * shown}px`;
    card.style.height = `${CARD_MM[1] * shown}px`;
    if (source !== slider) slider.value = String(shown);
    if (source !== length) length.value = (BAR_PX / shown).toFixed(1);
    ruler.style.setProperty("--mm", `${shown}px`);
    ruler.setAttribute("aria-label", t("A ruler of {length}", { length: measure(RULER_MM, "mm") }));
    tell();
  }

  function tell() {
    const kept = calibrated() && Math.abs(scale() - draft) < 1e-9;
    setText(state, kept ? t("This screen is calibrated: {scale} pixels per mm.",
      { scale: number(scale(), 3) })
      : calibrated() ? t("Not kept yet.") : t("This screen has not been calibrated."));
    forget.disabled = !calibrated();
  }

  slider.addEventListener("input", () => { draft = slider.valueAsNumber; show(slider); });
  length.addEventListener("input", () => {
    if (!length.checkValidity()) return;
    draft = BAR_PX / length.valueAsNumber;
    show(length);
  });
  keep.addEventListener("click", () => { calibrate(draft); tell(); });
  forget.addEventListener("click", () => {
    calibrate(null);
    draft = CSS_PX_PER_MM;
    show(null);
  });
  for (let mm = 0; mm <= RULER_MM; mm += 10) {
    const mark = make("span", {}, number(mm));
    mark.style.setProperty("--at", String(mm));
    ruler.append(mark);
  }
  element.append(make("div.calibration", {},
    make("h1", {}, t("True millimetres on this screen")),
    make("p", {}, t("With a calibrated screen, 25 mm/s and 10 mm/mV are what they are on paper. The browser keeps this for this screen; set its zoom to 100 % first.")),
    make("section", {}, make("h2", {}, t("With a card")),
      make("p", {}, t("Hold a bank or identity card against the outline, and move the slider until their long edges match.")),
      slider, card),
    make("section", {}, make("h2", {}, t("With a ruler")),
      make("label", {}, make("span", {}, t("Measure this bar; its length in mm is")), length), bar),
    make("section", {}, make("h2", {}, t("Check")),
      make("p", {}, t("These are millimetres now. Hold a ruler to them, then keep them.")), ruler,
      state, make("div.buttons", {}, keep, forget))));
  show(null);
}
