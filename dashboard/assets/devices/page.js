// The devices: which send, what they are, and what about them needs somebody.

import { make, onBack, setAddress, setText } from "../base/dom.js";
import { byName, isolate, number, t, tn } from "../base/i18n.js";
import { read, repeat } from "../charts/history.js";
import { Paged } from "../charts/paged.js";
import { DeviceDetail } from "./detail.js";
import { ORDERS, STATES, filterOf, isLetIn, makeOf, matches, queryOf, refusedOf, sorted, troublesOf } from "./finding.js";
import { ago, batteryText, signalForm, stateName, troubleName } from "./words.js";

const EVERY_MS = 5000;
const TICK_MS = 1000;
/** @type {Record<DeviceOrder, string>} */
const COLUMNS = {
  trouble: t("Needs somebody"), label: t("Bed"), device: t("Device"), state: t("State"), battery: t("Battery"),
  make: t("Model and firmware"), refused: t("Refused"), unit: t("Care unit"),
};

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  const page = new DevicesPage(filterOf(location.search));
  element.append(page.element);
  page.start();
}

class DevicesPage {
  /** @param {DeviceFilter} filter */
  constructor(filter) {
    this.filter = filter;
    /** @type {DeviceList | null} */
    this.found = null;
    this.readAt = 0; // ms on the page's own clock
    this.known = "";
    this.message = make("p.outcome", { role: "status" }, t("Loading …"));
    this.count = make("p.count", { role: "status" });
    this.others = make("p.device-others");
    this.body = make("tbody");
    this.paged = new Paged(() => this.show());
    this.detail = new DeviceDetail(() => { this.ask({ device: "" }); void this.loop?.now(); });
    this.controls = this.makeControls();
    this.heads = new Map(ORDERS.map((order) => [order, this.head(order)]));
    const table = make("table", {},
      make("thead", {}, make("tr", {}, ...[...this.heads.values()].map(({ cell }) => cell),
        make("th.device-signal", { scope: "col" }, t("Leads and rate")))), this.body);
    this.scroll = make("div.scroll", { tabindex: "0", role: "group", "aria-label": t("Devices") }, table, this.paged.element);
    this.body.addEventListener("keydown", (event) => step(this.body, event));
    this.element = make("div.devices-page", {},
      make("div.list-head", {}, make("h1", {}, t("Devices")), ...this.controls.elements, this.message),
      make("div.devices-body", {},
        make("section.devices-rows", {}, this.count, this.scroll, this.others),
        this.detail.element));
  }

  start() {
    this.loop = repeat((isNewest) => this.load(isNewest), (error) => setText(this.message, error.message), () => EVERY_MS);
    setInterval(() => this.tick(), TICK_MS);
    onBack(() => {
      Object.assign(this.filter, filterOf(location.search));
      this.paged.restart();
      this.known = "";
      this.show();
    });
  }

  /** @param {() => boolean} isNewest */
  async load(isNewest) {
    /** @type {DeviceList} */
    const found = await read("/devices/list");
    if (!isNewest()) return;
    this.found = found;
    this.readAt = performance.now();
    setText(this.message, "");
    this.show();
  }

  /** The server's clock: this computer's may be wrong. */
  get now() {
    return this.found === null ? 0 : this.found.now + (performance.now() - this.readAt) / 1000;
  }

  /** @param {string} id */
  unitName(id) {
    return this.found?.units.find((one) => one.id === id)?.name ?? "";
  }

  /**
   * Ask for other devices, or in another order.
   * @param {Partial<DeviceFilter>} change
   */
  ask(change) {
    Object.assign(this.filter, change);
    if (change.device === undefined) this.paged.restart();
    this.known = "";
    const query = queryOf(this.filter);
    // A word is typed letter by letter: no step that Back returns from.
    setAddress(location.pathname + query, !("words" in change) && query !== location.search);
    this.show();
  }

  show() {
    if (this.found === null) return;
    const { devices, most, known, nobody } = this.found;
    const { filter, now } = this;
    this.controls.update(filter);
    const shown = sorted(devices.filter((row) => matches(row, filter, now)), filter, now, (id) => this.unitName(id));
    this.showDetail();
    const hasUnits = this.found.units.length > 0;
    for (const [order, { cell }] of this.heads) {
      cell.setAttribute("aria-sort", order !== filter.sort ? "none" : filter.down ? "descending" : "ascending");
    }
    this.scroll.toggleAttribute("data-units", hasUnits);
    const rows = shown.slice(0, this.paged.count).map((row) => this.texts(row, now));
    const state = JSON.stringify([rows, filter.device]);
    if (state !== this.known) {
      this.known = state;
      const held = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.device;
      this.body.replaceChildren(...rows.map((row) => this.row(row)));
      if (held !== undefined) this.buttonOf(held)?.focus();
    }
    this.tick();
    this.paged.update(shown.length);
    setText(this.count, summary(devices, shown, now));
    const strange = Object.values(nobody).reduce((sum, one) => sum + one, 0);
    setText(this.others, [
      t("{n} of {most} places for devices are taken.", { n: number(known), most: number(most) }),
      strange === 0 ? "" : tn("{n} message named no device.", "{n} messages named no device.", strange),
    ].join(" ").trim());
  }

  showDetail() {
    const { device } = this.filter;
    const row = this.found?.devices.find((one) => one.device === device);
    if (row === undefined) this.detail.showNone(device);
    else this.detail.show(row, this.found?.now ?? 0);
  }

  /** Ages go on from second to second. */
  tick() {
    for (const element of this.body.querySelectorAll("time")) {
      const time = ago(Math.max(0, this.now - Number(element.dataset.at)));
      setText(element, "seen" in element.dataset ? t("last seen {time}", { time }) : time);
    }
  }

  /**
   * What a row shows: it is drawn anew when this has changed.
   * @param {ListedDevice} row
   * @param {number} now
   */
  texts(row, now) {
    const troubles = troublesOf(row, now);
    return {
      device: row.device, label: row.label, state: row.state, troubles,
      trouble: troubles.map((one) => troubleName(one, row)).join(" · "),
      at: row.state === "sends" ? null : row.last_at ?? row.refusal?.at ?? null,
      battery: batteryText(row), low: row.told.battery_low, make: makeOf(row), refused: refusedOf(row),
      refusedAt: row.refusal?.at ?? null, unit: row.unit === "" ? "" : this.unitName(row.unit),
      signal: signalForm(row.form), admitted: row.admitted, known: row.known,
    };
  }

  /**
   * @param {ReturnType<DevicesPage["texts"]>} row
   * @returns {HTMLElement}
   */
  row(row) {
    const { device } = row;
    const bed = isLetIn(row) ? make("a", { href: `/bed/${encodeURIComponent(device)}` }, make("bdi", {}, row.label))
      : make("bdi", {}, row.label);
    const button = make("button.link", { type: "button", "data-device": device,
      "aria-pressed": String(device === this.filter.device) }, make("bdi", {}, device));
    button.addEventListener("click", () => this.choose(device));
    const grave = row.troubles.length > 0;
    return make("tr", { "data-row": device, "data-state": row.state, ...(grave ? { "data-trouble": row.troubles[0] } : {}),
      ...(device === this.filter.device ? { "data-chosen": "" } : {}) },
    make("td.device-trouble", {}, grave ? `${MARK} ${row.trouble}` : "–"),
    make("td", {}, bed), make("td", {}, button),
    make("td.device-state", {}, make("span", {}, stateName(row.state)), ...age(row.at, true)),
    make("td.device-battery", row.low ? { "data-low": "" } : {}, row.battery || "–"),
    make("td.device-make", {}, make("bdi", {}, row.make || "–")),
    make("td.device-refused", {}, row.refused === 0 ? "–" : number(row.refused),
      ...(row.refused === 0 ? [] : age(row.refusedAt))),
    make("td.device-unit", {}, make("bdi", {}, row.unit || "–")),
    make("td.device-signal", {}, make("bdi", {}, row.signal || "–")));
  }

  /** @param {string} device */
  choose(device) {
    this.ask({ device });
    const { element } = this.detail;
    const box = element.getBoundingClientRect();
    if (box.top > innerHeight || box.bottom > innerHeight + box.height / 2) element.scrollIntoView({ block: "start" });
  }

  /**
   * @param {string} device
   * @returns {HTMLElement | null}
   */
  buttonOf(device) {
    return this.body.querySelector(`button[data-device="${CSS.escape(device)}"]`);
  }

  /** @param {DeviceOrder} order */
  head(order) {
    const button = make("button.link", { type: "button" }, COLUMNS[order]);
    button.addEventListener("click", () => this.ask(
      { sort: order, down: this.filter.sort === order && !this.filter.down }));
    return { cell: make(`th.device-${order}`, { scope: "col", "aria-sort": "none" }, button) };
  }

  makeControls() {
    const words = make("input", { type: "search", "aria-label": t("Find in the list"),
      placeholder: t("Find …"), maxlength: "80" });
    words.addEventListener("input", () => this.ask({ words: words.value }));
    const state = make("select", { "aria-label": t("State") }, make("option", { value: "" }, t("All states")),
      ...STATES.map((one) => make("option", { value: one }, stateName(one))));
    state.addEventListener("change", () => this.ask({ state: state.value }));
    const unit = make("select", { "aria-label": t("Care unit") });
    unit.addEventListener("change", () => this.ask({ unit: unit.value }));
    const trouble = make("input", { type: "checkbox" });
    trouble.addEventListener("change", () => this.ask({ trouble: trouble.checked }));
    let offered = "";
    return {
      elements: [words, state, unit, make("label.check", {}, trouble, t("only what needs somebody"))],
      /** @param {DeviceFilter} filter */
      update: (filter) => {
        const units = this.found?.units ?? [];
        unit.hidden = units.length === 0 && filter.unit === "";
        const offers = JSON.stringify([units, filter.unit]);
        if (offers !== offered) {
          offered = offers;
          const strange = filter.unit !== "" && !units.some(({ id }) => id === filter.unit);
          unit.replaceChildren(make("option", { value: "" }, t("All care units")),
            ...(strange ? [make("option", { value: filter.unit }, t("Not there"))] : []),
            ...[...units].sort((a, b) => byName(a.name, b.name)).map(
              ({ id, name }) => make("option", { value: id }, name)));
        }
        unit.value = filter.unit;
        state.value = filter.state;
        trouble.checked = filter.trouble;
        if (words.value !== filter.words) words.value = filter.words;
      },
    };
  }
}

/** Stands before what needs somebody, so that it is not told by colour alone. */
const MARK = "⚠";

/**
 * How long ago something was, kept up to date by `tick`.
 * @param {number | null} at Unix s
 * @param {boolean} isSeen whether it is when the device was last seen
 * @returns {HTMLElement[]}
 */
function age(at, isSeen = false) {
  return at === null ? [] : [make("time", { "data-at": at, ...(isSeen ? { "data-seen": "" } : {}),
    datetime: new Date(at * 1000).toISOString() })];
}

/**
 * How many devices there are, how many of them are shown, and how they are.
 * @param {ListedDevice[]} devices
 * @param {ListedDevice[]} shown
 * @param {number} now
 * @returns {string}
 */
function summary(devices, shown, now) {
  if (devices.length === 0) return t("No device has ever sent: see “Connecting” in the documents");
  if (shown.length === 0) return t("No device is like that");
  const sending = shown.filter((row) => row.state === "sends").length;
  const needing = shown.filter((row) => troublesOf(row, now).length > 0).length;
  return [tn("{n} device", "{n} devices", shown.length), t("{n} sending", { n: isolate(number(sending)) }),
    tn("{n} needs somebody", "{n} need somebody", needing)].join(" · ");
}

/**
 * Up and down go from row to row.
 * @param {HTMLElement} body
 * @param {KeyboardEvent} event
 */
function step(body, event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = /** @type {HTMLElement[]} */ ([...body.querySelectorAll("button[data-device]")]);
  const place = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
  if (by === undefined || place < 0) return;
  event.preventDefault();
  buttons[place + by]?.focus();
}
