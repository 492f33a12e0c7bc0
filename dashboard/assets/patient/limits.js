// The editor of alarm limits and priorities of a patient or a bed: values, defaults beside them, mistakes.

import { make, setData, setText } from "../base/dom.js";
import { listed, number, t } from "../base/i18n.js";
import {
  choiceName, inOrder, levelName, limitText, limitWords, sectionName,
} from "./limitwords.js";
import { alarmName } from "../base/words.js";

/** @import { Draft } from "./draft.js" */

export class LimitEditor {
  /**
   * `whose` heads the column of the values; `changed` is called when the draft has been edited.
   * @param {Draft} draft
   * @param {boolean} mayEdit
   * @param {string} whose
   * @param {() => void} changed
   */
  constructor(draft, mayEdit, whose, changed) {
    this.draft = draft;
    this.whose = whose;
    this.mayEdit = mayEdit;
    this.changed = changed;
    /** @type {Map<string, LimitRow>} */
    this.rows = new Map(); // "section.key" -> what its row is made of
    /** @type {Map<string, LevelRow>} */
    this.levels = new Map(); // kind -> likewise
    const sections = Object.entries(draft.rules.ranges).map(
      ([section, keys]) => this.section(section,
        [...Object.keys(keys), ...Object.keys(draft.rules.choices[section] ?? {})]));
    this.element = make("div.limits", {}, ...sections, this.priorities());
    this.update();
  }

  /**
   * @param {string} section
   * @param {string[]} keys
   * @returns {HTMLElement}
   */
  section(section, keys) {
    const ordered = inOrder(section, keys);
    const plain = ordered.filter((key) => !limitWords(section, key).fine);
    const fine = ordered.filter((key) => limitWords(section, key).fine);
    const parts = [];
    if (plain.length > 0) parts.push(this.table(section, plain));
    if (fine.length > 0) {
      parts.push(make("details", {}, make("summary", {}, t("Fine tuning")),
        this.table(section, fine)));
    }
    return make("section", {}, make("h3", {}, sectionName(section)), ...parts);
  }

  /**
   * @param {string} section
   * @param {string[]} keys
   * @returns {HTMLElement}
   */
  table(section, keys) {
    return make("table", {},
      head(t("Limit"), this.whose, t("Default")),
      make("tbody", {}, ...keys.map((key) => this.row(section, key))));
  }

  /**
   * @param {string} section
   * @param {string} key
   * @returns {HTMLElement}
   */
  row(section, key) {
    const { name, unit } = limitWords(section, key);
    const path = `${section}.${key}`;
    const words = this.draft.rules.choices[section]?.[key];
    const input = words === undefined ? this.numberInput(section, key)
      : this.choice(section, key, words);
    input.disabled = !this.mayEdit;
    const problem = make("span.problem", { id: `problem-${path}` });
    const fallback = make("span", words === undefined ? { dir: "ltr" } : {});
    const reset = this.resetButton(name, () => {
      this.draft.reset(section, key);
      input.value = String(this.draft.value(section, key));
      input.focus();
    });
    input.addEventListener("input", () => {
      // A browser gives no text for what it cannot read as a number.
      if (words !== undefined) this.draft.choose(section, key, input.value);
      else this.draft.set(section, key, input.validity.badInput ? "?" : input.value);
      this.edited();
    });
    const element = make("tr", {},
      make("th", { scope: "row" }, make("label", { for: `limit-${path}` }, name)),
      make("td", {}, make("span.value", {}, input, make("span.unit", {}, unit)), problem),
      make("td", {}, fallback, reset));
    this.rows.set(path, { section, key, element, input, problem, fallback, reset });
    return element;
  }

  /**
   * @param {string} section
   * @param {string} key
   * @returns {HTMLInputElement}
   */
  numberInput(section, key) {
    const [low, high, whole] = this.draft.rules.ranges[section][key];
    return make("input", {
      type: "number", min: low, max: high, step: whole ? 1 : "any", dir: "ltr",
      inputmode: whole ? "numeric" : "decimal", id: `limit-${section}.${key}`, autocomplete: "off",
      "aria-describedby": `problem-${section}.${key}`,
    });
  }

  /**
   * @param {string} section
   * @param {string} key
   * @param {string[]} words
   * @returns {HTMLSelectElement}
   */
  choice(section, key, words) {
    return make("select", { id: `limit-${section}.${key}` },
      ...words.map((word) => make("option", { value: word }, choiceName(section, key, word))));
  }

  /** @returns {HTMLElement} */
  priorities() {
    const kinds = Object.keys(this.draft.rules.alarms);
    const fixed = kinds.filter((kind) => this.draft.rules.fixed.includes(kind));
    const free = kinds.filter((kind) => !fixed.includes(kind));
    const told = listed(fixed.map((kind) => alarmName(kind)));
    return make("section", {}, make("h3", {}, t("Alarm priorities")),
      make("table", {}, head(t("Alarm"), this.whose, t("Default")),
        make("tbody", {}, ...free.map((kind) => this.priority(kind)))),
      make("p.fixed", {}, t("Cannot be lowered or turned off: {alarms}.", { alarms: told })));
  }

  /**
   * @param {string} kind
   * @returns {HTMLElement}
   */
  priority(kind) {
    const select = make("select", { id: `level-${kind}` }, ...this.draft.rules.levels.map(
      (level) => make("option", { value: level }, levelName(level))));
    select.disabled = !this.mayEdit;
    const reset = this.resetButton(alarmName(kind), () => {
      this.draft.setLevel(kind, this.draft.rules.alarms[kind]);
      select.focus();
    });
    select.addEventListener("change", () => {
      this.draft.setLevel(kind, select.value);
      this.edited();
    });
    const element = make("tr", {},
      make("th", { scope: "row" }, make("label", { for: `level-${kind}` }, alarmName(kind))),
      make("td", {}, select),
      make("td", {}, levelName(this.draft.rules.alarms[kind]), reset));
    this.levels.set(kind, { element, select, reset });
    return element;
  }

  /**
   * @param {string} name
   * @param {() => void} act
   * @returns {HTMLElement}
   */
  resetButton(name, act) {
    const label = t("Back to the default: {limit}", { limit: name });
    const button = make("button.reset", { type: "button", "aria-label": label, title: label }, "↺");
    button.addEventListener("click", () => { act(); this.edited(); });
    return button;
  }

  edited() {
    this.update();
    this.changed();
  }

  /** Bring the rows up to date; what is being typed stays as it is. */
  update() {
    const problems = this.draft.problems();
    for (const [path, row] of this.rows) {
      const { section, key, element, input, problem, fallback, reset } = row;
      const own = this.draft.isOwn(section, key);
      const wrong = problems.get(path);
      setData(element, "own", own ? "" : null);
      const standard = this.draft.fallback(section, key);
      setText(fallback, typeof standard === "string" ? limitText(section, key, standard)
        : number(standard, 2));
      reset.hidden = !own || !this.mayEdit;
      if (document.activeElement !== input && !this.draft.unreadable.has(path)) {
        input.value = String(this.draft.value(section, key));
      }
      input.setAttribute("aria-invalid", String(wrong !== undefined));
      setText(problem, wrong === undefined ? "" : problemText(section, wrong));
      if (wrong !== undefined) element.closest("details")?.setAttribute("open", "");
    }
    for (const [kind, { element, select, reset }] of this.levels) {
      const own = this.draft.alarms[kind] !== undefined;
      setData(element, "own", own ? "" : null);
      select.value = this.draft.level(kind);
      reset.hidden = !own || !this.mayEdit;
    }
  }

  /** Move to the first mistake. */
  showProblem() {
    for (const path of this.draft.problems().keys()) {
      const input = this.rows.get(path)?.input;
      if (input !== undefined) return input.focus();
    }
    return undefined;
  }
}

/**
 * @param {string[]} names
 * @returns {HTMLElement}
 */
function head(...names) {
  return make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))));
}

/**
 * @param {string} section
 * @param {LimitProblem} problem
 * @returns {string}
 */
function problemText(section, problem) {
  if (problem.number) return t("must be a number");
  if (problem.whole) return t("must be a whole number");
  if (problem.low !== undefined && problem.high !== undefined) {
    return t("must be {low} to {high}", { low: number(problem.low, 2), high: number(problem.high, 2) });
  }
  const { name } = limitWords(section, problem.other ?? "");
  return problem.least === undefined
    ? t("must be at most {value}, the limit “{limit}”", { value: number(Number(problem.most), 2), limit: name })
    : t("must be at least {value}, the limit “{limit}”", { value: number(Number(problem.least), 2), limit: name });
}
