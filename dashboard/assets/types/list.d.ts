// What the list of alarms is about (dashboard/answers/lists/alarmlist.py).

/** An alarm as the list shows it. */
type ListedAlarm = Pick<Alarm, "id" | "kind" | "lead" | "priority" | "presence" | "present"
  | "onset_at" | "raised_at" | "cleared_at" | "acked_by" | "acked_at" | "reason" | "reason_text" | "times" | "joined"
  | "left" | "late"> & { device: string, unit?: string };

interface AlarmList {
  now: number;
  since: number;
  /** Older alarms may have been forgotten; null: none of those asked for. */
  known_since: number | null;
  /** Newest first. */
  alarms: ListedAlarm[];
  /** What beds are called, by device. */
  labels?: Record<string, string>;
  /** Care units that one may see. */
  units?: UnitInfo[];
}

/** Which alarms are shown; an empty text is all. */
interface AlarmFilter {
  device: string;
  /** Id of a care unit. */
  unit: string;
  kind: string;
  priority: string;
  /** Only those that still ask for somebody. */
  open: boolean;
  words: string;
}

/** Alarms of one bed, or of one kind. */
interface AlarmShare {
  name: string;
  count: number;
  counts: Record<Priority, number>;
  /** Time with at least one of them. */
  present_s: number;
}
