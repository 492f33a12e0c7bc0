// The report of a shift (ecg_monitor/ward/shift, dashboard/answers/lists/shift.py). Times are Unix seconds,
// lengths are in seconds.

interface KindCount {
  kind: string;
  priority: Priority;
  count: number;
  acknowledged: number;
  longest_s: number;
  total_s: number;
}

interface AlarmFigures {
  /** Raised in the shift. */
  count: number;
  /** Raised before, and there when it began. */
  carried: number;
  priorities: Record<Priority, number>;
  kinds: KindCount[];
  acknowledged: number;
  median_ack_s: number | null;
  slowest_ack_s: number | null;
  /** By reason; "": in words alone. */
  reasons: Record<string, number>;
  words: { kind: string, reason: string, text: string, by: string, at: number }[];
  /** By the hour of the shift. */
  hours: number[];
}

/** A number, and the minute in which it was found. */
interface ShiftExtreme {
  value: number;
  at: number;
}

interface PvcHour {
  at: number;
  count: number;
  usable_s: number;
  per_hour: number | null;
}

interface HeartFigures {
  length_s: number;
  quality: Record<string, number>;
  monitored_s: number;
  no_data_s: number;
  rate_mean_bpm: number | null;
  rate_low: ShiftExtreme | null;
  rate_high: ShiftExtreme | null;
  beats: Record<BeatLabel, number>;
  pvc_per_hour: number | null;
  pvc_hours: PvcHour[];
  af_s: number;
  af_percent: number | null;
  st: { lead: string, median_mv: number, low_mv: number, high_mv: number }[];
}

interface PatientShift {
  stretch: {
    device: string;
    /** Empty: nobody was admitted. */
    stay: string;
    patient: string;
    name: string;
    legs: { device: string, since: number, until: number }[];
    moves: { what: string, at: number, by: string, device: string, other: string }[];
  };
  alarms: AlarmFigures;
  heart: HeartFigures;
  longest_af_s: number | null;
  longest_rr: ShiftExtreme | null;
  standbys: { device: string, since: number, until: number, reason: string, by: string }[];
  standby_s: number;
  notes: { text: string, by: string, at: number }[];
  /** With the category whose defaults held before. */
  changes: (Change & { by: string, at: number, category: string })[];
}

interface ShiftReport {
  since: number;
  until: number;
  now: number;
  /** From when on alarms are kept; null: in all of the shift. */
  alarms_since: number | null;
  trends_since: number | null;
  beds: number;
  patients: number;
  alarms: AlarmFigures;
  monitored_s: number;
  no_data_s: number;
  /** Null: the beds were monitored for less than an hour each. */
  alarms_per_hour: number | null;
  /** Places in `rows`. */
  worst: number[];
  rows: PatientShift[];
  /** Id of the care unit; empty: all beds, "-": beds of none. */
  unit: string;
  labels: Record<string, string>;
  units: UnitInfo[];
  rules: LimitRules;
}

/** What an address of the report asks for. */
interface AskedShift {
  unit: string;
  /** The last hours; null: from and to. */
  hours: number | null;
  from: number | null;
  to: number | null;
}
