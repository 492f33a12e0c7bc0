// What the past of a bed looks like (dashboard/answers/history.py). Times are Unix seconds, `n` counts
// samples since the device's power-up.

/** A stay, or a time without one (ecg_monitor/ward/patients/stays.py). */
interface Span {
  device: string;
  stay: string;
  patient: string;
  since: number;
  /** Null: it goes on. */
  until: number | null;
}

/** A beat of whose class somebody asks why. */
interface AskedBeat {
  boot: string;
  n: number;
  at: number;
  label: BeatLabel | null;
}

/** An alarm, with the bed that raised it. */
interface PastAlarm extends Alarm {
  device: string;
}

interface KeptBeat extends AskedBeat {
  /** Bed where it was recorded: where the patient was then. */
  device: string;
  label: BeatLabel;
  rr_s: number | null;
  anomaly: number | null;
}

interface KeptBeats {
  counts: Record<BeatLabel, number>;
  /** Oldest first. */
  beats: KeptBeat[];
}

/** An averaged beat and the range of those averaged, mV. */
interface Shape {
  label: BeatLabel;
  /** Among those of its class, from 1 on; 0: the class has one. */
  form: number;
  count: number;
  mean: number[];
  low: number[];
  high: number[];
}

interface Shapes {
  fs: number;
  leads: string[];
  lead: number;
  /** Time ahead of the R peak and after it, s. */
  before_s: number;
  after_s: number;
  shapes: Shape[];
}

interface StripBeat {
  n: number;
  label: BeatLabel | null;
}

interface StripLead {
  name: string;
  /** Steps of the converter per mV, and its value at 0 mV. */
  gain: number;
  baseline: number;
  segments: { n: number; adc: number[] }[];
}

/** A stretch of signal (ecg_monitor/ward/alerts/evidence.py). */
interface Strip {
  boot: string;
  fs: number;
  from_n: number;
  to_n: number;
  leads: StripLead[];
  gaps: [number, number][];
  beats: StripBeat[];
}

interface BeatStrip extends Strip {
  /** Unix time of sample 0. */
  start: number;
}

interface Evidence extends Strip {
  onset_at: number | null;
  onset_n: number;
  /** In words, with the unit of `value` and `limit`. */
  rule: string;
  value: number | null;
  limit: number | null;
}

/** A column has a value, or null, for each of `at`. */
type Column = (number | null)[];

/** Numbers by the minute (ecg_monitor/ward/trends/table.py). */
interface Trend {
  at: number[];
  now: number;
  /** Heart rate, bpm. */
  hr: Column;
  hr_low: Column;
  hr_high: Column;
  /** Beats per hour. */
  pvc_h: Column;
  sve_h: Column;
  anomaly: Column;
  anomaly_high: Column;
  /** Shares of the time, %. */
  good: Column;
  af: Column;
  /** Intervals, ms. */
  pr_ms: Column;
  qrs_ms: Column;
  qt_ms: Column;
  qtc_ms: Column;
  /** By lead, mV. */
  st: Record<string, Column>;
  alarms: { kind: string; priority: Priority; raised_at: number; onset_at: number | null;
    /** Null: the condition is present. */
    cleared_at: number | null }[];
}

/** Heart rate variability (ecg_monitor/ward/trends/hrv.py). */
interface Variability {
  mean_nn_ms: number;
  sdnn_ms: number;
  rmssd_ms: number;
  /** A share, 0 to 1. */
  pnn50: number;
  sd1_ms: number;
  sd2_ms: number;
  lf_ms2: number;
  hf_ms2: number;
  lf_hf: number | null;
}

interface Rhythm {
  at: number[];
  rr_ms: number[];
  clean: boolean[];
  /** Indices of intervals that follow one that is clean as well. */
  pairs: number[];
  window_s: number;
  intervals: number;
  excluded: number;
  covered_s: number;
  variability: Variability | null;
}

interface Burden {
  percent: number | null;
  monitored_s: number;
}

/** Shares of the classes, 0 to 1. */
type Probabilities = Record<BeatLabel, number>;

/** Why a beat was called what it was called (detector/explain/answer.py). Signals are in mV. */
interface Explanation {
  label: BeatLabel;
  probabilities: Probabilities;
  /** What was said of it live, where that is known. */
  told: { label: BeatLabel } | null;
  /** Probabilities had it had the usual shape, or the usual timing. */
  usual_shape: Probabilities | null;
  usual_timing: Probabilities | null;
  paced: boolean;
  rhythm: string | null;
  rr: Record<"last_s" | "next_s" | "mean10_s" | "mean300_s", number | null>;
  leads: string[];
  fs: number;
  /** Time ahead of the R peak, s. */
  before_s: number;
  /** A row for each lead. */
  window: number[][];
  normal: { count: number; median: number[][]; low: number[][]; high: number[][] } | null;
  /** What the log odds of the class lose without a sample. */
  saliency: number[] | null;
  anomaly: number | null;
  anomalies: { histogram: number[]; below: number | null; count: number };
  rebuilt: Rebuilt | null;
  context_s: number;
}

interface Rebuilt {
  before_s: number;
  reconstruction: number[];
  residual: number[];
  error: number;
  usual: number;
  spread: number;
}
