// The figures that all processes put into Redis (see dashboard/web/metrics.py), as sections of the
// system page: delays, processes, partitions, networks, the data store.

import { DelayBars, RecentCounts } from "./delaybars.js";
import { make, setText } from "../base/dom.js";
import { ltr, measure, number, t, tn } from "../base/i18n.js";
import { duration } from "../base/words.js";

const READ_EVERY_MS = 2000;
/** @type {Record<string, string>} */
const ROLES = {
  ingest: t("Reception"), detect: t("Analysis"), deliver: t("Delivery of alerts"),
  hub: t("Live traces"), dashboard: t("Pages"), explain: t("Explanations"),
  record: t("Recording"),
};
/** @type {Record<string, [title: string, explained: string]>} */
const STAGES = {
  device_to_ingest: [t("Device to reception"), t("beyond the quickest packet of the device")],
  ingest_to_detector: [t("Reception to analysis"), t("age of the newest packet analysed")],
  detector_to_hub: [t("Analysis to live traces"), t("beats, numbers and alarms")],
  ingest_to_hub: [t("Reception to live traces"), t("samples")],
};
/** @type {Record<string, string>} */
const NETWORKS = {
  qrs: t("QRS detector"), beats: t("Beat classifier"), autoencoder: t("Anomaly score"),
};

export class SystemFigures {
  /**
   * `own` is the section of what this browser measures itself.
   * @param {HTMLElement} own
   */
  constructor(own) {
    /** @type {Map<string, {bars: DelayBars, recent: RecentCounts}>} */
    this.stages = new Map();
    this.delays = make("div.delays", {}, ...Object.entries(STAGES).map(([stage, texts]) => {
      const bars = new DelayBars(...texts);
      this.stages.set(stage, { bars, recent: new RecentCounts() });
      return bars.element;
    }), own);
    this.problem = make("p.problem", { role: "status" });
    this.processes = make("tbody");
    this.partitions = make("tbody");
    this.store = make("dl.facts");
    this.networks = make("dl.facts");
    this.elements = [
      this.problem,
      section(t("Delays"), this.delays),
      section(t("Processes"), table([t("Part"), t("Where"), t("Processor"), t("Memory"),
        t("Throughput")], this.processes)),
      section(t("Partitions"), table([t("Partition"), t("Owner"), t("Owner changes"), t("Beds"),
        t("Analysis behind"), t("Last packet"), t("Packets kept"), t("Samples missing")],
      this.partitions)),
      make("div.columns", {}, section(t("Data store"), this.store),
        section(t("Networks in use"), this.networks)),
    ];
    void this.read();
  }

  async read() {
    try {
      const answer = await fetch("/system/figures", { cache: "no-store" });
      const figures = await answer.json();
      setText(this.problem, answer.ok ? "" : t("The data store does not answer"));
      if (answer.ok) this.show(figures);
    } catch (error) {
      console.info("no figures:", error);
      setText(this.problem, t("The dashboard cannot be reached"));
    }
    setTimeout(() => this.read(), READ_EVERY_MS);
  }

  /** @param {Figures} figures */
  show({ now, processes, partitions, redis, version }) {
    const hub = processes.find((one) => one.role === "hub");
    for (const [stage, { bars, recent }] of this.stages) {
      const delays = hub?.delays[stage];
      if (delays === undefined) continue;
      bars.show(delays.bounds_s, recent.take(delays.counts, performance.now()));
    }
    this.processes.replaceChildren(...processes.map(processRow));
    this.partitions.replaceChildren(...partitions.map((one, index) => partitionRow(one, index, now)));
    this.store.replaceChildren(...facts(storeFacts(redis)));
    const models = processes.find((one) => one.models)?.models ?? {};
    this.networks.replaceChildren(...facts([[t("ecg-monitor"), ltr(version)],
      ...Object.entries(models).map(([name, digest]) => networkFact(name, digest))]));
  }
}

/**
 * @param {string} name
 * @param {string} digest
 * @returns {[name: string, value: string]}
 */
function networkFact(name, digest) {
  return [NETWORKS[name] ?? name, ltr(digest)];
}

/**
 * @param {ProcessFigures} one
 * @returns {HTMLElement}
 */
function processRow(one) {
  /** @type {string[]} */
  const rates = [];
  if (one.accepted_per_s !== undefined) {
    rates.push(t("{n} packets/s accepted", { n: number(one.accepted_per_s, 1) }));
    rates.push(t("{n} packets/s refused", { n: number(one.refused_per_s, 1) }));
    rates.push(t("writing takes {time} (99 %)", { time: measure(one.write_ms_p99, "ms", 1) }));
    const away = Object.entries(one.brokers ?? {}).filter(([, away_s]) => away_s > 0);
    if (away.length > 0) rates.push(t("without {which}", { which: ltr(away.map(([name]) => name).join("; ")) }));
  }
  if (one.clients !== undefined) {
    rates.push(tn("{n} page open", "{n} pages open", one.clients));
    rates.push(tn("{n} packet read", "{n} packets read", one.packets));
  }
  if (one.copies_waiting !== undefined) {
    rates.push(tn("{n} segment to be copied", "{n} segments to be copied", one.copies_waiting));
    if (one.copies_held) rates.push(t("not copied: {why}", { why: one.copies_held }));
  }
  return row(ROLES[one.role] ?? one.role, ltr(`${one.host}:${one.pid}`),
    measure(one.cpu * 100, "%", 1), bytes(one.rss), rates.join(" · ") || "–");
}

/**
 * @param {PartitionFigures} one
 * @param {number} index
 * @param {number} now
 * @returns {HTMLElement}
 */
function partitionRow(one, index, now) {
  const behind = one.behind_s === null ? t("not running") : measure(one.behind_s, "s", 1);
  const packet = one.packet_at === null ? t("never")
    : t("{time} ago", { time: measure(Math.max(0, now - one.packet_at), "s", 1) });
  /** @param {number | null} value null: its server does not answer */
  const seen = (value) => (value === null ? "–" : number(value));
  return row(number(index), one.owners.map(ltr).join(", ") || t("nobody"),
    seen(one.epoch), seen(one.beds), one.packet_at === null ? "–" : behind, packet,
    seen(one.packets_kept), seen(one.beds === null ? null : one.counters.samples_missing ?? 0));
}

/**
 * @param {StoreFigures} redis
 * @returns {[name: string, value: string][]}
 */
function storeFacts(redis) {
  /**
   * @param {number | null | undefined} value
   * @param {(value: number) => string} text
   */
  const known = (value, text) => (value === undefined || value === null ? "–" : text(value));
  return [
    [t("Version"), ltr(redis.version)],
    [t("Running for"), known(redis.uptime_s, duration)],
    [t("Memory"), known(redis.memory, (memory) => (redis.memory_limit === null ? bytes(memory)
      : t("{used} of {limit}", { used: bytes(memory), limit: bytes(redis.memory_limit) })))],
    [t("Append-only file"), redis.aof ? t("{state}, {size}", {
      state: redis.aof_ok ? t("written") : t("writing fails"), size: bytes(redis.aof_bytes),
    }) : t("switched off")],
    [t("Disk"), known(redis.disk_free,
      (free) => t("{free} free of {size}", { free: bytes(free), size: bytes(redis.disk_size ?? NaN) }))],
    [t("Commands"), known(redis.commands_per_s, (n) => t("{n} per second", { n: number(n) }))],
    [t("Connections"), known(redis.clients, (n) => number(n))],
  ];
}

/**
 * @param {[name: string, value: string][]} pairs
 * @returns {HTMLElement[]}
 */
function facts(pairs) {
  return pairs.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
}

/**
 * @param {number} value
 * @returns {string}
 */
function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let shown = value;
  while (shown >= 1000 && unit < units.length - 1) {
    shown /= 1000;
    unit++;
  }
  return measure(shown, units[unit], shown < 10 && unit > 0 ? 1 : 0);
}

/**
 * @param {string} title
 * @param {HTMLElement} content
 * @returns {HTMLElement}
 */
export function section(title, content) {
  return make("section", {}, make("h2", {}, title), content);
}

/**
 * @param {string[]} columns
 * @param {HTMLElement} body
 * @returns {HTMLElement}
 */
export function table(columns, body) {
  const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)));
  return make("div.scroll", {}, make("table", {}, make("thead", {}, head), body));
}

/**
 * @param {string[]} cells
 * @returns {HTMLElement}
 */
export function row(...cells) {
  return make("tr", {}, ...cells.map((text) => make("td", {}, text)));
}
