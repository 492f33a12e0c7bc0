// Beats over a strip, as buttons: what a reviewer changed is marked, what they drew lies above it.

import { svg } from "../charts/svg.js";
import { MM_PER_S, RHYTHMS, beatText } from "./marking.js";

const HEAD_MM = 6; // of charts/strip.js

/**
 * Put the beats of a strip onto its drawing.
 * @param {SVGElement} drawing
 * @param {RecordedStrip} strip
 * @param {(beat: RecordedBeat) => void} onBeat
 */
export function drawBeats(drawing, strip, onBeat) {
  for (const beat of strip.beats) drawing.append(button(beat, onBeat, mm(strip, beat.n)));
  const height = Number(drawing.getAttribute("viewBox")?.split(" ")[3] ?? 0);
  for (const { from_n: from, to_n: to, rhythm, text, by } of strip.drawn) {
    const x = Math.max(0, mm(strip, from));
    const width = Math.max(0.5, Math.min(mm(strip, strip.to_n), mm(strip, to)) - x);
    const words = [rhythm === "" ? "" : RHYTHMS[rhythm] ?? rhythm, text].filter(Boolean).join(" · ");
    drawing.append(svg("g.drawn", {},
      svg("title", {}, `${words} (${by})`),
      svg("rect", { x, width, y: height - 5, height: 5 }),
      svg("text", { x: x + 1, y: height - 1.4 }, words.slice(0, Math.max(3, Math.round(width / 1.9))))));
  }
}

/**
 * Mark what is chosen on a strip; nothing with null.
 * @param {SVGElement} drawing
 * @param {RecordedStrip} strip
 * @param {number | null} at Unix s
 */
export function markChosen(drawing, strip, at) {
  drawing.querySelector(".chosen-place")?.remove();
  if (at === null) return;
  const x = (at - strip.start) * MM_PER_S;
  const height = drawing.getAttribute("viewBox")?.split(" ")[3] ?? "0";
  drawing.append(svg("line.chosen-place", { x1: x, x2: x, y1: 0, y2: height }));
}

/**
 * @param {RecordedStrip} strip
 * @param {number} n
 * @returns {number}
 */
function mm(strip, n) {
  return ((n - strip.from_n) / strip.fs) * MM_PER_S;
}

/**
 * @param {RecordedBeat} beat
 * @param {(beat: RecordedBeat) => void} onBeat
 * @param {number} x
 * @returns {SVGElement}
 */
function button(beat, onBeat, x) {
  const shown = beat.symbol === "" ? beat.original : beat.symbol;
  const text = svg("text.beat", { x, y: 4.4, "data-kind": beat.label ?? "" }, shown);
  const classes = ["beat-button"];
  if (beat.by !== "") classes.push("reviewed");
  if (beat.symbol === "") classes.push("deleted");
  if (beat.disputed) classes.push("disputed");
  const group = svg(["g", ...classes].join("."), {
    role: "button", tabindex: "0", "aria-label": beatText(beat),
  }, svg("title", {}, beatText(beat)), svg("rect", { x: x - 3, y: 0.3, width: 6, height: HEAD_MM - 0.6, rx: 1 }), text);
  if (beat.symbol === "") {
    group.append(svg("line.crossed", { x1: x - 2.2, x2: x + 2.2, y1: 3.2, y2: 3.2 }));
  }
  // The strip's own pointer acts begin here as well: a beat is chosen, nothing is measured.
  group.addEventListener("pointerdown", (event) => event.stopPropagation());
  group.addEventListener("click", () => onBeat(beat));
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    onBeat(beat);
  });
  return group;
}
