// The connection to the hub: reconnects by itself, keeps the hub's clock, splits messages.

import { parseFrames } from "./frames.js";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 2000;
const PING_EVERY_MS = 2000;
const SILENCE_MS = 5000; // the hub says something every second
const PINGS_KEPT = 10;

export class Hub extends EventTarget {
  /**
   * `address` is a ws(s) address, or ":port" on this page's host; `subscription` is what to ask
   * for (see dashboard/hub/requests.py).
   */
  constructor(address, subscription) {
    super();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.address = address.startsWith(":")
      ? `${scheme}://${location.hostname}${address}/` : address;
    this.subscription = subscription;
    this.state = "connecting"; // or "open", "away", "signed-out"
    this.retryMs = FIRST_RETRY_MS;
    this.pings = [];
    this.offset = null; // hub's Unix clock minus this page's, s
    setInterval(() => this.ping(), PING_EVERY_MS);
    this.connect();
  }

  /** The hub's Unix time in s, or null before the first answer. */
  now() {
    return this.offset === null ? null : performance.now() / 1000 + this.offset;
  }

  connect() {
    const socket = new WebSocket(this.address);
    let opened = false;
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      opened = true;
      this.heardAt = performance.now();
      this.retryMs = FIRST_RETRY_MS;
      this.pings = [];
      this.setState("open");
      this.emit("open");
      this.send({ t: "subscribe", ...this.subscription });
      this.ping();
    });
    socket.addEventListener("message", (event) => this.receive(event.data));
    socket.addEventListener("close", () => this.closed(opened));
  }

  async closed(opened) {
    if (this.state !== "signed-out") this.setState("away");
    // A browser does not tell a page why a connection was refused: ask the dashboard.
    if (!opened && await signedOut()) this.setState("signed-out");
    const wait = this.retryMs * (0.75 + Math.random() / 2); // not all pages at the same instant
    this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
    setTimeout(() => this.connect(), wait);
  }

  receive(data) {
    const at = performance.now();
    this.heardAt = at;
    if (typeof data !== "string") {
      this.emit("frames", { frames: parseFrames(data), at: at / 1000 });
      return;
    }
    for (const message of JSON.parse(data)) {
      if (message.t === "pong") this.pong(message, at);
      else this.emit(message.t, message);
    }
  }

  ping() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.heardAt > SILENCE_MS) {
      this.socket.close(); // a connection that is dead but was never closed
      return;
    }
    this.send({ t: "ping", c: performance.now() });
  }

  pong({ c, now }, at) {
    this.pings.push({ roundTrip: at - c, offset: now - (at + c) / 2000 });
    if (this.pings.length > PINGS_KEPT) this.pings.shift();
    // The quickest answer has the least room for error.
    this.offset = this.pings.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a)).offset;
  }

  send(request) {
    this.socket.send(JSON.stringify(request));
  }

  setState(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit("state");
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

async function signedOut() {
  try {
    return (await fetch("/session", { cache: "no-store" })).status === 401;
  } catch (error) {
    console.info("the dashboard cannot be reached either:", error);
    return false;
  }
}
