// Alarm sound on the page: turned on by one click, told by a banner while it cannot be heard.

import { kept } from "../base/display.js";
import { find, focused, make, setData, setText } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { Lease } from "./lease.js";
import { Outputs } from "./outputs.js";
import { LOST_AFTER_S, MIN_VOLUME, Player } from "./player.js";
import { choose, isNew, sounding } from "../stream/ward.js";

/** @import { Ward } from "../stream/ward.js" */

const KEY = "ecg-monitor.sound";
const UPDATE_MS = 500;
const LOSS_PAUSE_S = 120;
const RESUME_MS = 1000;
const REPLACE_MS = 3000; // a context that gives no sound is given so much time to come back
const LOST_WORDS_S = LOST_AFTER_S;

/** @type {Record<string, {button: string, banner: string}>} */
const STATES = {
  off: { button: t("Sound off"), banner: t("Alarm sound is off on this screen.") },
  blocked: {
    button: t("Sound blocked"),
    banner: t("The browser blocks alarm sound: click anywhere or press a key."),
  },
  dead: {
    button: t("No sound"),
    banner: t("The browser gives no sound: alarms cannot be heard here. It is tried again and again."),
  },
  mute: {
    button: t("No sound"),
    banner: t("This computer has no sound output: alarms cannot be heard here."),
  },
  starting: { button: t("Connecting …"), banner: "" },
  elsewhere: { button: t("Sound: other window"), banner: "" },
  on: { button: t("Sound on"), banner: "" },
};

export class Sound {
  /** @param {Ward} ward */
  constructor(ward) {
    this.ward = ward;
    this.lease = new Lease();
    /** @type {Player | null} */
    this.player = null;
    /** @type {{enabled: boolean, volume: number}} */
    this.settings = { enabled: false, volume: 1, ...kept(KEY) };
    this.outputs = new Outputs(() => this.update());
    this.resumedAt = -Infinity; // when a context was last asked to go on, ms
    this.replacedAt = performance.now();
    /** @type {string[]} */
    this.ids = [];
    this.aliveAt = performance.now();
    this.lossPausedUntil = -Infinity;
    this.ward.addEventListener("alive", () => {
      const { age } = this.ward;
      this.aliveAt = performance.now() - age * 1000;
      this.lossPausedUntil = -Infinity; // another loss is another matter
      this.update();
      if (this.lease.held && this.player?.running) this.player.putOff(LOST_AFTER_S - age);
    });
    this.ward.addEventListener("late", () => this.update());
    this.ward.addEventListener("change", () => this.update());
    for (const type of ["pointerdown", "keydown"]) {
      addEventListener(type, () => this.unblock(), { capture: true });
    }
    if (this.settings.enabled) this.open();
    setInterval(() => this.update(), UPDATE_MS);
  }

  /**
   * "on", or why it is not: "off", "blocked" (by the browser), "elsewhere" (another tab sounds),
   * "starting", "dead" (the browser's sound has stopped) or "mute" (nothing here can sound).
   */
  get state() {
    const { player } = this;
    if (player?.running && this.lease.held) return this.outputs.none ? "mute" : "on";
    if (this.lease.elsewhere()) return "elsewhere";
    if (!this.settings.enabled) return "off";
    if (player === null || player.dead) return "dead";
    return player.starting || player.running ? "starting" : "blocked";
  }

  /** Seconds for which nobody has watched, 0 while the hub is heard. */
  get lostFor() {
    const silence = (performance.now() - this.aliveAt) / 1000;
    return silence > LOST_WORDS_S ? silence : 0;
  }

  /** Whether the system has just been started: what was never there is not lost. */
  get beginning() {
    return !this.ward.watched && this.ward.starting !== null;
  }

  open() {
    try {
      this.player ??= new Player();
    } catch (error) {
      console.warn("no audio context:", error); // tried again, as one that has died
      return;
    }
    this.player.setVolume(this.settings.volume);
    this.player.context.onstatechange = () => {
      this.unblock();
      this.update();
    };
    this.unblock();
  }

  /** Browsers let a page sound only after somebody has touched it; and stop it as they like. */
  unblock() {
    const context = this.player?.context;
    if (!this.settings.enabled || context === undefined) return;
    if (context.state === "running" || context.state === "closed") return;
    this.resumedAt = performance.now();
    context.resume().catch(console.info);
  }

  /** Nobody may be there to click: what has stopped is started again by itself. */
  revive() {
    if (!this.settings.enabled) return;
    const now = performance.now();
    if (this.player !== null && !this.player.dead) {
      this.replacedAt = now;
      if (now - this.resumedAt >= RESUME_MS) this.unblock();
    } else if (now - this.replacedAt >= REPLACE_MS || this.player?.context.state === "closed") {
      this.replacedAt = now;
      this.player?.close();
      this.player = null;
      this.open();
    }
  }

  /** @param {boolean} enabled */
  enable(enabled) {
    this.keep({ enabled });
    if (enabled) {
      this.open();
    } else {
      this.silence();
      this.lease.release();
      this.player?.close();
      this.player = null;
    }
    this.update();
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.keep({ volume: Math.max(MIN_VOLUME, volume) });
    this.player?.setVolume(this.settings.volume);
  }

  test() {
    this.player?.test("medium");
  }

  /** Silence the loss of monitoring for a while: nothing can be recorded while the hub is away. */
  pauseLoss() {
    this.lossPausedUntil = performance.now() + LOSS_PAUSE_S * 1000;
    this.update();
  }

  /** @param {Partial<{enabled: boolean, volume: number}>} changes */
  keep(changes) {
    Object.assign(this.settings, changes);
    localStorage.setItem(KEY, JSON.stringify(this.settings));
  }

  silence() {
    this.player?.play(null);
    this.player?.disarm();
    this.ids = [];
  }

  update() {
    this.revive();
    const { player } = this;
    if (player?.running) {
      if (this.lease.renew()) this.sound(player);
      else if (player.playing !== null) this.silence();
      return;
    }
    if (player?.playing) this.silence();
    if (this.lease.held) this.lease.release(); // another tab may be able to
  }

  /**
   * Have what is to be heard played.
   * @param {Player} player
   */
  sound(player) {
    const lost = this.lostFor > 0 && !this.beginning;
    if (player.guard === null || this.beginning) player.putOff();
    const { priority, ids } = sounding(this.ward.all());
    const lossPause = (this.lossPausedUntil - performance.now()) / 1000;
    const name = choose({ priority, lost, lossPaused: lossPause > 0 });
    player.muteGuard(name === "high" ? LOST_AFTER_S : Math.max(0, lossPause));
    const pattern = name === "lost" ? null : name; // the guard plays that one
    const fresh = isNew(this.ids, ids) && !player.inBurst();
    this.ids = ids;
    if ((player.playing?.name ?? null) !== pattern || (pattern !== null && fresh)) {
      player.play(pattern);
    }
  }
}

/**
 * Show the button, its menu and the banner.
 * @param {Sound} sound
 * @param {HTMLElement} header
 */
export function mountSound(sound, header) {
  const button = make("button.sound", { type: "button", popovertarget: "sound-menu" });
  const enable = make("button.primary", { type: "button" });
  enable.addEventListener("click", () => sound.enable(!sound.settings.enabled));
  const volume = make("input", { type: "range", min: MIN_VOLUME, max: "1", step: "0.05" });
  volume.value = String(sound.settings.volume);
  volume.addEventListener("input", () => sound.setVolume(volume.valueAsNumber));
  const test = make("button", { type: "button" }, t("Test tone"));
  test.addEventListener("click", () => sound.test());
  const menu = make("div.menu.controls", { id: "sound-menu", popover: "" },
    make("h2", {}, t("Alarm sound")), enable,
    make("label", {}, make("span", {}, t("Volume")), volume), test,
    make("p", {}, t("The sound follows the most urgent alarm that nobody has acknowledged or paused.")));
  const words = make("span");
  const act = make("button", { type: "button" });
  act.addEventListener("click", () => (sound.lostFor > 0 ? sound.pauseLoss() : sound.enable(true)));
  const banner = make("div.banner", { role: "alert" }, words, act);
  header.before(menu);
  document.body.append(banner);
  find(header, "#hub-state")?.before(button);

  function update() {
    const { state, beginning } = sound;
    const lost = sound.lostFor > 0 && !beginning;
    const lossPaused = sound.lossPausedUntil > performance.now();
    setText(button, STATES[state].button);
    setData(button, "state", state);
    setText(enable, sound.settings.enabled ? t("Turn sound off") : t("Turn sound on"));
    test.disabled = state !== "on";
    setText(words, beginning ? t("Analysis is starting: alarms are not watched yet.")
      : lost && sound.ward.late
        ? t("The connection is too slow: what comes is old, and alarms are not being watched here.")
      : lost ? t("Monitoring is interrupted: alarms are not being watched here.")
      : STATES[state].banner);
    setData(banner, "kind", beginning ? "starting" : lost ? "lost" : state);
    banner.hidden = words.textContent === "";
    const doable = beginning ? false : lost ? state === "on" && !lossPaused : state === "off";
    setText(act, lost ? t("Silence for 2 min") : t("Turn sound on"));
    if (!doable && focused() === act) button.focus(); // rather than losing it
    act.hidden = !doable;
  }
  update();
  setInterval(update, UPDATE_MS / 2);
}
