// Files that were sent in and what was found in them (dashboard/studies). Times are seconds of the recording.

interface StudyJob {
  id: string;
  name: string;
  /** Bytes. */
  size: number;
  /** Name of an example; null: a file. */
  example: string | null;
  /** Unix s. */
  created_at: number;
  state: "queued" | "running" | "finished" | "failed";
  /** Share that is done. */
  progress: number;
  /** Jobs that come before it; null unless it waits. */
  ahead: number | null;
  error: string | null;
}

interface StudyList {
  /** Newest first. */
  jobs: StudyJob[];
  workers: number;
  most_mb: number;
  /** How long a file and its analysis are kept, s. */
  keep_s: number;
  /** Bytes of a piece. */
  piece: number;
  formats: { name: string; endings: string[] }[];
}

/** A table of text of which it is not sure how to read it (records/formats/text/preview.py). */
interface TableQuestion {
  columns: string[];
  /** Those that would be taken. */
  chosen: string[];
  rows: string[][];
  has_time: boolean;
  has_unit: boolean;
  /** That the values look like: mV, uV or V. */
  unit: string;
  doubt: string;
}

interface TableAnswer {
  leads: string[];
  fs: number | null;
  unit: string;
}

interface StudyMoment {
  value: number;
  at_s: number;
}

interface StudyRun {
  at_s: number;
  end_s: number;
  beats: number;
  bpm: number;
}

interface StudyAlarm {
  kind: string;
  priority: Priority;
  onset_s: number;
  cleared_s: number | null;
}

interface StudyFigures {
  quality_s: Record<"good" | "poor" | "leadoff" | "flat", number>;
  beats: number;
  counts: Record<BeatLabel, number>;
  rate: { mean: number | null; lowest: StudyMoment | null; highest: StudyMoment | null };
  pauses: StudyMoment[];
  pause_count: number;
  ventricular: StudyRun[];
  ventricular_count: number;
  supraventricular: StudyRun[];
  supraventricular_count: number;
  couplets: StudyRun[];
  couplet_count: number;
  af_s: number;
  af_longest: StudyMoment | null;
  hrv: { sdnn_ms: number; rmssd_ms: number } | null;
  intervals: { count: number; qrs_ms: number | null; pr_ms: number | null; qt_ms: number | null;
    qtc_ms: number | null; longest_qtc: StudyMoment | null };
}

/** A beat beside what the autoencoder made of it; of a table without that. */
interface StudyBeat {
  at_s: number;
  n: number;
  label: BeatLabel;
  score: number;
  fs: number;
  before_s: number;
  window: number[];
  rebuilt: number[];
}

interface StudyAverage {
  label: BeatLabel;
  count: number;
  fs: number;
  before_s: number;
  leads: { name: string; used: number; median: number[]; low: number[]; high: number[] }[];
}

interface StudyScore {
  tp: number;
  fn: number;
  fp: number;
  se: number | null;
  ppv: number | null;
}

type Confusion = Record<string, Record<string, number>>;

interface StudyReference {
  beats: number;
  /** What lies before is not counted, s. */
  from_s: number;
  qrs: StudyScore;
  veb: StudyScore | null;
  sveb: StudyScore | null;
  confusion: Confusion;
}

interface StudyTwelve {
  error?: string;
  model: string;
  labels: Record<string, number>;
  decisions: string[];
  thresholds: Record<string, number>;
  titles: Record<string, string>;
  judged_s: number;
  quality: { missing: string[]; derived: string[]; notes: string[] };
}

interface StudyTrend {
  step_s: number;
  /** Step, and the lowest and highest rate in it, bpm. */
  rate: [step: number, low: number, high: number][];
  rr: [at_s: number, rr_s: number, label: BeatLabel][];
}

interface StudyFile {
  name: string;
  size: number;
}

/** What was found in a recording. */
interface RecordingStudy {
  kind: "recording";
  record: string;
  fs: number;
  leads: string[];
  duration_s: number;
  comments: string[];
  holes: Record<string, { count: number; seconds: number; longest_s: number }>;
  notes: string[];
  files: StudyFile[];
  figures: StudyFigures;
  alarms: StudyAlarm[];
  alarm_count: number;
  trend: StudyTrend;
  unusual: StudyBeat[];
  averages: StudyAverage[];
  reference: StudyReference | null;
  twelve: StudyTwelve | null;
}

interface TableRow {
  row: number;
  label: string;
  score: number | null;
  reference: string | null;
}

/** What was found in a table that has a beat a row. */
interface TableStudy {
  kind: "beats";
  record: string;
  samples: number;
  beats: number;
  model: string;
  threshold: number;
  counts: Record<string, number>;
  rows: TableRow[];
  confusion: Confusion | null;
  unusual: (TableRow & { window: number[] })[];
  notes: string[];
  files: StudyFile[];
}

/** Something that one can go to in a study. */
interface StudyEvent {
  at_s: number;
  /** What is shown of it, beside its time. */
  cells: string[];
}
