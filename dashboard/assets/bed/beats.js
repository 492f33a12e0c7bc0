// Beats of a bed: the averaged beat of each class, the list of beats, the strip around one.

import { make, setText } from "../base/dom.js";
import { look, repeat } from "../charts/history.js";
import { number, t } from "../base/i18n.js";
import { drawStrip } from "../charts/strip.js";
import { band, frame, path, svg } from "../charts/svg.js";
import { milliseconds, timeOfDay } from "../base/words.js";

const MINUTES = 10;
const LIST_MS = 10_000;
const SHAPES_MS = 60_000;
const MAX_ROWS = 300;
const UNUSUAL = 0.5;
const LABELS = ["N", "S", "V", "F", "Q"];
const NAMES = {
  N: () => t("Normal"), S: () => t("Supraventricular"), V: () => t("Ventricular"),
  F: () => t("Fusion"), Q: () => t("Unclassifiable"),
};

/** Open it in `panel`; returns how to close it. */
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
  panel.append(
    make("div.panel-head", {}, make("h2", {}, t("Beats of the last {n} min", { n: MINUTES })), leads, message),
    shapes, make("div.panel-head", {}, filters), make("div.beats", {}, list, strip));
  let open = true;
  let found = null;
  let wanted = null; // class that the list shows, or all
  let lead = 0;
  let chosen = null; // beat whose strip is shown

  const fail = (error) => setText(message, error.message);
  const listing = repeat(async () => {
    const fresh = await look(bed.info.device, "beats", { minutes: MINUTES });
    if (!open) return;
    found = fresh;
    setText(message, found.beats.length === 0 ? t("No beats in this time") : "");
    show();
    if (chosen === null && found.beats.length > 0) jump(found.beats.at(-1));
  }, fail, () => LIST_MS);
  const averaging = repeat(async () => {
    const averages = await look(bed.info.device, "shapes", { minutes: MINUTES, lead });
    if (open) showShapes(averages);
  }, () => shapes.replaceChildren(make("p.note", {}, t("No beats to average yet"))), () => SHAPES_MS);

  function show() {
    filters.replaceChildren(...[null, ...LABELS].map((label) => {
      const count = label === null ? found.beats.length : found.counts[label];
      const button = make("button", { type: "button", "aria-pressed": String(label === wanted) },
        label === null ? t("All") : `${label} ${NAMES[label]()}`, make("span.count", {}, number(count)));
      button.addEventListener("click", () => {
        wanted = label;
        show();
        filters.children[[null, ...LABELS].indexOf(label)].focus();
      });
      return button;
    }));
    const beats = found.beats.filter(({ label }) => wanted === null || label === wanted);
    const top = list.scrollTop;
    body.replaceChildren(...beats.slice(-MAX_ROWS).toReversed().map(row));
    list.scrollTop = top;
  }

  function row(beat) {
    const time = make("button.link", { type: "button" }, timeOfDay(beat.at));
    time.addEventListener("click", () => jump(beat));
    const why = make("button", { type: "button",
      "aria-label": t("Why is this beat {label}?", { label: beat.label }) }, t("Why?"));
    why.addEventListener("click", () => explain(beat));
    const line = make("tr", { "data-kind": beat.label },
      make("td", {}, time), make("td", {}, beat.label),
      make("td", {}, beat.rr_s === null ? "–" : milliseconds(beat.rr_s * 1000)),
      make("td", {}, beat.anomaly === null ? "–" : number(beat.anomaly, 2, 2)),
      make("td", {}, why));
    if (beat.anomaly !== null && beat.anomaly >= UNUSUAL) line.dataset.unusual = "";
    if (chosen !== null && beat.n === chosen.n) line.dataset.chosen = "";
    return line;
  }

  async function jump(beat) {
    chosen = beat;
    show();
    try {
      const around = await look(bed.info.device, "strip", { boot: beat.boot, n: beat.n, at: beat.at });
      if (!open || chosen !== beat) return;
      strip.replaceChildren(
        make("h3", {}, t("{time}, class {label}", { time: timeOfDay(beat.at), label: beat.label })),
        drawStrip(around, { mark: beat.n, onBeat: (one) => explain({
          boot: around.boot, n: one.n, label: one.label, at: around.start + one.n / around.fs }) }),
        make("p.note", {}, t("A beat's letter opens why it was called so.")));
    } catch (error) {
      strip.replaceChildren(make("p.note", {}, error.message));
    }
  }

  function showShapes(averages) {
    if (leads.options.length !== averages.leads.length) {
      leads.replaceChildren(...averages.leads.map((name, i) => make("option", { value: i }, name)));
    }
    leads.value = averages.lead;
    shapes.replaceChildren(...averages.shapes.map((shape) => make("figure", {},
      make("figcaption", { "data-kind": shape.label }, `${shape.label} ${NAMES[shape.label]()}`,
        make("span.count", {}, `n = ${number(shape.count)}`)),
      drawShape(shape, averages))));
  }

  leads.addEventListener("change", () => {
    lead = Number(leads.value);
    averaging.now();
  });
  return () => {
    open = false;
    listing.stop();
    averaging.stop();
  };
}

function drawShape({ label, count, mean, low, high }, { fs, before_s: before, after_s: after, shapes }) {
  const all = shapes.flatMap((one) => [...one.low, ...one.high]);
  const plot = frame({
    width: 330, height: 230, x: [-before, after], y: [Math.min(-0.2, ...all), Math.max(0.4, ...all)],
    label: t("Averaged beat of class {label}, {n} beats", { label, n: count }),
    xText: (value) => number(value * 1000), yText: (value) => number(value, 1, 1), xTicks: 5,
  });
  const points = (values) => values.map((value, i) => [plot.x(i / fs - before), plot.y(value)]);
  plot.element.dataset.kind = label;
  plot.element.append(
    svg("path.band", { d: band(points(high), points(low)) }),
    svg("path.mean", { d: path(points(mean)) }),
    svg("text.unit", { x: 50, y: 28 }, "mV"),
    svg("text.axis", { x: 318, y: 202, "text-anchor": "end" }, "ms"));
  return plot.element;
}
