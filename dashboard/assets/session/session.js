// Who is signed in: the menu in the header, the idle time, and what happens when the session ends.
// An idle session goes on showing and sounding: it has lost the right to act alone.

import { post } from "../alarms/acts.js";
import { byId, make, placeBelow, setData, setText } from "../base/dom.js";
import { number, t } from "../base/i18n.js";
import { confirm } from "../patient/dialog.js";
import { field, sentence } from "./fields.js";
import { may, roleName } from "./role.js";
import { askWho } from "./who.js";
import { NO_UNIT, unitOf } from "../units/selection.js";
import { duration } from "../base/words.js";

/** @import { Hub } from "../stream/hub.js" */

const TELL_EVERY_MS = 15000; // that the user is there
const LOOK_EVERY_MS = 1000;
const ASK_EVERY_MS = 2000;
const TELL_AT_S = [10, 30, 60]; // before the end, to who hears the page
const WARN_S = 60; // before a session ends
const WALL_WARN_S = 24 * 3600; // before a wall display's session ends: someone passes by in a day
const WALL_LOOK_MS = 60_000;
const ACTIONS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/**
 * @param {HTMLElement} element
 * @param {Hub} hub
 */
export function mountSession(element, hub) {
  const { user = "", kind = "", role = "" } = byId("shell").dataset;
  const { elements, showIdle } = menu(user, kind, role);
  element.append(...elements);
  hub.addEventListener("state", () => {
    if (hub.state === "signed-out") leave(true);
  });
  forgetWhenLeft();
  if (kind === "person") watchIdle(showIdle);
  if (kind === "wall") void watchWall();
}

/**
 * @param {string} user
 * @param {string} kind
 * @param {string} role
 * @returns {{elements: HTMLElement[], showIdle: (idle: boolean) => void}}
 */
function menu(user, kind, role) {
  const name = kind === "wall" ? t("Wall display") : user;
  const popover = make("div.menu.session-menu", { id: "session-menu", popover: "" },
    make("p", {}, make("strong", {}, name), make("span", {},
      kind === "wall" ? t("started by {name}", { name: user }) : roleName(role))));
  /** @type {(text: string, act: () => unknown) => HTMLButtonElement} */
  const add = (text, act) => {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", () => { popover.hidePopover(); act(); });
    popover.append(button);
    return button;
  };
  const who = add(t("Say who you are …"), askWho);
  who.hidden = true;
  const unit = unitOf(location.search);
  popover.append(make("a", { href: `/shift${unit === null ? "" : `?unit=${unit}`}` }, t("Shift report")),
    make("a", { href: "/recordings" }, t("Recordings")), make("a", { href: "/devices" }, t("Devices")),
    ...(may("admin") ? [make("a", { href: "/users" }, t("Users and sessions"))] : []));
  if (kind === "person") add(t("Change password …"), changePassword);
  if (may("clinician")) add(t("Start wall display …"), startWall);
  add(kind === "wall" ? t("End wall display") : t("Sign out"), signOut);
  const shown = make("span", {}, name);
  const button = make("button.session-button", {
    type: "button", popovertarget: popover.id, "aria-label": t("Signed in as {name}", { name }),
  }, shown);
  button.setAttribute("aria-expanded", "false");
  popover.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") placeBelow(popover, button);
  });
  const showIdle = (/** @type {boolean} */ idle) => {
    who.hidden = !idle;
    setText(shown, idle ? t("Watching only") : name);
    setData(button, "idle", idle ? "" : null);
    button.title = idle ? t("It goes on watching. Who you are is asked before anything is done.") : "";
  };
  return { elements: [button, popover], showIdle };
}

async function signOut() {
  if (await post("/session/end", {}) === null) leave(false);
}

function startWall() {
  const unit = unitOf(location.search);
  /** @type {HTMLSelectElement | null} */
  const choice = document.querySelector("#unit-choice");
  const units = unit === null || unit === NO_UNIT ? [] : [unit];
  return confirm(t("Start wall display"), [
    ...(units.length === 0 ? [] : [make("p", {}, t("It shows the beds of {unit}, and those of no care unit.",
      { unit: choice?.selectedOptions[0]?.dataset.name ?? "" }))]),
    make("p", {}, t("This screen will show the beds for 7 days without signing anybody out.")),
    make("p", {}, t("Nothing can be changed or acknowledged on it. You are signed out here.")),
  ], t("Start wall display"), async () => {
    const wrong = await post("/session/wall", { units });
    if (wrong === null) location.assign("/");
    return wrong === null ? null : t(sentence(wrong));
  });
}

function changePassword() {
  const old = field(t("Present password"), "current-password");
  const fresh = field(t("New password"), "new-password");
  const again = field(t("New password again"), "new-password");
  return confirm(t("Change password"), [old.label, fresh.label, again.label,
    make("p", {}, t("At least 10 characters; a few words are easy to remember."))],
  t("Change password"), async () => {
    if (fresh.input.value !== again.input.value) return t("The two passwords differ");
    const wrong = await post("/session/password", { old: old.input.value, new: fresh.input.value });
    if (wrong === null) leave(false);
    return wrong === null ? null : t(sentence(wrong));
  });
}

/**
 * No patient stays on the screen of somebody who is no longer signed in.
 * @param {boolean} ended
 */
function leave(ended) {
  const next = encodeURIComponent(location.pathname + location.search);
  location.replace(`/signin?next=${next}${ended ? "&ended=1" : ""}`);
}

/** A page that the browser has kept shows nobody before it is known who looks: it is loaded anew. */
function forgetWhenLeft() {
  addEventListener("pagehide", () => { document.documentElement.hidden = true; });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
}

/**
 * Tell the dashboard that the user does something; show when the session only watches, for want of
 * it; warn before it ends.
 * @param {(idle: boolean) => void} showIdle
 */
function watchIdle(showIdle) {
  let active = true; // opening a page is doing something
  let toldAt = -Infinity;
  let askedAt = -Infinity;
  let until = { endsAt: Infinity, actsUntil: Infinity };
  const left = make("span", { "aria-hidden": "true" });
  const told = make("span.heard", { role: "status" }); // not every second: alarms are read as well
  const notice = make("div.session-notice", { hidden: "" }, left);
  document.body.append(notice, told);
  for (const action of ACTIONS) {
    addEventListener(action, () => { active = true; }, { passive: true, capture: true });
  }

  async function look() {
    const now = performance.now();
    const idle = until.actsUntil <= now;
    const soon = Math.min(until.endsAt, until.actsUntil) - now < WARN_S * 1000;
    if (active && !idle && (soon || now - toldAt >= TELL_EVERY_MS)) {
      active = false;
      toldAt = now;
      await tellActive();
      until = await askUntil();
    } else if ((idle || soon) && now - askedAt >= ASK_EVERY_MS) {
      askedAt = now;
      until = await askUntil(); // the user may be active on another page
    }
    if (idle) active = false; // who moves a mouse has not said who they are
    showIdle(until.actsUntil <= performance.now());
    const seconds = Math.ceil((until.endsAt - performance.now()) / 1000);
    notice.hidden = seconds > WARN_S;
    if (!notice.hidden) {
      setText(left, t("You will be signed out in {n} s", { n: number(Math.max(0, seconds)) }));
    }
    setText(told, announced(seconds));
    setTimeout(look, LOOK_EVERY_MS);
  }
  void look();
}

/**
 * What a screen reader says of the seconds that are left, at the last of `TELL_AT_S` that has come: told
 * every second it would be said over alarms.
 * @param {number} seconds
 * @returns {string}
 */
export function announced(seconds) {
  const at = TELL_AT_S.find((one) => seconds <= one);
  return at === undefined ? "" : t("You will be signed out in {n} s", { n: number(at) });
}

async function tellActive() {
  try {
    await fetch("/session/active", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: "{}",
    });
  } catch (error) {
    console.info("the dashboard cannot be reached:", error);
  }
}

/** Nobody works at a wall display: warn long before its session ends. */
async function watchWall() {
  const notice = make("div.session-notice", { role: "status", hidden: "" });
  document.body.append(notice);
  for (;;) {
    const left = ((await askUntil()).endsAt - performance.now()) / 1000;
    notice.hidden = left > WALL_WARN_S;
    if (!notice.hidden) {
      setText(notice, t("This wall display ends in {duration}. Sign in again to go on.",
        { duration: duration(left) }));
    }
    await new Promise((resolve) => { setTimeout(resolve, WALL_LOOK_MS); });
  }
}

/**
 * When the session ends, and until when it may act if its user does nothing; on this page's clock
 * in ms.
 * @returns {Promise<{endsAt: number, actsUntil: number}>}
 */
async function askUntil() {
  try {
    const answer = await fetch("/session", { cache: "no-store" });
    if (answer.status === 401) leave(true);
    if (answer.ok) {
      const { left_s, acts_s } = await answer.json();
      const now = performance.now();
      return {
        endsAt: now + left_s * 1000,
        actsUntil: acts_s === null ? Infinity : now + acts_s * 1000,
      };
    }
  } catch (error) {
    console.info("the dashboard cannot be reached:", error);
  }
  return { endsAt: Infinity, actsUntil: Infinity }; // while it is away nobody is signed out
}
