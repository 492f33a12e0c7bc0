// The beats of an hour laid over each other, by class and form: a click goes to one of them, and all
// of a form can be called something else.

import { make, setText } from "../base/dom.js";
import { number, t, tn } from "../base/i18n.js";
import { path, svg } from "../charts/svg.js";
import { restrict } from "../session/role.js";
import { SYMBOLS } from "./marking.js";

/** @import { Editor } from "./editing.js" */

const WIDTH = 140;
const HEIGHT = 90;
const LEAST_MV = 1;

export class Forms {
  /**
   * `ask(from)` fetches an hour's forms, `go(at)` shows a time.
   * @param {Editor} editor
   * @param {(from: number) => Promise<RecordedForms>} ask
   * @param {(at: number) => void} go
   */
  constructor(editor, ask, go) {
    this.editor = editor;
    this.ask = ask;
    this.go = go;
    this.from = -1;
    this.at = 0;
    this.turn = 0;
    this.list = make("div.forms");
    this.state = make("p.note", { role: "status" });
    this.element = make("details.review-forms", {},
      make("summary", {}, t("Beats of this hour laid over each other")), this.state, this.list);
    this.element.addEventListener("toggle", () => { void this.load(); });
  }

  /**
   * The hour that is shown, or what holds of it, has changed.
   * @param {number} from
   */
  show(from) {
    this.from = from;
    void this.load();
  }

  async load() {
    if (!this.element.open || this.from < 0) return;
    const mine = ++this.turn;
    setText(this.state, t("Looking …"));
    try {
      const found = await this.ask(this.from);
      if (mine !== this.turn) return;
      setText(this.state, found.forms.length === 0 ? t("There are no beats.") : "");
      this.list.replaceChildren(...found.forms.map((form) => this.card(found, form)));
    } catch (error) {
      if (mine === this.turn) setText(this.state, /** @type {Error} */ (error).message);
    }
  }

  /**
   * @param {RecordedForms} hour
   * @param {RecordedForm} form
   */
  card({ from }, form) {
    const count = tn("{n} beat", "{n} beats", form.after_ms.length);
    const picture = make("button.form-picture", { type: "button", "data-kind": form.label,
      "aria-label": t("{label}, {count}: go to the next", { label: form.label, count }) }, drawing(form));
    picture.addEventListener("click", () => this.go(next(form, from, this.at)));
    const becomes = make("select", { "aria-label": t("What they are called") },
      ...SYMBOLS.map((symbol) => make("option", {}, symbol)));
    becomes.value = form.label;
    const change = make("button", { type: "button" }, t("Call all"));
    restrict(change);
    change.addEventListener("click", () => {
      void this.editor.send("label", { from, after_ms: form.after_ms, value: becomes.value });
    });
    return make("div.form-card", {}, picture, make("span", {}, `${form.label} · ${number(form.after_ms.length)}`),
      make("span.edit-class", {}, becomes, change));
  }
}

/**
 * Time of the next beat of a form after a time; the first one after the last.
 * @param {Pick<RecordedForm, "after_ms">} form
 * @param {number} from beginning of the hour, Unix s
 * @param {number} at Unix s
 * @returns {number}
 */
export function next({ after_ms: times }, from, at) {
  return from + (times.find((ms) => from + ms / 1000 > at + 0.01) ?? times[0]) / 1000;
}

/** @param {RecordedForm} form */
function drawing({ mean, drawn }) {
  const all = [mean, ...drawn].flat();
  const low = Math.min(...all);
  const scale = (HEIGHT - 8) / Math.max(LEAST_MV, Math.max(...all) - low);
  /** @param {number[]} values */
  const line = (values) => path(values.map((value, i) => (
    /** @type {Point} */ ([(i / (values.length - 1)) * WIDTH, HEIGHT - 4 - (value - low) * scale]))));
  const picture = svg("svg.form", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  for (const values of drawn) picture.append(svg("path.one", { d: line(values) }));
  picture.append(svg("path.mean", { d: line(mean) }));
  return picture;
}
