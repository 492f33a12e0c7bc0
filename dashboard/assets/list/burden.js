// How many alarms there were, of what, and how long: the alarm burden of a unit. Pure.

/** @type {Priority[]} */
export const PRIORITIES = ["high", "medium", "low", "technical"];

/**
 * Whether a row is among those asked for.
 * @param {ListedAlarm} alarm
 * @param {AlarmFilter} filter
 * @param {string} title what it is called on the page
 * @returns {boolean}
 */
export function matches(alarm, { device, unit, kind, priority, open, words }, title) {
  if (unit !== "" && alarm.unit !== unit) return false;
  if (device !== "" && alarm.device !== device) return false;
  if (kind !== "" && alarm.kind !== kind) return false;
  if (priority !== "" && alarm.priority !== priority) return false;
  if (open && alarm.presence === "Off") return false;
  const text = `${alarm.device} ${title} ${alarm.acked_by ?? ""} ${alarm.reason_text ?? ""}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/**
 * When its condition began, Unix s.
 * @param {ListedAlarm} alarm
 * @returns {number}
 */
export function beganAt(alarm) {
  return alarm.onset_at ?? alarm.raised_at;
}

/**
 * How long the condition has been present, s.
 * @param {ListedAlarm} alarm
 * @param {number} now Unix s
 * @returns {number}
 */
export function lasted(alarm, now) {
  return Math.max(0, (alarm.cleared_at ?? now) - beganAt(alarm));
}

/**
 * Counts and times of the alarms of each bed, or of each kind: the most frequent first.
 * @param {ListedAlarm[]} alarms
 * @param {"device" | "kind"} by
 * @param {number} since Unix s; what was present before does not count in the time
 * @param {number} now Unix s
 * @returns {AlarmShare[]}
 */
export function burdenOf(alarms, by, since, now) {
  /** @type {Map<string, ListedAlarm[]>} */
  const groups = new Map();
  for (const alarm of alarms) {
    const group = groups.get(alarm[by]);
    if (group === undefined) groups.set(alarm[by], [alarm]);
    else group.push(alarm);
  }
  return [...groups].map(([name, group]) => ({
    name,
    count: group.length,
    counts: countsOf(group),
    present_s: union(group.map((alarm) => [
      Math.max(since, beganAt(alarm)), Math.min(now, alarm.cleared_at ?? now)])),
  })).sort((a, b) => b.count - a.count || b.present_s - a.present_s || (a.name < b.name ? -1 : 1));
}

/**
 * Alarms by the time at which they began, in `bins` equal parts; what began earlier is left out.
 * @param {ListedAlarm[]} alarms
 * @param {number} since Unix s
 * @param {number} now Unix s
 * @param {number} bins
 * @returns {Record<Priority, number>[]}
 */
export function overTime(alarms, since, now, bins) {
  const parts = Array.from({ length: bins }, () => countsOf([]));
  for (const alarm of alarms) {
    const at = beganAt(alarm);
    if (at < since || at > now) continue;
    parts[Math.min(bins - 1, Math.floor(bins * (at - since) / (now - since)))][alarm.priority] += 1;
  }
  return parts;
}

/**
 * @param {ListedAlarm[]} alarms
 * @returns {Record<Priority, number>}
 */
function countsOf(alarms) {
  const counts = { high: 0, medium: 0, low: 0, technical: 0 };
  for (const { priority } of alarms) counts[priority] += 1;
  return counts;
}

/**
 * Length of what any of the spans covers: two alarms at a time are not twice the time.
 * @param {[number, number][]} spans
 * @returns {number}
 */
function union(spans) {
  let length = 0;
  let until = -Infinity;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    if (to <= until) continue;
    length += to - Math.max(from, until);
    until = to;
  }
  return length;
}
