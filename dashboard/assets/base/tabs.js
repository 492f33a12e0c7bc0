// Tabs after the pattern of the ARIA Authoring Practices: arrow keys move, the hash remembers, Back returns.

import { make, onBack, setAddress } from "./dom.js";

export class Tabs {
  /**
   * `tabs` is a list of {name, title}; `show(name)` is called when one is chosen.
   * @param {string} label
   * @param {{name: string, title: string}[]} tabs
   * @param {HTMLElement} panel
   * @param {(name: string) => void} show
   */
  constructor(label, tabs, panel, show) {
    this.show = show;
    this.panel = panel;
    this.names = tabs.map(({ name }) => name);
    this.chosen = this.names[0];
    this.buttons = tabs.map(({ name, title }) => make("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": panel.id, tabindex: "-1",
    }, title));
    this.element = make("div.tabs", { role: "tablist", "aria-label": label }, ...this.buttons);
    this.buttons.forEach((button, i) => button.addEventListener("click", () => this.choose(this.names[i], true)));
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  /** Open the tab that the address names, now and whenever Back leads to another. */
  start() {
    onBack(() => {
      const name = location.hash.slice(1);
      // A link to the content of the page, past its header, leads to no other tab.
      if (name === "" || this.names.includes(name)) this.choose(this.addressed());
    });
    this.choose(this.addressed());
  }

  /** @returns {string} the tab that the address names, else the first */
  addressed() {
    const wanted = location.hash.slice(1);
    return this.names.includes(wanted) ? wanted : this.names[0];
  }

  /**
   * @param {string} name
   * @param {boolean} step whether Back returns to the one before
   */
  choose(name, step = false) {
    this.chosen = name;
    this.buttons.forEach((button, i) => {
      const on = this.names[i] === name;
      button.setAttribute("aria-selected", on ? "true" : "false");
      button.tabIndex = on ? 0 : -1;
      if (on) this.panel.setAttribute("aria-labelledby", button.id);
    });
    const hash = name === this.names[0] ? "" : `#${name}`;
    setAddress(location.pathname + location.search + hash, step && hash !== location.hash);
    this.show(name);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const last = this.names.length - 1;
    const place = this.names.indexOf(this.chosen);
    const next = { [forward]: place === last ? 0 : place + 1, [back]: place === 0 ? last : place - 1,
      Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.choose(this.names[next]);
    this.buttons[next].focus();
  }
}
