// What the patient page reads (dashboard/answers/patients.py). Times are Unix seconds.

/** In the limit's own unit (patient/limitwords.js), or one of its words. */
type LimitValue = number | string;
/** By section and key. */
type Limits = Record<string, Record<string, LimitValue>>;
/** Priority, or "off", by kind of alarm. */
type AlarmLevels = Record<string, string>;

/** What a draft of a stay is about. */
interface StayFields {
  name: string;
  category: string;
  limits: Limits;
  alarms: AlarmLevels;
}

interface Admission extends StayFields {
  stay: string;
  patient: string;
  admitted_at: number;
  admitted_by: string;
}

/** What an editor of limits must know. */
interface LimitRules {
  /** Limits by category. */
  defaults: Record<string, Limits>;
  /** Least and greatest value by section and key, and whether it must be whole. */
  ranges: Record<string, Record<string, [number, number, boolean]>>;
  /** Words that a limit may have, by section and key. */
  choices: Record<string, Record<string, string[]>>;
  /** Keys of a section whose values must not fall. */
  rising: Record<string, string[][]>;
  alarms: AlarmLevels;
  /** Kinds of alarms that can be neither lowered nor turned off. */
  fixed: string[];
  levels: string[];
}

interface Note {
  at: number;
  by: string;
  text: string;
}

/** A field, "limits.rate.high_bpm", from what to what; null is the default. */
interface Change {
  field: string;
  old: LimitValue | null;
  new: LimitValue | null;
}

interface TrailEntry {
  at: number;
  who: string;
  what: string;
  patient?: string;
  /** The other bed of a transfer. */
  other?: string;
  /** Of a note. */
  text?: string;
  changes?: Change[];
}

interface PatientState extends LimitRules {
  device: string;
  /** Grows with each change; what is posted names the one that was shown. */
  version: number;
  by: string;
  admission: Admission | null;
  leaving: { to: string } | null;
  /** Whether the detector follows this version. */
  in_force: boolean;
  may_edit: boolean;
  /** Devices without a patient. */
  free: string[];
  notes: Note[];
  /** Newest first. */
  trail: TrailEntry[];
  /** What staff call the bed, else its device. */
  label: string;
  place: number | null;
  /** What has been set for the bed itself, to which nobody is admitted. */
  own: StayFields;
}

/** The state of a bed that has a patient. */
interface AdmittedState extends PatientState {
  admission: Admission;
}

/** What is wrong with a limit: no number, not whole, out of range, or on the wrong side of another. */
interface LimitProblem {
  number?: true;
  whole?: true;
  low?: number;
  high?: number;
  least?: LimitValue;
  most?: LimitValue;
  /** Key of the other limit. */
  other?: string;
}
