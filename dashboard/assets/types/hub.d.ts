// What the hub sends over its socket (dashboard/hub/core.py, bed.py, frames.py), as JSON but for frames.
// Unless said otherwise: times are Unix seconds, `n` counts samples since the device's power-up.

/** Priority of an alarm, from the most urgent; "technical" is of devices and electrodes. */
type Priority = "high" | "medium" | "low" | "technical";
/** How urgent an alarm looks (base/urgency.js): its priority, or that this heart is not watched. */
type Look = Priority | "unwatched";
/** Whether the signal of an alarm is on, was acknowledged, outlasts its condition, or is off. */
type Presence = "On" | "Ack" | "Latch" | "Off";
/** Class of a beat after ANSI/AAMI EC57. */
type BeatLabel = "N" | "S" | "V" | "F" | "Q";
/** How a bed's device is connected, as the page sees it. */
type Connection = "live" | "late" | "waiting" | "no-data" | "offline";
type Quality = "good" | "poor" | "leadoff" | "flat";
/** Colour of a trace and of what is marked on it, in CSS. */
type TraceColours = Record<BeatLabel | "trace" | "anomaly", string>;

interface Alarm {
  id: string;
  kind: string;
  /** Names of the leads that it is about, "V1" or "I, V1"; null where all leads show it. */
  lead: string | null;
  priority: Priority;
  presence: Presence;
  /** "On" if it is to be heard: not acknowledged, paused or outranked on its bed. */
  audio: string;
  /** Whether the condition is still present. */
  present: boolean;
  raised_at: number;
  onset_at: number | null;
  cleared_at: number | null;
  acked_by: string | null;
  acked_at: number | null;
  /** Why it came, as somebody said after acknowledging it; empty: in words alone. */
  reason: string | null;
  reason_text: string | null;
  reason_by: string | null;
  reason_at: number | null;
  /** How often the condition has come in its series, and when the first time was. */
  times: number;
  first_at: number | null;
  /** Whether it was found in samples that came late: it makes no sound. */
  late: boolean;
  /** Steps of escalation that it has taken. */
  escalation: number;
  /** Whether its signal goes on in that of the next of its series. */
  joined: boolean;
  /** Whether it ended with the patient's stay, acknowledged by nobody. */
  left: boolean;
  /** Why its signal is as it is. */
  why: string;
}

interface AudioPause {
  until: number;
  by: string;
}

/** The patient is away. "Away": the signal is gone as well. */
interface Standby {
  by: string;
  at: number;
  until: number;
  reason: string;
  phase: string;
}

/** A standby that has ended. */
interface Resumed {
  at: number;
  why: string;
  by: string;
}

interface BedInfo {
  /** Index of the bed at this hub. */
  bed: number;
  device: string;
  label: string;
  /** Where it stands on the wall, from 1; null: by its name. */
  place?: number | null;
  /** Id of its care unit; empty: it belongs to none. */
  unit?: string;
  /** When its device has last sent; null: not known. */
  heard_at?: number | null;
  patient: string;
  category: string;
  /** Whether its patient has been discharged. */
  discharged: boolean;
  /** Kinds of alarms that are turned off. */
  alarms_off: string[];
  /** Lower and upper limit of the heart rate in bpm; null is off. */
  rate_limits: [number | null, number | null];
  status: string;
  /** Names the power-up of the device. */
  boot: string;
  /** Names the stream among those of the bed: frames of another one are not taken. */
  tag: number;
  /** Sampling rate, Hz. */
  fs: number;
  leads: string[];
}

/** One lead of one packet (dashboard/hub/frames.py). */
interface Frame {
  leadOff: boolean;
  /** Whether it comes from the hub's memory. */
  history: boolean;
  bed: number;
  tag: number;
  /** Row of the lead. */
  lead: number;
  /** Index of the first sample. */
  n0: number;
  /** Unix time of sample 0. */
  start: number;
  /** When the system accepted the packet. */
  arrival: number;
  /** Sampling rate, Hz. */
  fs: number;
  /** Steps of the converter per mV. */
  gain: number;
  /** Converter's value at 0 mV. */
  baseline: number;
  samples: Int16Array;
  /** Places of pacemaker pulses, counted from `n0`. */
  pulses: Uint16Array;
}

/** A beat by its R peak. */
interface LiveBeat {
  n: number;
  /** Null until it is known. */
  label: BeatLabel | null;
  /** Interval to the beat before, s. */
  rr: number | null;
  /** Height of the R peak, mV. */
  amplitude: number | null;
  /** Score from 0 to 1; above 0.5 the beat is unusual for its patient. */
  anomaly: number | null;
  /** Whether a pacemaker pulse came just ahead of it: it is of class Q, and called P. */
  paced?: boolean;
}

interface BeatsMessage {
  bed: number;
  tag: number;
  /** n, label, rr, amplitude, anomaly: see LiveBeat. */
  beats: [number, BeatLabel | null, number | null, number | null, number | null][];
}

/** Numbers of the last second. */
interface Vitals {
  bed: number;
  tag: number;
  n: number;
  /** Heart rate, bpm. */
  hr: number | null;
  q: Quality;
  /** Ventricular beats of the last minute. */
  pvc?: number | null;
  rhythm?: string | null;
}

/** What the last average of normal beats shows. */
interface Measurement {
  bed: number;
  tag: number;
  n: number;
  /** Levels of the ST segment by the names of the leads, mV. */
  st: Record<string, number | null>;
  /** PR interval, ms; null where no P wave is locked to the QRS complex. */
  pr?: number | null;
  /** Width of the QRS complex, ms. */
  qrs?: number | null;
  /** QT interval, ms; null where the end of the T wave is not clear. */
  qt?: number | null;
  /** QT after Fridericia, ms. */
  qtc?: number | null;
}

interface AlarmsMessage {
  bed: number;
  /** Newest first. */
  alarms: Alarm[];
  pause: AudioPause | null;
  standby?: Standby | null;
  resumed?: Resumed | null;
}

/** How the hub and the analysis are. */
interface HubStatus {
  redis: "ok" | "stale";
  /** How far analysis is behind, s; null: it does not run. */
  behind_s: number | null;
  clients: number;
  packets: number;
  /** Kinds of what is wrong with the system. */
  conditions: string[];
  /** Share of the analysis that is ready, while it starts. */
  starting: number | null;
}

interface Refusal {
  at: number;
  device: string;
  error: string;
}

interface SystemStatus {
  partitions: { behind_s: number | null; silent_s: number | null; refusals: Refusal[] }[];
  /** By "device|kind". */
  counters: Record<string, number>;
  dropped: number;
  unreadable: number;
}

/** What a page asks the hub for (dashboard/hub/requests.py). */
interface Subscription {
  /** Devices. */
  beds: "all" | string[];
  /** How many leads of each bed. */
  leads: number | "all";
  /** Signal from the hub's memory, s. */
  history_s?: number;
  system?: boolean;
  alarms?: "all" | "shown";
  /** Id of the care unit whose beds alone are wanted, or "-" for those of none. */
  unit?: string;
}

/** What is known of a bed for its alarms alone. */
interface WardBed {
  device: string;
  label: string;
  /** Id of its care unit; empty: it belongs to none. */
  unit?: string;
  alarms: Alarm[];
  pause: AudioPause | null;
  standby?: Standby | null;
  resumed?: Resumed | null;
}

/** Events of stream/hub.js, with what they carry. */
interface HubEvents {
  open: undefined;
  state: undefined;
  bed: BedInfo;
  /** The hub knows this bed no more. */
  gone: { bed: number };
  /** `at` is when they came, s on the page's clock. */
  frames: { frames: Frame[], at: number };
  beats: BeatsMessage;
  vitals: Vitals;
  measurement: Measurement;
  alarms: AlarmsMessage;
  hub: HubStatus;
  system: SystemStatus;
  /** The care units that this session may see, and whether it sees all beds. */
  units: { units: UnitInfo[], all: boolean };
}

/** Events of stream/station.js. */
interface StationEvents {
  bed: import("../stream/bed.js").Bed;
  gone: import("../stream/bed.js").Bed;
  leads: import("../stream/bed.js").Bed;
  alarms: undefined;
  system: undefined;
}

/** Events of stream/ward.js. */
type WardEvents = Record<"change" | "alive" | "late", undefined>;
