// What was recorded (dashboard/answers/review.py). Times are Unix seconds.

interface RecordedAlarm {
  kind: string;
  priority: Priority;
  at: number;
  /** Null: it goes on. */
  until: number | null;
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
  notes: string[];
}

/** Something that one can go to. */
interface ReviewEvent {
  /** Kind of an alarm, or `beat-` and a class. */
  kind: string;
  at: number;
}

/** What lies between two points of a strip. */
interface Measured {
  ms: number;
  mv: number;
  /** Beats per minute, if that were an RR interval; null for next to no time. */
  bpm: number | null;
}
