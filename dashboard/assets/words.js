// Names, symbols and number formats that people read.

export const PRIORITIES = ["high", "medium", "low", "technical"];

// IEC 60601-1-8 marks priorities with one to three exclamation marks beside colour and flashing.
export const SYMBOLS = { high: "!!!", medium: "!!", low: "!", technical: "" };

const ALARMS = {
  asystole: "Asystole",
  vf: "Ventricular fibrillation",
  vt_sustained: "Sustained VT",
  vt: "Ventricular tachycardia",
  extreme_tachycardia: "Extreme tachycardia",
  extreme_bradycardia: "Extreme bradycardia",
  ventricular_run: "Ventricular run",
  idioventricular: "Idioventricular rhythm",
  tachycardia: "Tachycardia",
  bradycardia: "Bradycardia",
  pause: "Pause",
  svt: "SVT",
  r_on_t: "R-on-T PVC",
  af: "Atrial fibrillation",
  couplet: "PVC couplet",
  bigeminy: "Bigeminy",
  trigeminy: "Trigeminy",
  pvc_rate: "Frequent PVCs",
  pac_run: "PAC run",
  missed_beat: "Missed beat",
  leadoff: "Lead off",
  noise: "Noisy signal",
};

const QUALITIES = { good: "good", poor: "poor", leadoff: "lead off", flat: "flat" };

/** Name of an alarm for people; an unknown kind is spelled out. */
export function alarmName(kind) {
  const spelled = kind.replaceAll("_", " ");
  return ALARMS[kind] ?? spelled.charAt(0).toUpperCase() + spelled.slice(1);
}

export function qualityName(quality) {
  return quality === null ? "–" : QUALITIES[quality] ?? quality;
}

/** Order of alarms: what nobody has acknowledged, then by priority, then what is still present. */
export function byUrgency(a, b) {
  return (a.presence === "Ack") - (b.presence === "Ack") || rank(a) - rank(b)
    || (a.presence === "Latch") - (b.presence === "Latch") || b.raised_at - a.raised_at;
}

/** What is active beside the alarm that is shown: how many, and the worst of their priorities. */
export function otherAlarms(active) {
  const others = active.slice(1).sort((a, b) => rank(a) - rank(b));
  return others.length === 0 ? { text: "", priority: null }
    : { text: `+${others.length}`, priority: others[0].priority };
}

function rank(alarm) {
  const rank = PRIORITIES.indexOf(alarm.priority);
  return rank < 0 ? PRIORITIES.length : rank;
}

/** An alarm in a word or two, with the mark of its priority or of its acknowledgement. */
export function alarmText(alarm) {
  const mark = alarm.presence === "Ack" ? "✓" : SYMBOLS[alarm.priority] ?? "";
  return `${mark} ${alarmName(alarm.kind)}`.trim();
}

/** Minutes and seconds that are left. */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function rate(heartRate) {
  return heartRate === null ? "--" : String(Math.round(heartRate));
}

export function milliseconds(value) {
  return value === null ? "–" : `${Math.round(value)} ms`;
}

export function timeOfDay(seconds) {
  return seconds === null || seconds === undefined
    ? "" : new Date(seconds * 1000).toLocaleTimeString("en-GB");
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Delay of a bed in words; a replay at another pace has none that means anything. */
export function delayText(bed) {
  const pace = bed.playout?.pace ?? 1;
  return pace === 1 ? milliseconds(bed.delays.percentile(0.5)) : `replay ×${pace}`;
}
