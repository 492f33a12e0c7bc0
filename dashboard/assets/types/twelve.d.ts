// The resting ECG (dashboard/answers/twelve.py). Times are Unix seconds.

type LeadState = "given" | "derived" | "off" | "missing";

interface TwelveLead extends StripLead {
  state: LeadState;
}

/** Ten seconds in the twelve standard leads. */
interface TwelveWindow extends Strip {
  leads: TwelveLead[];
  /** Time of sample 0. */
  start: number;
  /** Nothing is shown of before. */
  oldest: number;
  /** Until the next ten seconds are whole, s; null: this window was asked for. */
  next_s: number | null;
  /** Leads that were detached at some time. */
  off: string[];
  /** What the device sends beside the standard leads. */
  others: string[];
}

type SheetName = "3x4" | "6x2" | "12x1" | "overlay";

/** How the sheet is asked for; gain in mm/mV. */
interface SheetWish {
  layout: SheetName;
  gain: number | null;
  rhythm: string;
  chosen: string[];
}

/** A lead for a part of the time: sample indices, and mm on the sheet. */
interface SheetCell {
  lead: TwelveLead;
  from: number;
  to: number;
  x: number;
  width: number;
}

/** Cells side by side, or over one another; places in mm. */
interface SheetRow {
  cells: SheetCell[];
  top: number;
  height: number;
  /** Where each lead's middle voltage lies. */
  zero: number;
  /** Whether it has room for the mark of 1 mV. */
  marked: boolean;
  cut: boolean;
}

/** A laid out sheet, in mm. */
interface Sheet {
  width: number;
  height: number;
  rows: SheetRow[];
  /** mm/mV. */
  gain: number;
  automatic: boolean;
  /** Middle voltage by lead, mV. */
  middle: Map<string, number>;
}

/** How good the network was at a label, on recordings that it had never seen. */
interface TestScore {
  auc: number;
  f1: number | null;
  positives: number;
  windows: number;
}

/** What the network says of one label. */
interface LabelResult {
  label: string;
  probability: number;
  threshold: number;
  decided: boolean;
  /** Least and largest probability with one lead fewer. */
  low: number;
  high: number;
  /** Log odds lost without each lead, in standard order. */
  leads: number[];
  /** Log odds lost without each part of the time. */
  parts: number[];
  test: TestScore;
}

/** What the network says of ten seconds, and why (detector/explain/twelve.py). */
interface Findings {
  network: string;
  labels: LabelResult[];
  part_s: number;
  leads: string[];
  derived: string[];
  missing: string[];
  flat: string[];
  gaps: Record<string, number>;
  contradictory: boolean;
  voltage_known: boolean;
  /** mV, by standard lead. */
  st_mv: Record<string, number>;
  /** mV, by standard lead: depressed from, elevated from (lowest and highest over age and sex). */
  st_limits_mv: Record<string, [below: number, low: number, high: number]>;
  st_beats: number;
  qrs_ms: number | null;
  /** What the detector has said; `present` has the time since when. */
  live: { same: boolean, at: number, reason: string | null, present: Record<string, number> } | null;
}

type LabelWords = Record<string, { name: string, meaning: string }>;

/** A bar of the ST map. */
interface StBar {
  /** As it is written: -aVR is turned round. */
  name: string;
  /** mV; null: not measured. */
  level: number | null;
  /** The guideline's limits, mV. */
  above: [low: number, high: number];
  below: number;
  beyond: boolean;
}
