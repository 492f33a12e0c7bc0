// Alarms and beds for tests, with what a test does not care about filled in.

/**
 * @param {Partial<Alarm>} fields
 * @returns {Alarm}
 */
export function alarm(fields) {
  return {
    id: "a", kind: "vt", lead: null, priority: "high", presence: "On", audio: "On", present: true,
    raised_at: 1, onset_at: 1, cleared_at: null, acked_by: null, acked_at: null, reason: null,
    reason_text: null, reason_by: null, reason_at: null, times: 1,
    first_at: null, late: false, escalation: 0, joined: false, left: false, why: "", ...fields,
  };
}

/**
 * @param {Partial<BedInfo>} fields
 * @returns {BedInfo}
 */
export function bedInfo(fields) {
  return {
    bed: 0, device: "a", label: "A", patient: "", category: "", discharged: false, alarms_off: [],
    rate_limits: [50, 120], status: "online", boot: "x", tag: 1, fs: 250, leads: ["II"], ...fields,
  };
}
