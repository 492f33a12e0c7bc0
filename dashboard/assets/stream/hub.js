// The connection to the hub: reconnects by itself, keeps the hub's clock, splits messages.
//
// Every message is dated. A socket that is slower than what it carries goes on bringing data, older
// and older: what is late is told from what is live by its date alone. The page answers every message
// that tells how the hub is, once a second, with the date it has seen, so that the hub sends no
// samples to whom they would keep the alarms waiting.

import { HubClock } from "./clock.js";
import { dateOf, parseFrames } from "./frames.js";
import { NO_UNIT } from "../units/selection.js";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 1000; // a page is live again within 3 s of the hub
const LOOK_EVERY_MS = 250;
const SILENCE_MS = 2500; // the hub says something every second
const CONNECT_MS = 2000; // a network that swallows packets never says that it does
const ASK_MS = 2000;
const LATE_S = 3; // samples have waited at the hub for at most another 2 s
const GAPS_TOLD_MS = 10_000;

export class Hub extends /** @type {Emitter<HubEvents>} */ (EventTarget) {
  /**
   * `address` is a ws(s) address, or ":port" on this page's host; `subscription` is what to ask
   * for (see dashboard/hub/requests.py).
   * @param {string} address
   * @param {Subscription} subscription
   */
  constructor(address, subscription) {
    super();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.address = address.startsWith(":")
      ? `${scheme}://${location.hostname}${address}/` : address;
    this.subscription = subscription;
    this.state = "connecting"; // or "open", "away", "signed-out"
    this.retryMs = FIRST_RETRY_MS;
    this.clock = new HubClock();
    this.dropped = 0; // messages that this page was too slow for
    this.droppedAt = -Infinity; // when it was last told of one, ms
    this.heardAt = performance.now(); // when the hub said something last, ms
    /** @type {WebSocket | null} */
    this.socket = null; // null after one that was given up
    setInterval(() => this.look(), LOOK_EVERY_MS);
    this.connect();
  }

  /**
   * Whether the page shows this bed; of others it knows the alarms alone.
   * @param {{device: string, unit?: string}} bed
   * @returns {boolean}
   */
  shows({ device, unit = "" }) {
    const { beds, unit: asked } = this.subscription;
    if (beds !== "all" && !beds.includes(device)) return false;
    return asked === undefined || asked === (unit === "" ? NO_UNIT : unit);
  }

  /**
   * Ask for something else, over a new connection: nothing of the old one comes after it.
   * @param {Partial<Subscription>} changes
   */
  resubscribe(changes) {
    Object.assign(this.subscription, changes);
    const { socket } = this;
    this.connect();
    socket?.close();
  }

  /**
   * The hub's Unix time in s, or null before the first answer.
   * @returns {number | null}
   */
  now() {
    return this.clock.now(performance.now() / 1000);
  }

  /** How old the newest message is that has come, s. */
  get lateness() {
    return this.clock.lateness(performance.now() / 1000) ?? 0;
  }

  /** Whether what comes is too late to be shown as live. */
  get late() {
    return this.state === "open" && this.lateness > LATE_S;
  }

  /** Whether parts of traces have been left out lately, since the connection is too slow for all. */
  get slow() {
    return performance.now() - this.droppedAt < GAPS_TOLD_MS;
  }

  connect() {
    const socket = new WebSocket(this.address);
    let opened = false;
    this.heardAt = performance.now();
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      if (socket !== this.socket) return;
      opened = true;
      this.heardAt = performance.now();
      this.retryMs = FIRST_RETRY_MS;
      this.clock.reset();
      this.dropped = 0;
      this.setState("open");
      this.emit("open");
      this.send({ t: "subscribe", ...this.subscription });
      this.ping();
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.receive(event.data);
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.closed(opened);
    });
  }

  /** @param {boolean} opened */
  closed(opened) {
    if (this.state !== "signed-out") this.setState("away");
    // A browser does not tell a page why a connection was refused: ask the dashboard.
    if (!opened) void this.askSession();
    const wait = this.retryMs * (0.75 + Math.random() / 2); // not all pages at the same instant
    this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
    setTimeout(() => this.connect(), wait);
  }

  async askSession() {
    const signedOut = await sessionEnded();
    if (signedOut && this.state === "away") this.setState("signed-out");
  }

  /** Give up a connection that is dead but was never closed, or never came about. */
  look() {
    const silence = performance.now() - this.heardAt;
    const { socket } = this;
    if (socket === null) return;
    const { readyState } = socket;
    if ((readyState === WebSocket.OPEN && silence > SILENCE_MS)
        || (readyState === WebSocket.CONNECTING && silence > CONNECT_MS)) {
      const opened = readyState === WebSocket.OPEN;
      this.socket = null;
      socket.close(); // its farewell may take a minute: not waited for
      this.closed(opened);
    }
  }

  /** @param {string | ArrayBuffer} data */
  receive(data) {
    const at = performance.now();
    this.heardAt = at;
    if (typeof data !== "string") {
      const date = dateOf(data);
      if (date !== null) this.clock.heard(date, at / 1000);
      this.emit("frames", { frames: parseFrames(data), at: at / 1000 });
      return;
    }
    for (const message of JSON.parse(data)) {
      if (message.t === "sent") this.sent(message, at);
      else if (message.t === "pong") this.clock.answered(message.c / 1000, message.now, at / 1000);
      else this.emit(message.t, message);
      if (message.t === "hub") this.ping();
    }
  }

  /**
   * @param {{now: number, dropped: number}} message
   * @param {number} at ms
   */
  sent({ now, dropped }, at) {
    this.clock.heard(now, at / 1000);
    if (dropped > this.dropped) this.droppedAt = at;
    this.dropped = dropped;
  }

  /** Ask for the hub's clock; tell what has come. */
  ping() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const { dated } = this.clock;
    this.send({ t: "ping", c: performance.now(), ...(dated > 0 ? { seen: dated } : {}) });
  }

  /** @param {object} request */
  send(request) {
    this.socket?.send(JSON.stringify(request));
  }

  /** @param {string} state */
  setState(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit("state");
  }

  /**
   * @param {string} type
   * @param {unknown} [detail]
   */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

async function sessionEnded() {
  try {
    const signal = AbortSignal.timeout(ASK_MS);
    return (await fetch("/session", { cache: "no-store", signal })).status === 401;
  } catch (error) {
    console.info("the dashboard cannot be reached either:", error);
    return false;
  }
}
