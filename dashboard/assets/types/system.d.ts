// What the pages of the system and of its users read (dashboard/web/metrics.py, dashboard/doors/people.py).
// Times are Unix seconds, sizes bytes.

/** Counts per bin; the last bin is open. */
interface Delays {
  bounds_s: number[];
  counts: number[];
}

interface ProcessFigures {
  role: string;
  host: string;
  pid: number;
  /** Cores in use. */
  cpu: number;
  rss: number;
  /** By stage. */
  delays: Record<string, Delays>;
  /** Digests by network. */
  models?: Record<string, string>;
  /** Of what receives packets; the two below are told with it. */
  accepted_per_s?: number;
  refused_per_s: number;
  write_ms_p99: number;
  /** Of several brokers: for how long each has been away, s, by what it is called. */
  brokers?: Record<string, number>;
  /** Of the hub; `packets` is told with it. */
  clients?: number;
  packets: number;
  /** Of a recorder that copies to a URL: segments that wait, and why they do if they should not. */
  copies_waiting?: number;
  copies_held?: string;
}

/** null: its server does not answer. */
interface PartitionFigures {
  owners: string[];
  epoch: number | null;
  beds: number | null;
  behind_s: number | null;
  packet_at: number | null;
  packets_kept: number | null;
  counters: Record<string, number>;
}

interface StoreFigures {
  version: string;
  uptime_s?: number | null;
  memory?: number | null;
  memory_limit: number | null;
  aof: boolean;
  aof_ok: boolean;
  aof_bytes: number;
  disk_free?: number | null;
  disk_size?: number | null;
  commands_per_s?: number | null;
  clients?: number | null;
}

interface Figures {
  now: number;
  version: string;
  processes: ProcessFigures[];
  partitions: PartitionFigures[];
  redis: StoreFigures;
}

interface Account {
  name: string;
  role: string;
  disabled: boolean;
  changed_at: number;
}

interface OpenSession {
  session: string;
  user: string;
  role: string;
  kind: string;
  /** Whether it is this page's. */
  own: boolean;
  address: string;
  /** Ids of the care units that a display was started for; none: all that its user sees. */
  units: string[];
  opened_at: number;
  left_s: number;
}

interface AccountEntry {
  at: number;
  by: string;
  what: string;
  user: string;
  address: string;
  detail: string;
}

interface People {
  users: Account[];
  sessions: OpenSession[];
  trail: AccountEntry[];
  care: AllUnits;
}
