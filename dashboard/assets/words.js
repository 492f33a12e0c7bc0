// Names, symbols and number formats that people read.

export const PRIORITIES = ["high", "medium", "low", "technical"];

// IEC 60601-1-8 marks priorities with one to three exclamation marks beside colour and flashing.
export const SYMBOLS = { high: "!!!", medium: "!!", low: "!", technical: "" };

const ALARMS = {
  asystole: "Asystole",
  extreme_tachycardia: "Extreme tachycardia",
  extreme_bradycardia: "Extreme bradycardia",
  leadoff: "Lead off",
  nosignal: "No signal",
  no_signal: "No signal",
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

/** Most urgent alarm of a list, or null. */
export function worst(alarms) {
  return alarms.reduce((a, b) => (a === null || rank(b) < rank(a) ? b : a), null);
}

export function rank(alarm) {
  const rank = PRIORITIES.indexOf(alarm.priority);
  return rank < 0 ? PRIORITIES.length : rank;
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
