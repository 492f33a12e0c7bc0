// Beats of a bed: the averaged beat of each class and form, the list of beats, the strip around one.

import { focusOn, make, setText } from "../base/dom.js";
import { look, repeat } from "../charts/history.js";
import { number, t } from "../base/i18n.js";
import { Paged } from "../charts/paged.js";
import { drawStrip } from "../charts/strip.js";
import { band, frame, path, svg } from "../charts/svg.js";
import { milliseconds, timeOfDay } from "../base/words.js";
import { elsewhere } from "./spanchoice.js";

/** @import { Bed } from "../stream/bed.js" */

const MINUTES = 10;
const LIST_MS = 10_000;
const SHAPES_MS = 60_000;
const UNUSUAL = 0.5;
/** @type {BeatLabel[]} */
const LABELS = ["N", "S", "V", "F", "Q"];
const NAMES = {
  N: () => t("Normal"), S: () => t("Supraventricular"), V: () => t("Ventricular"),
  F: () => t("Fusion"), Q: () => t("Paced or unclassifiable"),
};

/**
 * Open it in `panel`; returns how to close it.
 * @param {HTMLElement} panel
 * @param {Bed} bed
 * @param {BedTools} tools
 * @returns {() => void}
 */
export function open(panel, bed, { explain }) {
  const message = make("p.outcome", { role: "status" }, t("Loading …"));
  const leads = make("select", { "aria-label": t("Lead") });
  const shapes = make("div.shapes");
  const strip = make("div.strip-place", {},
    make("p.note", {}, t("Choose a beat of the list to see the signal around it.")));
  const filters = make("div.choices", { role: "group", "aria-label": t("Class") });
  const body = make("tbody");
  const list = make("div.beat-list", { tabindex: "0", "aria-label": t("Beats") },
    make("table", {}, make("thead", {}, make("tr", {},
      ...[t("Time"), t("Class"), t("RR"), t("Anomaly"), ""].map(
        (name) => make("th", { scope: "col" }, name)))), body));
  const paged = new Paged(() => show());
  list.append(paged.element);
  panel.append(
    make("div.panel-head", {}, make("h2", {}, t("Beats of the last {n} min", { n: MINUTES })), leads, message),
    shapes, make("div.panel-head", {}, filters), make("div.beats", {}, list, strip));
  let isOpen = true;
  /** @type {KeptBeats | null} */
  let found = null;
  /** @type {BeatLabel | null} */
  let wanted = null; // class that the list shows, or all
  let lead = 0;
  /** @type {KeptBeat | null} */
  let chosen = null; // beat whose strip is shown

  /** @param {Error} error */
  const fail = (error) => setText(message, error.message);
  const listing = repeat(async (isNewest) => {
    /** @type {KeptBeats} */
    const fresh = await look(bed.info.device, "beats", { minutes: MINUTES });
    if (!isNewest()) return;
    found = fresh;
    setText(message, fresh.beats.length === 0 ? t("No beats in this time") : "");
    show();
    const newest = fresh.beats.at(-1);
    if (chosen === null && newest !== undefined) void jump(newest);
  }, fail, () => LIST_MS);
  const averaging = repeat(async (isNewest) => {
    const averages = await look(bed.info.device, "shapes", { minutes: MINUTES, lead });
    if (isNewest()) showShapes(averages);
  }, () => shapes.replaceChildren(make("p.note", {}, t("No beats to average yet"))), () => SHAPES_MS);

  function show() {
    if (found === null) return;
    const { beats: all, counts } = found;
    const total = LABELS.reduce((sum, label) => sum + counts[label], 0); // more than are told at once
    filters.replaceChildren(...[null, ...LABELS].map((label) => {
      const count = label === null ? total : counts[label];
      const button = make("button", { type: "button", "aria-pressed": String(label === wanted) },
        label === null ? t("All") : `${label} ${NAMES[label]()}`, make("span.count", {}, number(count)));
      button.addEventListener("click", () => {
        wanted = label;
        paged.restart();
        show();
        focusOn(filters.children[[null, ...LABELS].indexOf(label)]);
      });
      return button;
    }));
    const beats = all.filter(({ label }) => wanted === null || label === wanted);
    const top = list.scrollTop;
    body.replaceChildren(...beats.slice(-paged.count).toReversed().map(row));
    paged.update(beats.length, wanted === null ? total : counts[wanted]);
    list.scrollTop = top;
  }

  /**
   * @param {KeptBeat} beat
   * @returns {HTMLElement}
   */
  function row(beat) {
    const time = make("button.link", { type: "button" }, timeOfDay(beat.at));
    time.addEventListener("click", () => jump(beat));
    const here = beat.device === bed.info.device; // else its signal is not replayed here
    const why = make("button", { type: "button",
      "aria-label": t("Why is this beat {label}?", { label: beat.label }) }, t("Why?"));
    why.addEventListener("click", () => explain(beat));
    const line = make("tr", { "data-kind": beat.label },
      make("td", {}, time, ...elsewhere(beat.device, bed.info.device)), make("td", {}, beat.label),
      make("td", {}, beat.rr_s === null ? "–" : milliseconds(beat.rr_s * 1000)),
      make("td", {}, beat.anomaly === null ? "–" : number(beat.anomaly, 2, 2)),
      make("td", {}, ...(here ? [why] : [])));
    if (beat.anomaly !== null && beat.anomaly >= UNUSUAL) line.dataset.unusual = "";
    if (chosen !== null && beat.n === chosen.n) line.dataset.chosen = "";
    return line;
  }

  /** @param {KeptBeat} beat */
  async function jump(beat) {
    chosen = beat;
    show();
    try {
      const around = await look(bed.info.device, "strip",
        { boot: beat.boot, n: beat.n, at: beat.at, of: beat.device });
      if (!isOpen || chosen !== beat) return;
      strip.replaceChildren(
        make("h3", {}, t("{time}, class {label}", { time: timeOfDay(beat.at), label: beat.label })),
        drawStrip(around, { mark: beat.n, onBeat: beat.device !== bed.info.device ? null : (one) => explain({
          boot: around.boot, n: one.n, label: one.label, at: around.start + one.n / around.fs }) }),
        ...(beat.device === bed.info.device
          ? [make("p.note", {}, t("A beat's letter opens why it was called so."))] : []));
    } catch (error) {
      if (!isOpen || chosen !== beat) return;
      strip.replaceChildren(make("p.note", {}, /** @type {Error} */ (error).message));
    }
  }

  /** @param {Shapes} averages */
  function showShapes(averages) {
    if (leads.options.length !== averages.leads.length) {
      leads.replaceChildren(...averages.leads.map((name, i) => make("option", { value: i }, name)));
    }
    leads.value = String(averages.lead);
    shapes.replaceChildren(...averages.shapes.map((shape) => make("figure", {},
      make("figcaption", { "data-kind": shape.label }, `${shape.label} ${NAMES[shape.label]()}`,
        ...(shape.form === 0 ? [] : [make("span.form-number", {}, t("form {n}", { n: shape.form }))]),
        make("span.count", {}, `n = ${number(shape.count)}`)),
      drawShape(shape, averages))));
  }

  leads.addEventListener("change", () => {
    lead = Number(leads.value);
    void averaging.now();
  });
  return () => {
    isOpen = false;
    listing.stop();
    averaging.stop();
  };
}

/**
 * @param {Shape} shape
 * @param {Shapes} averages
 * @returns {SVGElement}
 */
function drawShape({ label, count, mean, low, high }, { fs, before_s: before, after_s: after, shapes }) {
  const all = shapes.flatMap((one) => [...one.low, ...one.high]);
  const plot = frame({
    width: 330, height: 230, x: [-before, after], y: [Math.min(-0.2, ...all), Math.max(0.4, ...all)],
    label: t("Averaged beat of class {label}, {n} beats", { label, n: count }),
    xText: (value) => number(value * 1000), yText: (value) => number(value, 1, 1), xTicks: 5,
  });
  /** @type {(values: number[]) => Point[]} */
  const points = (values) => values.map((value, i) => [plot.x(i / fs - before), plot.y(value)]);
  plot.element.dataset.kind = label;
  plot.element.append(
    svg("path.band", { d: band(points(high), points(low)) }),
    svg("path.mean", { d: path(points(mean)) }),
    svg("text.unit", { x: 50, y: 28 }, "mV"),
    svg("text.axis", { x: 318, y: 202, "text-anchor": "end" }, "ms"));
  return plot.element;
}
