// What the marks above a trace and the ribbon below it mean, drawn as they are there.

import { onDisplay } from "../base/display.js";
import { make, traceColours } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { drawMark } from "./marks.js";

const WIDTH_PX = 26;
const HEIGHT_PX = 16;
const WITH_LETTER = 1000; // px per s of sweep: there is room

/** @type {[label: BeatLabel | null, name: string][]} */
const NAMES = [
  ["N", t("Normal")], ["S", t("Supraventricular")], ["V", t("Ventricular")], ["F", t("Fusion")],
  ["Q", t("Paced (P) or unclassifiable")], [null, t("Not decided yet")],
];

/** @returns {HTMLElement} */
export function legend() {
  const rows = NAMES.map(([label, name]) => {
    const canvas = make("canvas", { "aria-hidden": "true" });
    return { label, canvas, element: make("div", {}, make("dt", {}, canvas), make("dd", {}, name)) };
  });
  const draw = () => {
    const ratio = window.devicePixelRatio || 1;
    const colours = traceColours();
    for (const { label, canvas } of rows) {
      canvas.width = WIDTH_PX * ratio;
      canvas.height = HEIGHT_PX * ratio;
      const context = canvas.getContext("2d");
      if (context === null) continue;
      context.font = `600 ${12 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
      drawMark(context, 8 * ratio, label, colours, ratio, WITH_LETTER * ratio);
    }
  };
  onDisplay(draw);
  draw();
  return make("section.legend", {}, make("h2", {}, t("Marks of beats")),
    make("dl", {}, ...rows.map(({ element }) => element),
      make("div", {}, make("dt", {}, make("span.ribbon")), make("dd", {}, t("Unusual for this patient")))));
}
