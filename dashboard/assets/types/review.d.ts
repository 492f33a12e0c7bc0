// What was recorded (dashboard/answers/recorded/reading.py). Times are Unix seconds.

interface RecordedAlarm {
  kind: string;
  priority: Priority;
  at: number;
  /** Null: it goes on. */
  until: number | null;
  id: string;
  /** What reviewers said of it, the newest last. */
  said: { value: "true" | "false"; text: string; by: string; at: number }[];
}

/** A beat after review. */
interface RecordedBeat {
  n: number;
  /** Unix s. */
  at: number;
  label: BeatLabel | null;
  /** WFDB symbol that holds; empty: a reviewer deleted it. */
  symbol: string;
  /** That of the record; empty: a reviewer inserted it. */
  original: string;
  /** Who decided; empty: nobody has touched it. */
  by: string;
  disputed: boolean;
}

/** Ten seconds of all leads. */
interface RecordedStrip extends BeatStrip {
  beats: RecordedBeat[];
  /** Rhythms and notes of reviewers. */
  drawn: { from_n: number; to_n: number; rhythm: string; text: string; by: string }[];
  notes: string[];
}

/** An act of a reviewer (ecg_monitor/archive/annotations/acts.py). */
interface ReviewAct {
  id: number;
  what: "label" | "delete" | "insert" | "verdict" | "rhythm" | "note" | "undo" | "redo";
  start: number;
  end: number;
  by: string;
  at: number;
  value: string;
  text: string;
  before: string;
  target: number;
  count: number;
  holds: boolean;
}

/** When there is something, and the alarms. */
interface RecordedOverview {
  spans: [from: number, to: number][];
  alarms: RecordedAlarm[];
}

/** An hour drawn small. */
interface RecordedHour {
  from: number;
  leads: string[];
  lead: string;
  /** Columns in a minute. */
  columns: number;
  /** Column, from the hour's beginning, of the first that is told. */
  offset: number;
  /** Lowest and highest voltage in each column, mV; null: no sample. */
  low: (number | null)[];
  high: (number | null)[];
  beats: [at: number, label: BeatLabel][];
  /** Beats that are not as in the record. */
  corrected: number;
  notes: string[];
}

/** Something that one can go to. */
interface ReviewEvent {
  /** Kind of an alarm, or `beat-` and a class. */
  kind: string;
  at: number;
}

/** A day, minute by minute. */
interface RecordedDay {
  from: number;
  /** Beats N, S, V, F, Q of each minute. */
  counts: number[][];
  /** Lowest and highest heart rate of each minute, bpm; null: none is known. */
  lowest: (number | null)[];
  highest: (number | null)[];
}

/** Beats that look alike. */
interface RecordedForm {
  label: BeatLabel;
  /** mV. */
  mean: number[];
  drawn: number[][];
  /** When each beat is, ms from the beginning of the hour. */
  after_ms: number[];
}

interface RecordedForms {
  from: number;
  lead: string;
  before_s: number;
  after_s: number;
  forms: RecordedForm[];
}

/** What lies between two points of a strip. */
interface Measured {
  ms: number;
  mv: number;
  /** Beats per minute, if that were an RR interval; null for next to no time. */
  bpm: number | null;
}

/** An interval that can be taken away (dashboard/assets/recordings). */
interface ExportSpan {
  id: string;
  /** In words. */
  name: string;
  /** Unix s. */
  from: number;
  to: number;
}

/** An export that was asked for (dashboard/answers/recorded/exporting.py). */
interface ExportJob {
  id: string;
  format: string;
  /** Unix s. */
  from: number;
  to: number;
  state: "queued" | "running" | "finished" | "failed";
  /** Share that is done. */
  progress: number;
  /** Jobs that come before it; null unless it waits. */
  ahead: number | null;
  error: string | null;
  files: { name: string; size: number }[];
  notes: string[];
}

interface ExportList {
  /** Newest first. */
  exports: ExportJob[];
  workers: number;
  formats: { name: string; longest_s: number | null }[];
  /** How long an export is kept, s. */
  keep_s: number;
}

/** What is recorded of a bed (dashboard/answers/recorded/listing.py). */
interface RecordingRow {
  device: string;
  /** What the bed is called now. */
  label: string;
  /** Name of the care unit; empty: none. */
  unit: string;
  /** Unix s. */
  start: number;
  end: number;
  bytes: number;
  /** Longest stay of a record; 0: for ever. */
  days: number;
  /** Most that is kept; 0: no bound. */
  gb: number;
}

interface RecordingList {
  recordings: RecordingRow[];
  now: number;
  /** Care units of the setting that there are not. */
  unknown: string[];
}
