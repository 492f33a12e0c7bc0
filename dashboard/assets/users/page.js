// The page of users: accounts, open sessions, and who did what (see dashboard/doors/people.py).

import { post } from "../alarms/acts.js";
import { find, focusOn, focused, make } from "../base/dom.js";
import { LOCALE, ZONE, ltr, t } from "../base/i18n.js";
import { confirm } from "../patient/dialog.js";
import { ROLES, may, roleName } from "../session/role.js";
import { field, sentence } from "../session/fields.js";
import { say, tell } from "../base/toast.js";
import { addUnit, personUnits, unitCells } from "../units/admin.js";
import { duration } from "../base/words.js";

const REFRESH_MS = 10000;
/** @type {Record<string, string>} */
const KINDS = { person: t("password"), link: t("link"), wall: t("wall display") };
/** @type {Record<string, string>} */
const ACTS = {
  signed_in: t("signed in"), refused: t("was refused"), signed_out: t("signed out"),
  came_back: t("said who they are"), expired: t("session ended by itself"), wall_started: t("started a wall display"),
  revoked: t("session ended by an administrator"), user_added: t("account added"),
  role_changed: t("role changed"), user_disabled: t("account disabled"),
  user_enabled: t("account enabled"), password_changed: t("password changed"),
  token_added: t("token added"), token_revoked: t("token revoked"), token_refused: t("token was refused"),
  upload_analysed: t("had a recording analysed"), upload_deleted: t("deleted an upload"),
  reviewed: t("reviewed a record"),
  exported: t("took a recording out"),
  unit_added: t("care unit added"), unit_renamed: t("care unit renamed"),
  unit_removed: t("care unit removed"), bed_unit_changed: t("bed given to another care unit"),
  person_units_changed: t("care units of a person changed"),
};
const date = new Intl.DateTimeFormat(LOCALE,
  { timeZone: ZONE, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** @returns {Subscription} */
export function subscription() {
  return { beds: [], leads: 1, history_s: 0 };
}

/** @param {HTMLElement} element */
export function mount(element) {
  element.append(make("h1", {}, t("Users")));
  if (!may("admin")) {
    element.append(make("p.empty", {}, t("Only an administrator may see this page.")));
    return;
  }
  const tables = [
    new Table(t("Accounts"),
      [t("Name"), t("Role"), t("State"), t("Sees"), t("Password since"), t("Actions")],
      ({ users, sessions, care }) => users.map((user) => userRow(user, own(sessions), care, refresh))),
    new Table(t("Open sessions"),
      [t("Name"), t("Role"), t("Signed in by"), t("Address"), t("Since"), t("Ends in"), t("Actions")],
      ({ sessions, care }) => sessions.sort((a, b) => b.opened_at - a.opened_at)
        .map((one) => sessionRow(one, care, refresh))),
    new Table(t("Care units"), [t("Name"), t("Beds"), t("People"), t("Actions")],
      ({ care }) => care.units.map((unit) => row(...unitCells(unit, care, refresh)))),
    new Table(t("Who did what"), [t("Time"), t("By"), t("What"), t("Whom"), t("Address"), t("Detail")],
      ({ trail }) => trail.map(trailRow)),
  ];
  const add = make("button.primary", { type: "button" }, t("Add user …"));
  add.addEventListener("click", () => addUser(refresh));
  tables[0].head.append(add);
  const addCare = make("button", { type: "button" }, t("Add care unit …"));
  addCare.addEventListener("click", () => addUnit(refresh));
  tables[2].head.append(addCare);
  element.append(...tables.map((table) => table.element));

  let asked = 0;
  let shown = 0;
  async function show() {
    const mine = ++asked;
    const answers = await Promise.all(["/people", "/units/all"].map(
      (address) => fetch(address, { cache: "no-store" })));
    if (!answers.every(({ ok }) => ok)) return;
    const [people, care] = await Promise.all(answers.map((answer) => answer.json()));
    if (mine < shown) return; // an answer that was overtaken is older than what is shown
    shown = mine;
    for (const table of tables) table.show({ ...people, care });
  }
  function refresh() {
    return show().catch((error) => console.info("cannot read the users:", error)); // again soon
  }
  void refresh();
  setInterval(refresh, REFRESH_MS);
}

class Table {
  /**
   * @param {string} title
   * @param {string[]} columns
   * @param {(people: People) => HTMLElement[]} rows
   */
  constructor(title, columns, rows) {
    this.rows = rows;
    this.columns = columns.length;
    this.text = ""; // of what is shown
    this.body = make("tbody");
    this.head = make("div.section-head", {}, make("h2", {}, title));
    const names = columns.map((name) => make("th", { scope: "col" }, name));
    this.element = make("section", {}, this.head, make("div.scroll", {},
      make("table", {}, make("thead", {}, make("tr", {}, ...names)), this.body)));
  }

  /**
   * Show what is new, unless it would take away what somebody is about to choose from. The focus, or
   * what has been pressed, stays in its place.
   * @param {People} people
   */
  show(people) {
    const text = JSON.stringify(people, (name, value) => (name === "left_s" ? undefined : value));
    if (text === this.text) return;
    const pressed = find(this.body, "[aria-disabled=true], [data-sent]");
    const held = this.body.contains(focused()) ? focused() : pressed;
    if (held?.tagName === "SELECT" && held !== pressed) return;
    const place = held === null ? -1 : buttonsOf(this.body).indexOf(held);
    this.text = text;
    const rows = this.rows(people);
    if (rows.length === 0) rows.push(make("tr", {}, make("td", { colspan: this.columns }, t("Nothing yet"))));
    this.body.replaceChildren(...rows);
    focusOn(buttonsOf(this.body)[place]);
  }
}

/**
 * @param {HTMLElement} body
 * @returns {Element[]}
 */
function buttonsOf(body) {
  return [...body.querySelectorAll("button, select")];
}

/**
 * @param {OpenSession[]} sessions
 * @returns {string | undefined}
 */
function own(sessions) {
  return sessions.find((session) => session.own)?.user;
}

/**
 * @param {Account} user
 * @param {string | undefined} self
 * @param {AllUnits} care
 * @param {() => Promise<void>} refresh
 * @returns {HTMLElement}
 */
function userRow(user, self, care, refresh) {
  const roles = make("select", { "aria-label": t("Role of {name}", { name: user.name }) },
    ...ROLES.map((role) => make("option", { value: role }, roleName(role))));
  roles.value = user.role;
  roles.addEventListener("change", async () => {
    roles.disabled = true; // what is chosen meanwhile would be lost
    roles.dataset.sent = "";
    await act("role", { name: user.name, role: roles.value }, refresh);
    delete roles.dataset.sent;
    roles.value = user.role; // where it was refused
    roles.disabled = false;
  });
  const toggle = button(user.disabled ? t("Enable") : t("Disable"), user.name, () => (
    once(toggle, () => act(user.disabled ? "enable" : "disable", { name: user.name }, refresh))));
  const password = button(t("Set password …"), user.name, () => setPassword(user.name, refresh));
  if (user.name === self) {
    for (const control of [roles, toggle]) {
      control.disabled = true;
      control.title = t("Ask another administrator to change your own account");
    }
  }
  const state = user.disabled ? make("strong", {}, t("disabled")) : t("enabled");
  return row(make("bdi", {}, user.name), roles, state,
    personUnits(user.name, care, refresh), time(user.changed_at),
    make("div.actions", {}, password, toggle));
}

/**
 * @param {OpenSession} session
 * @param {AllUnits} care
 * @param {() => Promise<void>} refresh
 * @returns {HTMLElement}
 */
function sessionRow(session, care, refresh) {
  const end = button(t("End"), session.user, () => (
    once(end, () => act("revoke", { session: session.session }, refresh))));
  const units = care.units.filter(({ id }) => session.units.includes(id)).map(({ name }) => name);
  const kind = [KINDS[session.kind] ?? session.kind, ...units].join(" · ");
  return row(make("bdi", {}, session.user), roleName(session.role),
    session.own ? t("{kind} (this one)", { kind }) : kind, ltr(session.address),
    time(session.opened_at), duration(session.left_s), make("div.actions", {}, end));
}

/**
 * @param {AccountEntry} entry
 * @returns {HTMLElement}
 */
function trailRow(entry) {
  return row(time(entry.at), make("bdi", {}, entry.by || "–"), ACTS[entry.what] ?? entry.what,
    make("bdi", {}, entry.user || "–"), ltr(entry.address || "–"), detail(entry.detail));
}

/**
 * @param {string} text
 * @returns {string}
 */
function detail(text) {
  const idle = /^idle (\d+) s$/.exec(text);
  if (idle !== null) return t("nothing done for {duration}", { duration: duration(Number(idle[1])) });
  return text.split(", ").map((word) => KINDS[word] ?? roleName(word)).join(", ");
}

/**
 * @param {() => Promise<void>} refresh
 * @returns {Promise<boolean>}
 */
function addUser(refresh) {
  const name = make("input", { autocomplete: "off", required: "" });
  const role = make("select", {},
    ...ROLES.map((one) => make("option", { value: one }, roleName(one))));
  role.value = "clinician";
  const password = field(t("Password"), "new-password");
  return confirm(t("Add user"), [
    make("label.field", {}, make("span", {}, t("User name")), name),
    make("label.field", {}, make("span", {}, t("Role")), role),
    password.label,
    make("p", {}, t("At least 10 characters; a few words are easy to remember.")),
  ], t("Add user"), () => told("add", {
    name: name.value, role: role.value, password: password.input.value,
  }, refresh));
}

/**
 * @param {string} name
 * @param {() => Promise<void>} refresh
 * @returns {Promise<boolean>}
 */
function setPassword(name, refresh) {
  const password = field(t("New password"), "new-password");
  return confirm(t("Set the password of {name}", { name }), [password.label,
    make("p", {}, t("At least 10 characters; a few words are easy to remember.")),
    make("p", {}, t("Their sessions end, but not the wall displays that they started."))],
  t("Set password"), () => told("password", { name, password: password.input.value }, refresh));
}

/**
 * Do what a button is for, unless it is on its way already.
 * @param {HTMLButtonElement} pressed
 * @param {() => Promise<void>} doIt
 */
async function once(pressed, doIt) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  pressed.setAttribute("aria-disabled", "true"); // "disabled" would take the focus away
  await doIt();
  pressed.removeAttribute("aria-disabled");
}

/**
 * @param {string} what
 * @param {object} fields
 * @param {() => Promise<void>} refresh
 */
async function act(what, fields, refresh) {
  const wrong = await told(what, fields, refresh);
  if (wrong === null) tell(t("Done"));
  else say(wrong);
}

/**
 * Do it and show the outcome; returns what went wrong in words, or null.
 * @param {string} what
 * @param {object} fields
 * @param {() => Promise<void>} refresh
 * @returns {Promise<string | null>}
 */
async function told(what, fields, refresh) {
  const wrong = await post(`/people/${what}`, fields);
  await refresh();
  return wrong === null ? null : t(sentence(wrong));
}

/**
 * @param {string} text
 * @param {string} name
 * @param {() => void} press
 * @returns {HTMLButtonElement}
 */
function button(text, name, press) {
  const made = make("button", { type: "button", "aria-label": `${text} ${name}` }, text);
  made.addEventListener("click", press);
  return made;
}

/**
 * @param {(Node | string)[]} cells
 * @returns {HTMLElement}
 */
function row(...cells) {
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

/**
 * @param {number} seconds
 * @returns {HTMLElement}
 */
function time(seconds) {
  return make("time", { datetime: new Date(seconds * 1000).toISOString() },
    date.format(seconds * 1000));
}
