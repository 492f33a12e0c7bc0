// What the page of devices is about (dashboard/answers/lists/devices.py).

type DeviceState = "sends" | "silent" | "offline" | "never" | "refused" | "turned_away";

/** What a device tells of itself; empty or null where it does not. */
interface ToldOfDevice {
  label: string;
  state: string;
  battery_pct: number | null;
  battery_low: boolean;
  charging: boolean | null;
  maker: string;
  model: string;
  serial: string;
  firmware: string;
  /** Names of the fields that could not be read. */
  odd: string[];
}

/** What the newest packets look like. */
interface PacketForm {
  /** When the newest came, Unix s. */
  at: number;
  boot: string;
  /** When this power-up began to send, Unix s. */
  since: number;
  /** Hz. */
  fs: number;
  leads: string[];
  /** Samples per lead of a packet. */
  samples: number;
  /** One past the last sample that is stored. */
  stored: number;
  /** By how much the device's clock is behind, s. */
  clock_off_s: number;
}

/** A device as the page shows it. Times in Unix s. */
interface ListedDevice {
  device: string;
  /** Whether it has a place: else it was never let in. */
  known: boolean;
  state: DeviceState;
  first_at: number | null;
  last_at: number | null;
  admitted: boolean;
  label: string;
  told: ToldOfDevice;
  form: PacketForm | null;
  /** Packets. */
  accepted: number;
  /** Packets by reason. */
  refused: Record<string, number>;
  refusal: { at: number, reason: string, problem: string } | null;
  /** Samples that never came, of all leads. */
  missing: number;
  alerts: { kind: string, lead: string | null }[];
  /** Id of a care unit; empty: of none. */
  unit: string;
}

interface DeviceList {
  now: number;
  /** Devices that may be known at a time. */
  most: number;
  known: number;
  /** Messages that name no device, by reason. */
  nobody: Record<string, number>;
  devices: ListedDevice[];
  units: UnitInfo[];
}

type DeviceTrouble = "silent" | "battery" | "refused" | "turned_away" | "alert" | "never" | "clock" | "odd";

type DeviceOrder = "trouble" | "label" | "device" | "state" | "battery" | "make" | "refused" | "unit";

/** Which devices are shown, and in which order; an empty text is all. */
interface DeviceFilter {
  /** The chosen one. */
  device: string;
  unit: string;
  state: string;
  /** Only those that need somebody. */
  trouble: boolean;
  words: string;
  sort: DeviceOrder;
  down: boolean;
}
